"""What a person who decides is answered."""

import pytest

from lifecycle.commands import Decide, RequestReview, Retire
from lifecycle.fact_values import Via
from lifecycle.stage_facts import SignedOff
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, classic, one_stage, roster
from tests.lifecycle.world import World, kinds


def test_a_decision_records_through_what_it_came() -> None:
    world = World(one_stage())
    via = Via(surface="slack", team="T1", slack_user="U1")
    (signed, *_) = world.approve("review", "validator", "ben", via=via, comment=" Fine. ")
    assert isinstance(signed, SignedOff)
    assert (signed.via, signed.right, signed.comment) == (via, "owner", "Fine.")


def test_the_same_command_again_changes_nothing() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    world.approve("review", "validator", "ben", id="click-1")
    assert world.approve("review", "validator", "cho", id="click-1") == []
    assert world.status("review") == "asking"


def test_a_message_that_changes_nothing_is_taken_once() -> None:
    world = World(one_stage())
    assert kinds(world.do(world.register(world.registration))) == ["NothingChanged"]
    assert kinds(world.do(RequestReview(id="request"))) == []


@pytest.mark.parametrize("person", ["dee", "hal", "trainer"])
def test_who_is_not_an_owner_is_told_who_is(person: str) -> None:
    refused = World(one_stage()).refused(World(one_stage()).decision("review", "validator", person))
    assert refused.code == "not-an-owner"
    assert refused.reason.endswith("is not asked to sign as validator; Ben Ruiz and Cho Ruiz may.")


@pytest.mark.parametrize("person", ["zoe", "email:zoe@example.com"])
def test_somebody_unknown_is_told_who_may_sign(person: str) -> None:
    world = World(one_stage())
    refused = world.refused(world.decision("review", "validator", person))
    assert refused.code == "not-an-owner"
    may = "Ben Ruiz and Cho Ruiz may."
    assert refused.reason == f"{person} is not asked to sign as validator; {may}"


def test_a_slack_account_of_nobody_is_told_to_have_it_linked() -> None:
    world = World(one_stage())
    via = Via(surface="slack", team="T1", slack_user="U1")
    refused = world.refused(world.decision("review", "validator", "", via=via))
    assert refused.code == "not-an-owner"
    assert "Your Slack account is not linked" in refused.reason
    assert "Ben Ruiz and Cho Ruiz may sign as validator" in refused.reason


@pytest.mark.parametrize(
    ("signoff", "code"),
    [
        ("nonsense", "unknown-signoff"),
        (f"{MODEL}:{VERSION}:review:x:validator", "unknown-signoff"),
        (f"{MODEL}:{VERSION}:review:²:validator", "unknown-signoff"),
        (signoff_id("other-model", VERSION, "review", 1, "validator"), "unknown-signoff"),
        (signoff_id(MODEL, "15", "review", 1, "validator"), "unknown-signoff"),
        (signoff_id(MODEL, VERSION, "absent", 1, "validator"), "unknown-signoff"),
        (signoff_id(MODEL, VERSION, "review", 1, "security"), "unknown-signoff"),
        (signoff_id(MODEL, VERSION, "review", 2, "validator"), "unknown-signoff"),
    ],
)
def test_a_signoff_that_is_none_is_refused(signoff: str, code: str) -> None:
    world = World(one_stage())
    right = world.decision("review", "validator", "ben")
    refused = world.refused(right.model_copy(update={"signoff": signoff}))
    assert refused.code == code
    assert refused.reason.endswith(".")


def test_a_decision_on_a_version_that_is_not_registered_is_refused() -> None:
    world = World(one_stage())
    command = world.decision("review", "validator", "ben")
    world.state = type(world.state)(model=MODEL, version=VERSION)
    assert world.refused(command).code == "unknown-signoff"


def test_a_stale_decision_is_told_what_changed_within_the_round() -> None:
    world = World(one_stage())
    seen = world.decision("review", "validator", "ben")
    world.change(OTHER)
    refused = world.refused(seen)
    assert refused.code == "other-revision"
    assert "artifact model changed from" in refused.reason
    assert world.signoff("review", "validator").revision in refused.reason
    assert world.status("review") == "asking"


def test_a_stale_decision_is_told_what_changed_over_several_revisions() -> None:
    world = World(one_stage())
    seen = world.decision("review", "validator", "ben")
    for letter in "bcd":
        world.change("sha256:" + letter * 64)
    assert "artifact model changed from" in world.refused(seen).reason


def test_a_decision_on_a_round_that_is_over_is_told_what_changed() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    seen = world.decision("review", "validator", "cho")
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    refused = world.refused(seen)
    assert refused.code == "other-revision"
    assert refused.reason.startswith("Round 1 of review is over. artifact model changed from")
    assert refused.reason.endswith("Decide on the request of round 2.")


def test_a_decision_while_the_next_round_waits_for_pipelines_says_so() -> None:
    world = World(classic())
    world.attach("datasheet")
    seen = world.decision("data", "data_steward", "ana")
    world.attach("datasheet", verdict="fail")
    refused = world.refused(seen)
    assert refused.code == "other-revision"
    assert "datasheet failed" in refused.reason
    assert refused.reason.endswith("You are asked again when fraud-scorer 14 is ready.")


def test_a_made_up_revision_is_refused() -> None:
    world = World(one_stage())
    refused = world.refused(world.decision("review", "validator", "ben", revision="sha256:x"))
    assert refused.code == "other-revision"


def test_a_decision_after_the_decision_is_told_by_whom() -> None:
    world = World(one_stage())
    world.approve("review", "validator", "ben")
    refused = world.refused(world.decision("review", "validator", "cho"))
    assert (refused.code, refused.reason) == (
        "decided", "This is decided already: approved by Ben Ruiz."
    )  # fmt: skip


def test_a_signoff_to_confirm_needs_a_comment() -> None:
    world = World(one_stage({"role": "validator", "confirm": True}))
    assert world.refused(world.decision("review", "validator", "ben", comment=" ")).code == (
        "comment-required"
    )
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_nothing_is_signed_on_a_version_that_is_retired() -> None:
    world = World(one_stage())
    seen = world.decision("review", "validator", "ben")
    world.do(Retire(id="retire", by="key:ci", reason="Too old."))
    refused = world.refused(seen)
    assert (refused.code, "retired: Too old." in refused.reason) == ("closed", True)


def test_a_refusal_changes_nothing() -> None:
    world = World(one_stage())
    before = world.state
    world.refused(world.decision("review", "validator", "dee"))
    assert world.state is before


def test_a_person_may_be_named_by_an_identity() -> None:
    world = World(one_stage(), roster({"validator": ("ben",)}))
    (signed, *_) = world.approve("review", "validator", "git:ben")
    assert isinstance(signed, SignedOff)
    assert signed.person == "ben"


def test_a_decision_reads_back_from_its_json() -> None:
    command = World(one_stage()).decision("review", "validator", "ben")
    assert Decide.model_validate_json(command.model_dump_json()) == command
