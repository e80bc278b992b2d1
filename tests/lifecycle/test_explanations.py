"""Who or what a version waits for, and what its gates answer."""

from datetime import timedelta

import pytest

from lifecycle.commands import AnyCommand, Prepare, Register, RequestReview
from lifecycle.decide import decide
from lifecycle.evolve import fold
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.projecting import replay, view
from lifecycle.state import blank
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, WEIGHTS, classic, one_stage, roster
from tests.lifecycle.world import START, World


def test_before_anything_is_known_it_is_being_set_up() -> None:
    assert explain(blank(MODEL, VERSION)).summary == "It is being set up."


def test_without_people_it_is_being_set_up_even_when_review_is_requested() -> None:
    world = World(one_stage())
    commands: list[AnyCommand] = [
        Register(id="a", **world.registration), Prepare(definition=one_stage()),
        RequestReview(id="b"),
    ]  # fmt: skip
    facts: list[AnyFact] = []
    for command in commands:
        facts += decide(fold(MODEL, VERSION, facts), command, START)
    assert explain(fold(MODEL, VERSION, facts)).summary == "It is being set up."


def test_a_version_that_nobody_asks_for_waits_for_its_producer() -> None:
    world = World(one_stage(), is_requested=False)
    assert world.explained() == "Registered; nobody has asked for review yet."
    assert world.waited_for() == [("producer", "git:trainer")]


def test_review_may_start_at_registration() -> None:
    world = World(one_stage(start="on_registration"), is_requested=False)
    assert world.status("review") == "asking"


def test_pipelines_are_named_with_what_they_owe_and_until_when() -> None:
    world = World(classic())
    world.attach("datasheet")
    world.approve("data", "data_steward", "ana")
    (waiting, other) = explain(world.state).waiting
    assert (waiting.kind, waiting.who, waiting.stage) == ("pipeline", "evaluation", "validate")
    assert waiting.why == "evaluation from evaluation has not arrived."
    assert (waiting.since, waiting.due) == (world.now, world.now + timedelta(days=2))
    assert other.who == "vuln_scan"


def test_owners_are_named_with_their_role_and_since_when() -> None:
    world = World(classic())
    world.attach("datasheet")
    (waiting,) = explain(world.state).waiting
    assert (waiting.kind, waiting.who, waiting.name, waiting.role) == (
        "owner", "ana", "Ana Ruiz", "data_steward"
    )  # fmt: skip
    assert (waiting.since, waiting.due) == (START, START + timedelta(days=3))
    assert world.explained() == "data: data_steward: Ana Ruiz must sign."


def test_a_missing_owner_is_looked_for_by_whoever_answers_for_the_stage() -> None:
    owners = {"data_steward": ("ana",), "validator": ()}
    world = World(
        one_stage({"role": "validator"}, stage={"accountable": "data_steward"}), roster(owners)
    )
    assert world.waited_for() == [("accountable", "ana")]
    assert world.state.notices[-1].kind == "unowned"
    assert world.state.notices[-1].people == ("ana", "hal")


def test_somebody_is_named_even_when_nobody_answers_for_the_stage() -> None:
    world = World(one_stage(), roster({}))
    assert world.waited_for() == [("accountable", "validator")]
    world = World(one_stage(), roster({}), producers=("git:zoe",))
    assert world.waited_for() == [("accountable", "validator")]


def test_evidence_that_grew_old_before_the_rest_arrived_is_named() -> None:
    rules = {"scan": {"max_age": "1 days"}, "other": {}}
    world = World(one_stage(stage={"evidence": ["scan", "other"]}, evidence=rules))
    world.attach("scan")
    world.now += timedelta(days=2)
    world.attach("other", time=START)
    assert world.waited_for() == [("pipeline", "scan")]


def test_an_approved_version_waits_for_nobody() -> None:
    world = World(one_stage())
    world.approve("review", "validator", "ben")
    told = explain(world.state)
    assert (told.waiting, told.summary) == (
        (), "Every stage stands approved; nobody is waited for."
    )  # fmt: skip


def test_the_gate_says_yes_for_these_bytes_and_no_for_others() -> None:
    world = World(one_stage())
    world.approve("review", "validator", "ben")
    yes, no = world.gate(), world.gate(OTHER)
    assert (yes.allowed, yes.reasons) == (
        True, ("Every stage that production needs stands approved.",)
    )  # fmt: skip
    assert [(a.person, a.name, a.role) for a in yes.approvals] == [("ben", "Ben Ruiz", "validator")]
    assert not no.allowed
    assert "is not what fraud-scorer 14 holds now" in no.reasons[0]
    assert no.approvals == ()


def test_an_unknown_gate_is_no_and_names_those_there_are() -> None:
    world = World(classic())
    assert world.gate(gate="moon").reasons == (
        "fraud-scorer 14 has no gate moon; its gates: staging or production.",
    )


def test_a_gate_needs_everything_that_its_stages_need() -> None:
    world = World(classic())
    world.evidence_arrives()
    assert world.gate(gate="staging").reasons == (
        "data: data_steward: Ana Ruiz must sign.",
        "validate: Starts when data stands approved.",
    )
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.approve("validate", "validator", "cho")
    assert world.gate(gate="staging").allowed
    assert not world.gate(gate="production").allowed


def test_bytes_that_nobody_signed_for_do_not_pass() -> None:
    asked = {"role": "validator", "binds": ["artifact.model"]}
    world = World(one_stage(asked), artifacts={"model": WEIGHTS, "notes": OTHER})
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    assert world.gate(OTHER).reasons[0].startswith("Nobody signed for")


def test_an_artifact_without_digest_opens_no_gate() -> None:
    world = World(one_stage(), artifacts={"model": None})
    assert "holds now (unknown)" in world.gate().reasons[0]


def test_replaying_the_facts_gives_the_view_of_the_fold() -> None:
    world = World(classic())
    world.approve_classic()
    world.change(OTHER)
    told = replay(MODEL, VERSION, world.facts)
    assert told == replay(MODEL, VERSION, list(world.facts))
    assert told.version == view(world.state) == view(fold(MODEL, VERSION, world.facts))


def test_every_signoff_that_ever_existed_keeps_its_row() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    for letter in "abc":
        world.approve("review", "validator", "ben")
        world.change("sha256:" + letter * 64)
    rows = replay(MODEL, VERSION, world.facts).signoffs
    assert [(r.round, str(r.status)) for r in rows.values()] == [
        (1, "void"), (2, "void"), (3, "void"), (4, "pending")
    ]  # fmt: skip
    assert [r.can_decide for r in rows.values()] == [(), (), (), ("ben", "cho")]


def test_each_message_has_an_outcome() -> None:
    world = World(one_stage())
    events = replay(MODEL, VERSION, world.facts).events
    assert {name: e.status for name, e in events.items()} == {
        "register": "applied", "request": "applied"
    }  # fmt: skip


@pytest.mark.parametrize("approvals", [0, 1, 2])
def test_a_row_says_how_far_its_quorum_is(approvals: int) -> None:
    world = World(one_stage({"role": "validator", "quorum": 2}))
    for person in ("ben", "cho")[:approvals]:
        world.approve("review", "validator", person)
    (row,) = view(world.state).stages[0].signoffs
    assert (row.approved, row.needed, len(row.decisions)) == (approvals, 2, approvals)
    assert [a.has_decided for a in row.asked] == [approvals > 0, approvals > 1]
    assert row.managers == (("hal",) if approvals < 2 else ())
