"""Whom owners come to, by which ways, and what is said of those who come to nobody."""

from typing import Any

import pytest

from lifecycle.lint import lint_model
from lifecycle.lint_people import lint_group, lint_person, lint_rotation
from lifecycle.ownership import Crew, Known, Owners, circle_of
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from tests.lifecycle.definitions import OWNERS, PEOPLE, classic, one_stage

KNOWN = Known(
    managers={"ana": "dee", "ben": "dee", "cho": "eve", "dee": "fay"},
    groups={"risk": Crew(people=("cho", "ana"), given_by={"cho": "gus", "ana": "ana"})},
    rotations={"oncall": Crew(people=("ana", "ben"), given_by={"ana": "gus", "ben": "gus"})},
)


@pytest.mark.parametrize(
    ("refs", "people", "on_call"),
    [
        (("ana", "ben"), ("ana", "ben"), ()),
        (("ben", "group:risk", "ana"), ("ben", "cho", "ana"), ()),
        (("rotation:oncall",), (), ("oncall",)),
        (("rotation:oncall", "cho"), ("cho",), ("oncall",)),
        (("group:none", "rotation:none"), (), ("none",)),
        (("manager of other",), ("dee", "eve"), ()),
        (("manager of role",), (), ()),
        (("manager of nothing",), (), ()),
    ],
)
def test_owners_come_to_people_in_order_each_once(
    refs: tuple[str, ...], people: tuple[str, ...], on_call: tuple[str, ...]
) -> None:
    owners = Owners({"role": refs, "other": ("ana", "ben", "cho")}, KNOWN)
    assert owners.people("role") == people
    assert owners.rotations("role") == on_call


def test_managers_of_managers_are_found_and_circles_end() -> None:
    refs = {"a": ("ana",), "b": ("manager of a",), "c": ("manager of b",)}
    assert Owners(refs, KNOWN).people("c") == ("fay",)
    circle = {"a": ("manager of b",), "b": ("manager of c",), "c": ("manager of a",)}
    assert Owners(circle, KNOWN).people("a") == ()
    assert circle_of("a", circle) == ("a", "b", "c", "a")
    assert circle_of("c", refs) == ()


@pytest.mark.parametrize(
    ("refs", "given_by", "who", "giver"),
    [
        (("ana",), {"ana": "gus"}, "ana", "gus"),
        (("ana",), {"ana": "ana"}, "ana", "ana"),
        (("group:risk",), {"group:risk": "gus"}, "cho", "gus"),
        # Either the group was hers to fill, or it was hers to name.
        (("group:risk",), {"group:risk": "gus"}, "ana", "ana"),
        (("group:risk",), {"group:risk": "cho"}, "cho", "cho"),
        (("rotation:oncall",), {"rotation:oncall": "ben"}, "ben", "ben"),
        (("rotation:oncall",), {"rotation:oncall": "ben"}, "ana", "gus"),
        # One way that is not one's own doing is enough.
        (("group:risk", "ana"), {"group:risk": "gus", "ana": "gus"}, "ana", "gus"),
        (("ana", "group:risk"), {"group:risk": "gus", "ana": "gus"}, "ana", "gus"),
        (("group:risk", "rotation:oncall"),
         {"group:risk": "gus", "rotation:oncall": "gus"}, "ana", "gus"),
        (("manager of below",), {"manager of below": "gus"}, "dee", "gus"),
        (("manager of below",), {"manager of below": "dee"}, "dee", "dee"),
    ],
)  # fmt: skip
def test_a_role_is_given_by_whoever_had_the_last_word_or_by_oneself(
    refs: tuple[str, ...], given_by: dict[str, str], who: str, giver: str
) -> None:
    owners = Owners({"role": refs, "below": ("ben",)}, KNOWN, {"role": given_by})
    assert owners.givers("role")[who] == giver


@pytest.mark.parametrize(
    ("named_by", "below_by", "giver"),
    [("", "gus", "gus"), ("gus", "hal", "gus"), ("dee", "gus", "dee"), ("gus", "dee", "dee")],
)
def test_a_manager_who_had_a_hand_in_it_gave_themselves_the_role(
    named_by: str, below_by: str, giver: str
) -> None:
    known = KNOWN.model_copy(update={"named_by": {"ben": named_by}})
    given = {"role": {"manager of below": "gus"}, "below": {"ben": below_by}}
    owners = Owners({"role": ("manager of below",), "below": ("ben",)}, known, given)
    assert owners.givers("role") == {"dee": giver}


def _people(**changes: dict[str, Any]) -> dict[str, PersonFile]:
    everybody: dict[str, dict[str, Any]] = {name: {"name": name.capitalize()} for name in PEOPLE}
    everybody["trainer"] = {"machine": True}
    named = {*everybody, *changes}
    return {
        name: PersonFile.model_validate({**everybody.get(name, {}), **changes.get(name, {})})
        for name in sorted(named)
    }


GROUPS = {
    "risk": GroupFile(members=("dee", "ben")),
    "empty": GroupFile(members=()),
    "gone": GroupFile(members=("gone",)),
}
ROTATIONS = {
    name: RotationFile.model_validate(
        {"people": people, "zone": "UTC", "starts": "2026-01-05T09:00"}
    )
    for name, people in {"oncall": ["ben", "cho"], "left": ["gone"]}.items()
}


@pytest.mark.parametrize(
    ("owners", "severity", "path", "words"),
    [
        ({"security": ["group:none"]}, "error", ("owners", "security", 0), "no group none"),
        ({"security": ["rotation:none"]}, "error", ("owners", "security", 0), "no rotation none"),
        ({"security": ["group:empty"]}, "warning", ("owners", "security", 0),
         "Nobody in the group empty can sign"),
        ({"security": ["group:empty"]}, "error", ("owners", "security"),
         "security is asked to sign and its owners come to nobody who can sign"),
        ({"security": ["gone"]}, "warning", ("owners", "security", 0), "gone has left"),
        ({"security": ["gone"]}, "error", ("owners", "security"), "come to nobody"),
        ({"security": ["rotation:left"]}, "error", ("owners", "security", 0),
         "Nobody in the rotation left can sign"),
        ({"security": ["manager of ciso"], "ciso": ["manager of security"]}, "error",
         ("owners", "security", 0), "security → ciso → security name each other's managers"),
        ({"security": ["manager of gardener"]}, "error", ("owners", "security", 0),
         "gardener has no owner"),
        ({"security": ["manager of validator"]}, "error", ("owners", "security", 0),
         "no validator has a manager"),
        ({"validator": ["rotation:oncall"]}, "error", ("owners", "validator"),
         "only 1 may at a time"),
    ],
)  # fmt: skip
def test_each_owner_that_comes_to_nobody_is_named(
    owners: dict[str, list[str]], severity: str, path: tuple[str | int, ...], words: str
) -> None:
    model = ModelFile.model_validate(
        {"model": "m", "lifecycle": "classic-ml", "risk": "high", "owners": {**OWNERS, **owners}}
    )
    people = _people(gone={"left": True})
    found = lint_model(classic(), model, people, groups=GROUPS, rotations=ROTATIONS)
    assert [f.severity for f in found if f.path == path and words in f.message] == [severity], found


def test_seats_are_filled_by_members_of_groups() -> None:
    rules = one_stage({"role": "validator", "quorum": 2})
    file = {"model": "m", "lifecycle": "l", "owners": {**OWNERS, "validator": ["group:risk"]}}
    model = ModelFile.model_validate(file)
    assert not [
        f
        for f in lint_model(rules, model, _people(), groups=GROUPS)
        if f.severity == "error" and f.path == ("owners", "validator")
    ]
    people = _people(dee={"left": True})
    found = lint_model(rules, model, people, groups=GROUPS)
    assert any("only Ben may sign" in f.message for f in found)


@pytest.mark.parametrize(
    ("built_on", "bases", "words"),
    [
        (["m"], {"m": ()}, "m can't be built on itself"),
        (["base"], {}, "There is no model base"),
        (["base"], {"base": ("m",)}, "m → base → m are built on each other"),
        (["base"], {"base": ("low",), "low": ("m",)}, "m → base → low → m are built"),
        (["base"], {"base": ("low",), "low": ("base",)}, None),
        (["base"], None, None),
    ],
)
def test_models_are_built_on_known_others_and_in_no_circle(
    built_on: list[str], bases: dict[str, tuple[str, ...]] | None, words: str | None
) -> None:
    file = {"model": "m", "lifecycle": "l", "owners": OWNERS, "built_on": built_on}
    found = lint_model(classic(), ModelFile.model_validate(file), _people(), bases=bases)
    said = [f.message for f in found if f.path[:1] == ("built_on",)]
    assert (len(said) == 1 and words in said[0]) if words else not said


def _away(since: int, until: int, delegate: str | None) -> dict[str, Any]:
    return {
        "from": f"2026-03-{since:02}T00:00:00Z",
        "until": f"2026-03-{until:02}T00:00:00Z",
        "delegate": delegate,
    }


@pytest.mark.parametrize(
    ("away", "words"),
    [
        ({"ana": [(1, 9, "ben")]}, None),
        ({"ana": [(1, 9, None)]}, None),
        ({"ana": [(1, 9, "ana")]}, "ana can't stand in for themselves"),
        ({"ana": [(1, 9, "zoe")]}, "zoe is nobody known"),
        ({"ana": [(1, 9, "trainer")]}, "trainer is a machine"),
        ({"ana": [(1, 9, "gone")]}, "gone has left"),
        ({"ana": [(1, 5, "ben")], "ben": [(4, 9, "ana")]}, "ana → ben → ana"),
        ({"ana": [(1, 5, "ben")], "ben": [(5, 9, "ana")]}, None),
        ({"ana": [(1, 9, "ben")], "ben": [(2, 8, "cho")], "cho": [(3, 7, "ana")]},
         "ana → ben → cho → ana"),
        # Three overlap in pairs, and never all at once.
        ({"ana": [(1, 4, "ben")], "ben": [(3, 7, "cho")], "cho": [(6, 9, "ana")]}, None),
    ],
)  # fmt: skip
def test_who_stands_in_for_whom_makes_no_circle(
    away: dict[str, list[tuple[int, int, str | None]]], words: str | None
) -> None:
    said = {name: {"away": [_away(*one) for one in them]} for name, them in away.items()}
    people = _people(**said, gone={"left": True})
    found = [f.message for f in lint_person("ana", people)]
    assert (any(words in one for one in found)) if words else not found


@pytest.mark.parametrize("hours", ["17:00-09:00", "09:00-09:00"])
def test_hours_end_after_they_start(hours: str) -> None:
    (found,) = lint_person("ana", {"ana": PersonFile(hours=hours)}, path=("people", "ana"))
    assert (found.severity, found.path) == ("error", ("people", "ana", "hours"))


def test_members_are_people_who_are_known_and_there() -> None:
    people = _people(gone={"left": True})
    group = GroupFile(members=("zoe", "trainer", "gone", "ana", "ana"))
    assert [(f.severity, f.path) for f in lint_group(group, people)] == [
        ("error", ("members", 0)), ("error", ("members", 1)), ("warning", ("members", 2)),
        ("warning", ("members", 4)),
    ]  # fmt: skip
    file = {"people": ["gone"], "zone": "UTC", "starts": "2026-01-05T09:00"}
    over = _away(1, 2, None) | {"person": "zoe"}
    del over["delegate"]
    rotation = RotationFile.model_validate({**file, "overrides": [over]})
    assert [f.path for f in lint_rotation(rotation, people) if f.severity == "error"] == [
        ("people",), ("overrides", 0, "person"),
    ]  # fmt: skip
