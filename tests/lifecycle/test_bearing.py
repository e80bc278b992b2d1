"""What bears on who may sign at a stage is the same object just as long as it is the same."""

from datetime import timedelta

from lifecycle.bearing import bearing
from lifecycle.commands import Prepare
from lifecycle.eligibility import eligible_for
from lifecycle.state import Stage
from tests.lifecycle.definitions import roster
from tests.lifecycle.test_separation import BOTH, two_stages
from tests.lifecycle.world import World


def test_what_bears_on_a_stage_stays_over_facts_about_other_things() -> None:
    world = World(two_stages(), roster(BOTH))
    before = bearing(world.state, "release")
    world.wait(timedelta(hours=1))
    world.deploy()
    assert bearing(world.state, "release") is before


def test_a_signature_at_a_stage_bears_on_the_one_that_is_independent_of_it() -> None:
    world = World(two_stages(), roster(BOTH))
    before = bearing(world.state, "release")
    assert [m.id for m in eligible_for(world.state, ("security",), "release")] == ["ana", "dee"]
    world.approve("validate", "validator", "ana")
    assert bearing(world.state, "release") is not before
    assert [m.id for m in eligible_for(world.state, ("security",), "release")] == ["dee"]


def test_another_roster_bears_on_every_stage() -> None:
    world = World(two_stages(), roster(BOTH))
    before = bearing(world.state, "release")
    moved = roster({**BOTH, "security": ("ben",)}).model_copy(update={"number": 2})
    world.do(Prepare(roster=moved))
    assert bearing(world.state, "release") is not before
    assert [m.id for m in eligible_for(world.state, ("security",), "release")] == ["ben"]


def test_nothing_else_of_the_stages_can_be_read() -> None:
    world = World(two_stages(), roster(BOTH))
    part = bearing(world.state, "release")
    stages: dict[str, Stage] = part.stages  # type: ignore[attr-defined]  # a part of a state
    assert [*stages] == ["validate"]
