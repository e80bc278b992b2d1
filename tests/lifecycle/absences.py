"""Validators, some of whom are away, for tests."""

from datetime import timedelta
from typing import Any

from lifecycle.roster import Absence, Member, Roster
from tests.lifecycle.definitions import member, one_stage, roster
from tests.lifecycle.world import START, World

DAY = timedelta(days=1)
START_OF_LEAVE = START + DAY
END_OF_LEAVE = START + 5 * DAY
VALIDATORS: dict[str, tuple[str, ...]] = {"validator": ("ana", "ben", "cho"), "ciso": ("fay",)}
TWO = {"role": "validator", "quorum": 2}
ALL = {"role": "validator", "quorum": "all"}


def with_members(known: Roster, *members: Member, **changes: object) -> Roster:
    people = {**known.people, **{m.id: m for m in members}}
    return known.model_copy(update={"people": people, **changes})


def away(person: str, delegate: str | None = None, **changes: Any) -> Member:
    """Give somebody who is away from the second to the sixth day."""
    absence = Absence(starts=START_OF_LEAVE, until=END_OF_LEAVE, delegate=delegate, **changes)
    return member(person, manager="hal").model_copy(update={"away": (absence,)})


def validators_world(
    *signoffs: dict[str, Any], people: Roster | None = None, **changes: Any
) -> World:
    return World(one_stage(*signoffs, **changes), people or roster(VALIDATORS))
