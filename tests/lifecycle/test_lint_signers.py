"""What is said where separation of duties, escalations and overrides leave a model nobody."""

from typing import Any

import pytest

from lifecycle.definition import Lifecycle
from lifecycle.lint import lint_model
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from tests.lifecycle.definitions import OWNERS, PEOPLE, STANDARD, classic, one_stage

INDEPENDENT = [
    {**stage, "independent_of": ["data"]} if stage["name"] == "validate" else stage
    for stage in classic().content()["stages"]
]
REVIEW = {"role": "security", "statement": "I reviewed it.", "due": "2 days"}


def _said(
    rules: Lifecycle,
    owners: dict[str, list[str]] | None = None,
    people: dict[str, dict[str, Any]] | None = None,
) -> list[str]:
    """Give what is said, as `severity: message`; everybody's manager is hal."""
    known = {
        name: PersonFile.model_validate(
            {"name": name.capitalize(), "manager": None if name == "hal" else "hal",
             **(people or {}).get(name, {})}
        )
        for name in PEOPLE
    }  # fmt: skip
    model = ModelFile.model_validate(
        {"model": "m", "lifecycle": "classic-ml", "risk": "high",
         "owners": {**OWNERS, **(owners or {})}}
    )  # fmt: skip
    groups = {"empty": GroupFile(members=()), "risk": GroupFile(members=("fay",))}
    rotation = {"people": ["gus"], "zone": "Europe/Paris", "starts": "2026-01-05T09:00:00"}
    rotations = {"ml": RotationFile.model_validate(rotation)}
    found = lint_model(rules, model, known, groups=groups, rotations=rotations)
    return [f"{one.severity}: {one.message}" for one in found]


def test_owners_who_sign_one_stage_each_have_nothing_to_say_about() -> None:
    assert _said(classic(stages=INDEPENDENT)) == []


@pytest.mark.parametrize("one_person", ["one_role", "any_role"])
def test_who_is_needed_at_both_of_two_independent_stages_is_named(one_person: str) -> None:
    rules = classic(stages=INDEPENDENT, separation={"one_person": one_person})
    assert _said(rules, {"data_steward": ["gus"]}) == []
    (said,) = _said(rules, {"data_steward": ["ben"]})
    assert said.startswith(
        "error: validate can't finish, since who signs at data may not sign there. "
    )


def test_a_second_owner_of_the_earlier_stage_leaves_the_first_free_to_sign_later() -> None:
    assert _said(classic(stages=INDEPENDENT), {"data_steward": ["ben", "ana"]}) == []


def test_a_producer_among_the_only_owners_is_named() -> None:
    (said,) = _said(classic(), people={"ben": {"identities": ["git:ben"]}})
    assert said == (
        "warning: validate can't finish for a version that Ben made (git:ben), since producers "
        "don't sign. The seats can't be filled: validator needs 2 more and only Cho may sign. "
        "Add an owner."
    )


@pytest.mark.parametrize(
    ("rules", "owners", "identities"),
    [
        (classic(), {"validator": ["ben", "cho", "gus"]}, ["git:ben"]),
        (classic(), {}, ["email:ben@example.com", "slack:T1/U1"]),
        (classic(separation={"never": ["requester"]}), {}, ["git:ben"]),
    ],
)
def test_who_may_be_spared_or_makes_nothing_is_not_named(
    rules: Lifecycle, owners: dict[str, list[str]], identities: list[str]
) -> None:
    assert _said(rules, owners, {"ben": {"identities": identities}}) == []


def test_advice_needs_no_seat() -> None:
    asked: list[dict[str, Any]] = [{"role": "validator"}, {"role": "security", "advisory": True}]
    owners = {"validator": ["ben"], "security": ["ben"]}
    assert not [one for one in _said(one_stage(*asked), owners) if "can't finish" in one]
    asked[1]["advisory"] = False
    assert [one for one in _said(one_stage(*asked), owners) if "can't finish" in one]


@pytest.mark.parametrize(("quorum", "is_told"), [(2, False), (3, True)])
def test_more_objections_than_people_can_never_be_made(quorum: int, is_told: bool) -> None:
    rules = one_stage({"role": "validator", "changes_quorum": quorum})
    said = [one for one in _said(rules) if "must request changes" in one]
    words = (
        "error: 3 must request changes as validator at review, and only 2 may; add an owner, or "
        "lower `changes_quorum`."
    )
    assert said == ([words] if is_told else [])


@pytest.mark.parametrize(
    ("target", "is_told"),
    [("person:gus", False), ("person:zoe", True), ("group:risk", False), ("group:none", True),
     ("group:empty", True), ("rotation:ml", False), ("rotation:none", True)],
)  # fmt: skip
def test_an_escalation_to_somebody_who_is_not_there_is_told(target: str, is_told: bool) -> None:
    steps = [*STANDARD, {"after": "200%", "tell": target}]
    said = _said(classic(escalations={"standard": steps}))
    words = f"error: classic-ml escalates to {target}, which is nobody who answers; describe the "
    assert [one.startswith(words) for one in said] == ([True] if is_told else [])


def test_managers_whom_nobody_has_are_told() -> None:
    (said,) = _said(classic(), people={"eve": {"manager": None}})
    assert said == (
        "warning: Silence at release is told to managers, and no owner of business_owner has one; "
        "add `manager` to the people."
    )


@pytest.mark.parametrize(
    ("changes", "owners", "words"),
    [
        ({"findings": {"accepted_by": "ciso"}}, {"ciso": []}, "warning: ciso accepts the risk of "),
        ({"override": {"roles": ["ciso"], "review": REVIEW}}, {"ciso": []},
         "warning: Only ciso may override, and nobody holds that; name an owner."),
        ({"override": {"roles": ["validator"], "review": {**REVIEW, "role": "ciso"}}}, {"ciso": []},
         "error: ciso reviews overrides and has no owner who can sign; name one, or trust is "),
    ],
)  # fmt: skip
def test_findings_and_overrides_need_somebody(
    changes: dict[str, Any], owners: dict[str, list[str]], words: str
) -> None:
    assert not [one for one in _said(classic(**changes)) if one.startswith(words)]
    assert [one for one in _said(classic(**changes), owners) if one.startswith(words)]
