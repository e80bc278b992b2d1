"""Who is on call, and what changes with the shift."""

from datetime import timedelta
from typing import Any

from lifecycle.facts import RosterRead
from lifecycle.instants import next_deadline
from lifecycle.roster import Roster, Shift
from tests.lifecycle.absences import DAY, TWO, away, with_members
from tests.lifecycle.definitions import one_stage, roster
from tests.lifecycle.world import START, World, kinds


def _shifts(*people: str) -> tuple[Shift, ...]:
    week = timedelta(weeks=1)
    first = START - week
    return tuple(
        Shift(starts=first + n * week, until=first + (n + 1) * week, person=person)
        for n, person in enumerate(people)
    )


def _on_call(*people: str, **changes: Any) -> Roster:
    known = roster({"ciso": ("fay",)})
    return known.model_copy(
        update={
            "on_call": {"validator": ("ml-oncall",)},
            "rotations": {"ml-oncall": _shifts(*people)},
            **changes,
        }
    )


def test_who_is_on_call_is_asked_and_the_next_one_when_the_shift_changes() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben"))
    assert world.signoff("review", "validator").asked == ("ana",)
    at = START + timedelta(weeks=1)
    assert next_deadline(world.state) == at
    assert kinds(world.tick_until(at)) == ["RosterTurned", "OwnersChanged"]
    assert world.signoff("review", "validator").asked == ("ben",)
    assert world.refused(world.decision("review", "validator", "ana")).code == "not-an-owner"
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_vote_given_on_call_counts_after_the_shift() -> None:
    people = _on_call("cho", "ana", "ben", owners={"validator": ("dee",)})
    world = World(one_stage(TWO), people)
    world.approve("review", "validator", "ana")
    world.tick_until(START + timedelta(weeks=1))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_vote_of_who_was_taken_out_of_the_rotation_does_not_count() -> None:
    people = _on_call("cho", "ana", "ben", owners={"validator": ("dee",)})
    world = World(one_stage(TWO), people)
    world.approve("review", "validator", "ana")
    world.people(_on_call("cho", "ben", "cho", owners={"validator": ("dee",)}, number=2))
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))


def test_an_idle_version_does_not_tick_with_the_rotation() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben", "cho", "ana"))
    world.approve("review", "validator", "ana")
    assert next_deadline(world.state) is None


def test_a_shift_of_the_same_person_again_is_no_deadline() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ana", "ben"))
    assert next_deadline(world.state) == START + timedelta(weeks=2)


def test_shifts_that_passed_while_the_clock_was_late_are_no_deadline() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben", "ana", "cho"))
    assert kinds(world.wait(timedelta(days=15))) == ["RosterTurned"]
    assert world.signoff("review", "validator").asked == ("ana",)
    assert next_deadline(world.state) == START + timedelta(weeks=3)


def test_somebody_on_call_who_is_away_is_replaced_by_their_delegate() -> None:
    world = World(one_stage(), with_members(_on_call("cho", "ana", "ben"), away("ana", "gus")))
    world.tick_until(START + 2 * DAY)
    assert world.signoff("review", "validator").asked == ("gus",)


def test_the_same_roster_read_again_is_no_news_whoever_is_on_call_meanwhile() -> None:
    known = with_members(_on_call("cho", "ana", "ben"), away("ana", "gus"))
    world = World(one_stage(), known)
    world.tick_until(START + 2 * DAY)
    again = known.model_copy(update={"number": 9, "load": {"ana": 3}, "turns": {"validator": 2}})
    assert world.people(again) == []


def test_a_roster_is_turned_as_it_is_read() -> None:
    world = World(one_stage())
    world.now = START + 2 * DAY
    read = next(
        f
        for f in world.people(with_members(_on_call("cho", "ana"), away("eve", "gus"), number=2))
        if isinstance(f, RosterRead)
    )
    assert (read.roster.on_duty, read.roster.absent) == ({"ml-oncall": "ana"}, {"eve": "gus"})
