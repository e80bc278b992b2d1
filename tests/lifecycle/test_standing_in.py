"""Who stands in for whom: groups, rotations, away periods, delegations, people who left."""

import pytest

from lifecycle.eligibility import people_named
from lifecycle.roster import Member, Roster
from tests.lifecycle.definitions import OWNERS, one_stage, roster
from tests.lifecycle.world import World


def _with(known: Roster, *members: Member, **changes: object) -> Roster:
    people = {**known.people, **{m.id: m for m in members}}
    return known.model_copy(update={"people": people, **changes})


@pytest.mark.parametrize(
    ("target", "people"),
    [
        ("person:ana", ("ana",)),
        ("person:nobody-known", ()),
        ("person:gus", ()),
        ("group:risk", ("dee", "fay")),
        ("group:unheard-of", ()),
        ("rotation:ml-oncall", ("eve",)),
        ("rotation:unheard-of", ()),
        ("validator", ("ben", "cho")),
        ("ciso", ("eve", "fay")),
    ],
)
def test_a_target_names_the_people_of_the_roster_who_are_there(
    target: str, people: tuple[str, ...]
) -> None:
    known = roster()
    gone = known.people["gus"].model_copy(update={"left": True})
    owners = {**OWNERS, "ciso": ("gus", "eve", "fay")}
    groups = {"risk": ("dee", "gus", "fay", "dee", "nobody-known")}
    known = _with(known, gone, owners=owners, groups=groups, on_duty={"ml-oncall": "eve"})
    state = World(one_stage()).state.model_copy(update={"roster": known})
    assert people_named(state, target) == people
