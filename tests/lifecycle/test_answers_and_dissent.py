"""What answers mean: advice, objections that are outvoted, comments and reasons that are due."""

from typing import Any

import pytest

from lifecycle.projecting import view
from lifecycle.signoff_facts import Dissented
from lifecycle.stage_facts import StageApproved, StageSentBack
from tests.lifecycle.definitions import OTHER, one_stage, roster
from tests.lifecycle.test_asking_rules import OWNED, owned, shown
from tests.lifecycle.world import World, kinds

ADVISED: list[dict[str, Any]] = [{"role": "validator"}, {"role": "security", "advisory": True}]
THREE: dict[str, tuple[str, ...]] = {"validator": ("ben", "cho", "eve")}


def test_a_stage_is_approved_without_advice_and_the_request_for_it_is_void() -> None:
    world = World(one_stage(*ADVISED), roster(OWNED))
    assert shown(world, "security").explanation == "security: Dee Ruiz may advise."
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))
    advice = shown(world, "security")
    assert (str(advice.status), advice.why) == (
        "void", "review was approved without it; it only advises."
    )  # fmt: skip
    assert [a.role for a in world.gate().approvals] == ["validator"]


def test_advice_that_was_given_is_part_of_the_approval() -> None:
    world = World(one_stage(*ADVISED), roster(OWNED))
    assert "StageApproved" not in kinds(world.approve("review", "security", "dee"))
    world.approve("review", "validator", "ben")
    assert [a.role for a in world.gate().approvals] == ["validator", "security"]


def test_advice_against_is_on_record_and_sends_nothing_back() -> None:
    world = World(one_stage(*ADVISED), roster(OWNED))
    assert kinds(world.decline("review", "security", "dee")) == ["Dissented"]
    (approved,) = [
        f for f in world.approve("review", "validator", "ben") if isinstance(f, StageApproved)
    ]
    assert [(d.role, d.person, d.comment) for d in approved.dissents] == [
        ("security", "dee", "Looked at it.")
    ]
    assert [d.name for d in view(world.state).stages[0].dissents] == ["Dee Ruiz"]
    assert world.gate().allowed


def test_advice_that_comes_too_late_is_refused_with_the_reason() -> None:
    world = World(one_stage(*ADVISED))
    late = world.decision("review", "security", "dee")
    world.approve("review", "validator", "ben")
    assert world.refused(late).reason == (
        "review is not asking for sign-offs now: review was approved without it; it only advises."
    )


def test_nobody_to_advise_makes_no_stage_unowned() -> None:
    world = World(one_stage(*ADVISED), roster(owned(security=())))
    assert world.status("review") == "asking"
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_changed_evidence_of_advice_alone_reopens_nothing() -> None:
    asked: list[dict[str, Any]] = [
        {"role": "validator", "binds": ["artifacts"]},
        {**ADVISED[1], "binds": ["evidence"]},
    ]
    world = World(
        one_stage(*asked, {"role": "ciso", "binds": ["artifacts"]},
                  stage={"evidence": ["scan"]}, evidence={"scan": {}}),
        roster(OWNED),
    )  # fmt: skip
    world.attach("scan")
    world.approve("review", "security", "dee")
    world.approve("review", "validator", "ben")
    facts = world.attach("scan", digest=OTHER)
    assert kinds(facts) == ["EvidenceAttached", "SignoffRevised"]
    assert str(world.signoff("review", "security").status) == "pending"
    world.approve("review", "ciso", "fay")
    assert world.gate().allowed
    assert kinds(world.attach("scan", digest="sha256:" + "1" * 64)) == ["EvidenceAttached"]
    assert world.gate().allowed


def test_somebody_needed_elsewhere_may_not_spend_themselves_on_advice() -> None:
    people = roster({"validator": ("ben",), "security": ("ben", "dee")})
    world = World(one_stage(*ADVISED), people)
    assert world.refused(world.decision("review", "security", "ben")).code == "needed-elsewhere"


def _weighed(quorum: Any = 2, **changes: Any) -> World:
    asked = {"role": "validator", "quorum": quorum, "changes_quorum": 2, **changes}
    return World(one_stage(asked), roster(THREE))


def test_fewer_objections_than_needed_are_dissent_and_the_next_person_sends_it_back() -> None:
    world = _weighed()
    assert kinds(world.decline("review", "validator", "ben", comment="No.")) == ["Dissented"]
    assert world.status("review") == "asking"
    assert world.explained().startswith("review: validator: Ben Ruiz asked for changes; ")
    facts = world.decline("review", "validator", "cho", comment="Nor I.")
    assert kinds(facts) == ["ChangesRequested", "StageSentBack"]
    assert [f.reason for f in facts if isinstance(f, StageSentBack)] == ["No. Nor I."]


def test_one_person_objects_once() -> None:
    world = _weighed()
    world.decline("review", "validator", "ben")
    again = world.decision("review", "validator", "ben", "request_changes")
    assert world.refused(again).code == "already-objected"


def test_an_overruled_objection_stays_visible_on_the_stage() -> None:
    world = _weighed()
    world.decline("review", "validator", "ben", comment="Too little data.")
    world.approve("review", "validator", "cho")
    world.approve("review", "validator", "eve")
    stage = view(world.state).stages[0]
    assert [(d.person, d.comment, d.approved_since) for d in stage.dissents] == [
        ("ben", "Too little data.", False)
    ]
    assert stage.explanation.summary == (
        "Approved by Cho Ruiz and Eve Ruiz. Ben Ruiz had asked for changes."
    )


def test_who_objected_may_approve_later_and_the_objection_no_longer_counts() -> None:
    world = _weighed()
    world.decline("review", "validator", "ben")
    world.approve("review", "validator", "ben")
    assert kinds(world.decline("review", "validator", "cho")) == ["Dissented"]
    assert "StageApproved" in kinds(world.approve("review", "validator", "eve"))
    dissents = view(world.state).stages[0].dissents
    assert [(d.person, d.approved_since) for d in dissents] == [("ben", True), ("cho", False)]


def test_who_approved_may_object_later_and_the_approval_no_longer_counts() -> None:
    world = _weighed()
    world.approve("review", "validator", "ben")
    world.decline("review", "validator", "ben")
    assert world.signoff("review", "validator").votes == ()
    assert "StageApproved" not in kinds(world.approve("review", "validator", "cho"))


def test_an_objection_to_other_bytes_no_longer_counts_and_stays_on_record() -> None:
    world = _weighed()
    world.decline("review", "validator", "ben")
    world.change(OTHER)
    assert kinds(world.decline("review", "validator", "cho")) == ["Dissented"]
    assert [d.person for d in shown(world, "validator").dissents] == ["ben", "cho"]


def test_an_objection_of_somebody_who_is_no_owner_any_more_does_not_count() -> None:
    world = _weighed()
    world.decline("review", "validator", "ben")
    world.people(roster({"validator": ("cho", "eve")}, number=2))
    assert kinds(world.decline("review", "validator", "cho")) == ["Dissented"]


def test_one_objection_sends_back_without_a_quorum_for_changes() -> None:
    world = World(one_stage({"role": "validator"}), roster(THREE))
    assert kinds(world.decline("review", "validator", "ben"))[0] == "ChangesRequested"


def test_a_required_comment_is_required_of_an_approval() -> None:
    world = World(one_stage({"role": "validator", "comment": "required"}))
    assert shown(world, "validator").comment_required
    refused = world.refused(world.decision("review", "validator", "ben", comment=" "))
    assert refused.code == "comment-required"
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben", comment="Read."))


REASONS = {"bias": "The evaluation shows bias.", "data": "The data is not documented."}
LISTED = (
    "give at least one of these: bias (The evaluation shows bias.); "
    "data (The data is not documented.)."
)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((), f"A reason is missing; {LISTED}"),
        (("mood",), f"mood is no reason here; {LISTED}"),
        (("bias", "mood"), f"mood is no reason here; {LISTED}"),
        (("bias", "data"), None),
    ],
)
def test_a_request_for_changes_names_reasons_where_the_lifecycle_lists_some(
    given: tuple[str, ...], sentence: str | None
) -> None:
    world = World(one_stage({"role": "validator", "changes_quorum": 2}, reasons=REASONS))
    assert shown(world, "validator").reasons == REASONS
    decision = world.decision("review", "validator", "ben", "request_changes", reasons=given)
    if sentence is None:
        (fact,) = world.do(decision)
        assert isinstance(fact, Dissented)
        assert fact.reasons == given
    else:
        assert world.refused(decision).reason == sentence


def test_reasons_without_a_list_and_with_an_approval_are_refused() -> None:
    world = World(one_stage())
    declined = world.decision("review", "validator", "ben", "request_changes", reasons=("bias",))
    assert world.refused(declined).code == "unknown-reason"
    approved = world.decision("review", "validator", "ben", reasons=("bias",))
    assert world.refused(approved).code == "unknown-reason"
