"""Matching people to seats."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.seats import RoleSeats, shortage
from tests.lifecycle.definitions import one_stage, roster
from tests.lifecycle.world import World

PEOPLE = "abcdef"


def _seats(*roles: tuple[int, str]) -> tuple[RoleSeats, ...]:
    return tuple(
        RoleSeats(role=f"role{index}", seats=count, candidates=tuple(people))
        for index, (count, people) in enumerate(roles)
    )


def _by_trying_everything(roles: tuple[RoleSeats, ...]) -> bool:
    wanted = [role.candidates for role in roles for _ in range(role.seats)]
    people = sorted({p for role in roles for p in role.candidates})
    return any(
        all(person in may for person, may in zip(order, wanted, strict=True))
        for order in permutations(people, len(wanted))
    )


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from(PEOPLE)).map(sorted)), max_size=3)
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_seats_are_filled_exactly_when_some_way_of_filling_them_exists(
    drawn: list[tuple[int, list[str]]],
) -> None:
    roles = _seats(*((count, "".join(people)) for count, people in drawn))
    found = shortage(roles, one_role_each=True)
    assert (found is None) == _by_trying_everything(roles)
    if found is not None:
        seats = sum(role.seats for role in found.roles)
        assert seats > len({p for role in found.roles for p in role.candidates})


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        (
            ((2, "ab"), (1, "a")),
            "Ana is needed twice: for role0 and role1. Add an owner to one of them.",
        ),
        (((1, ""),), "The seats can't be filled: role0 needs 1 more and nobody may sign."),
        (((3, "ab"),), "The seats can't be filled: role0 needs 3 more and only Ana, b may sign."),
        (
            ((1, "cd"), (2, "ab"), (1, "a")),
            "Ana is needed twice: for role1 and role2. Add an owner to one of them.",
        ),
    ],
)
def test_the_sentence_names_who_is_missing(
    roles: tuple[tuple[int, str], ...], sentence: str
) -> None:
    found = shortage(_seats(*roles), one_role_each=True)
    assert found is not None
    assert found.sentence({"a": "Ana"}).startswith(sentence)


def test_one_person_may_fill_several_roles_where_that_is_allowed() -> None:
    assert shortage(_seats((2, "ab"), (1, "a")), one_role_each=False) is None
    assert shortage(_seats((2, "a")), one_role_each=False) is not None


def test_hundreds_of_people_and_seats_need_no_deep_search() -> None:
    people = tuple(f"p{n}" for n in range(600))
    roles = (
        RoleSeats(role="all", seats=500, candidates=people[:500]),
        RoleSeats(role="some", seats=100, candidates=people),
    )
    assert shortage(roles, one_role_each=True) is None
    more = (*roles, RoleSeats(role="one", seats=1, candidates=people))
    assert shortage(more, one_role_each=True) is not None


OTHERS: list[tuple[dict[str, tuple[str, ...]], int, tuple[str, ...]]] = [
    ({"validator": ("hal",), "security": ("dee",)}, 2, ("hal",)),
    ({"security": ("dee", "ana")}, 2, ("hal",)),
    ({"security": ("hal",)}, 2, ("hal",)),
    ({}, 2, ()),
    ({"security": ("dee", "ana")}, 1, ()),
]


@pytest.mark.parametrize(("owners", "edition", "told"), OTHERS)
def test_managers_of_the_models_other_owners_hear_of_a_role_that_nobody_holds(
    owners: dict[str, tuple[str, ...]], edition: int, told: tuple[str, ...]
) -> None:
    rules = one_stage({"role": "validator", "quorum": 2})
    world = World(rules, roster(owners), edition=edition)
    assert world.status("review") == "unowned"
    (fact,) = [fact for fact in world.facts if fact.kind == "StageUnowned"]
    assert fact.model_dump()["told"] == told
