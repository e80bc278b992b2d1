"""What readers see of rounds that are over, and of versions whose story has ended."""

from lifecycle.commands import Retire
from lifecycle.projecting import replay, view
from lifecycle.state import StageStatus
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, WEIGHTS, classic, digest
from tests.lifecycle.world import World


def in_validation() -> World:
    world = World(classic())
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    return world


def test_a_round_that_is_over_shows_the_bytes_that_were_signed_for() -> None:
    world = in_validation()
    world.approve("validate", "validator", "ben")
    first = signoff_id(MODEL, VERSION, "validate", 1, "validator")

    world.change(OTHER)
    world.attach("evaluation", subject=OTHER, digest=digest("another report"))

    row = replay(MODEL, VERSION, world.facts).signoffs[first]
    assert [a.digest for a in row.artifacts] == [WEIGHTS]
    assert {e.subject for e in row.evidence} <= {WEIGHTS, None}
    assert [d.person for d in row.decisions] == ["ben"]
    assert row.status == "void"


def test_evidence_that_is_no_longer_held_is_said_to_be_replaced() -> None:
    world = in_validation()
    world.approve("validate", "validator", "ben")
    first = signoff_id(MODEL, VERSION, "validate", 1, "validator")

    world.attach("evaluation", digest=digest("another report"))

    row = replay(MODEL, VERSION, world.facts).signoffs[first]
    evaluation = next(e for e in row.evidence if e.name == "evaluation")
    assert not evaluation.is_met
    assert "replaced" in evaluation.why


def test_a_retired_version_asks_nobody_and_waits_for_nothing() -> None:
    world = in_validation()

    world.do(Retire(id="retire", reason="out of use"))

    shown = view(world.state)
    assert all(stage.status != StageStatus.ASKING for stage in shown.stages)
    assert shown.explanation.waiting == ()
    assert shown.next_deadline is None
    assert not any(s.can_decide for stage in shown.stages for s in stage.signoffs)
    assert "out of use" in shown.explanation.summary


def test_people_who_are_waited_for_stand_once_in_a_view() -> None:
    shown = view(in_validation().state)

    assert {w.who for w in shown.explanation.waiting} >= {"ben", "cho"}
    assert all(stage.explanation.waiting == () for stage in shown.stages)
