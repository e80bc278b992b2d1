"""What is said of owners who can't take a model through its lifecycle."""

from typing import Any

import pytest

from lifecycle.definition import Lifecycle
from lifecycle.lint import lint_model
from lifecycle.roster import ModelFile, PersonFile
from tests.lifecycle.definitions import OWNERS, PEOPLE, classic, one_stage


def _people(**changes: dict[str, Any]) -> dict[str, PersonFile]:
    everybody: dict[str, dict[str, Any]] = {name: {"name": name.capitalize()} for name in PEOPLE}
    everybody["trainer"] = {"machine": True}
    return {n: PersonFile.model_validate({**p, **changes.get(n, {})})
            for n, p in everybody.items()}  # fmt: skip


def _model(owners: dict[str, Any] | None = None, **changes: Any) -> ModelFile:
    named = {**OWNERS, **(owners or {})}
    return ModelFile.model_validate(
        {"model": "fraud-scorer", "lifecycle": "classic-ml", "risk": "high",
         "owners": {r: o for r, o in named.items() if o is not None}, **changes}
    )  # fmt: skip


def _said(
    owners: dict[str, Any] | None = None, lifecycle: Lifecycle | None = None, **changes: Any
) -> list[tuple[str, tuple[str | int, ...], str]]:
    managed = {name: {"manager": "hal"} for name in PEOPLE if name != "hal"}
    found = lint_model(lifecycle or classic(), _model(owners, **changes), _people(**managed))
    return [tuple(finding) for finding in found]  # type: ignore[misc]  # a Finding is this tuple


def test_a_model_with_its_owners_has_nothing_to_say_about() -> None:
    assert _said() == []


@pytest.mark.parametrize(
    ("owners", "severity", "path", "words"),
    [
        ({"business_owner": None}, "error", ("owners",),
         "business_owner is asked to sign and has no owner; name one under `owners`."),
        ({"business_owner": []}, "error", ("owners",), "business_owner is asked to sign"),
        ({"security": None}, "error", ("owners",), "security is asked to sign and has no owner"),
        ({"ciso": None}, "warning", ("owners",), "ciso is named in an escalation"),
        ({"security": ["zoe"]}, "error", ("owners", "security", 0),
         "zoe is nobody known; add zoe to the people first."),
        ({"security": ["dee", "trainer"]}, "error", ("owners", "security", 1),
         "trainer is a machine and can't sign; name a person."),
        ({"security": ["dee", "dee"]}, "warning", ("owners", "security", 1),
         "dee is named twice as security and counts once."),
        ({"gardener": ["dee"]}, "error", ("owners", "gardener"),
         "classic-ml has no role gardener; choose from data_steward, "),
        ({"validator": ["ben"]}, "error", ("owners", "validator"),
         "validate can't finish. The seats can't be filled: validator needs 2 more and only Ben"),
        ({"validator": ["ben", "ben"]}, "error", ("owners", "validator"), "needs 2 more"),
        ({"validator": ["ben", "trainer"]}, "error", ("owners", "validator"), "needs 2 more"),
        ({"security": ["ben"]}, "error", ("owners", "validator"),
         "validate can't finish. Ben is needed twice: for validator and security."),
    ],
)  # fmt: skip
def test_each_problem_of_owners_is_named(
    owners: dict[str, Any], severity: str, path: tuple[str | int, ...], words: str
) -> None:
    found = [f for f in _said(owners) if f[1] == path and words in f[2]]
    assert [f[0] for f in found] == [severity], _said(owners)


def test_a_role_that_this_model_never_asks_needs_no_owner() -> None:
    assert _said({"security": None}, risk="low") == []
    assert _said({"security": ["ben"]}, risk="low") == []


def test_a_role_that_evidence_may_ask_for_needs_an_owner() -> None:
    rules = one_stage({"role": "security", "when": "evidence.scan.value.high > 0"})
    found = _said({"security": None}, rules, risk="low")
    assert ("error", ("owners",)) in [f[:2] for f in found]


def test_an_accountable_role_needs_an_owner() -> None:
    rules = one_stage(stage={"signoffs": [], "accountable": "ciso"})
    found = _said({"ciso": None}, rules)
    assert "ciso is accountable and has no owner; name one under `owners`." in [f[2] for f in found]


def test_nobody_is_needed_twice_where_one_person_may_sign_any_role() -> None:
    rules = classic(separation={"one_person": "any_role"})
    assert _said({"security": ["ben"]}, rules) == []


def test_more_signers_than_a_version_can_carry_are_refused() -> None:
    rules = one_stage({"role": "validator", "quorum": "all"})
    crowd = {f"p{n}": PersonFile() for n in range(101)}
    model = _model({"validator": list(crowd)}, risk=None)
    found = lint_model(rules, model, {**_people(), **crowd})
    assert "101 approvals as validator, and 100 are allowed" in " ".join(f.message for f in found)


@pytest.mark.parametrize(
    ("managers", "words"),
    [
        ({"ana": "zoe"}, "zoe, the manager of ana, is nobody known; add the person."),
        ({"ana": "ana"}, "The managers form a circle: ana → ana; give one of them another"),
        ({"ana": "hal", "hal": "gus", "gus": "hal"}, "circle: ana → hal → gus → hal;"),
        ({"ana": "hal", "hal": "zoe"}, "zoe, the manager of hal, is nobody known"),
    ],
)
def test_managers_who_lead_nowhere_are_doubtful(managers: dict[str, str], words: str) -> None:
    people = _people(**{name: {"manager": manager} for name, manager in managers.items()})
    found = [f for f in lint_model(classic(), _model(), people) if words in f.message]
    assert [(f.severity, f.path) for f in found] == [("warning", ("owners", "data_steward", 0))]
