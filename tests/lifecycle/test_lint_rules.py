"""What is said of the rules of shared ownership where they can't work or are hardly meant."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from lifecycle.definition import Lifecycle
from lifecycle.lint import lint
from tests.lifecycle.definitions import CLASSIC, one_stage

Keys = tuple[str | int, ...]
VALIDATE: Keys = ("stages", 1)
RELEASE: Keys = ("stages", 2)
SECURITY: Keys = (*VALIDATE, "signoffs", 1)
FINDINGS = {"accepted_by": "ciso", "due": "2 days", "escalate": "standard"}
REVIEW = {"role": "security", "statement": "I reviewed it.", "due": "2 days"}
OVERRIDE = {"roles": ["ciso"], "review": REVIEW}
FREEZE = {"name": "Year end", "from": "2026-12-18T17:00:00Z", "until": "2027-01-04T09:00:00Z"}
FULL: dict[str, Any] = {
    **CLASSIC, "findings": FINDINGS, "override": OVERRIDE, "freezes": [FREEZE],
    "reopenings": {"at_most": 3, "within": "1 hour", "quiet": "5 minutes"},
}  # fmt: skip


def _with(*changes: tuple[Keys, Any]) -> Lifecycle:
    data = deepcopy(FULL)
    for path, value in changes:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    return Lifecycle.model_validate(data)


def _said(rules: Lifecycle, path: Keys, words: str) -> list[str]:
    return [f.severity for f in lint(rules) if f.path == path and words in f.message]


def test_a_lifecycle_with_all_of_it_has_nothing_to_say_about() -> None:
    assert lint(_with()) == ()


STEP: Keys = ("escalations", "standard", 2)
AFTER = "150%"
ERRORS: list[tuple[Keys, Any, Keys, str]] = [
    (STEP, {"after": AFTER, "ask": "boss"}, (*STEP, "ask"), "boss is nobody to ask; name manager"),
    (STEP, {"after": AFTER, "return_to": "absent"}, (*STEP, "return_to"),
     "There is no stage absent to return to; choose from data, validate, release."),
    (STEP, {"after": AFTER, "return_to": "validate"}, (*STEP, "return_to"),
     "data does not need validate, so it can't go back there"),
    ((*RELEASE, "independent_of"), ["absent"], (*RELEASE, "independent_of", 0),
     "There is no stage absent; choose from data, validate."),
    ((*VALIDATE, "independent_of"), ["release"], (*VALIDATE, "independent_of", 0),
     "validate does not need release, whose signers may be others by then"),
    ((*VALIDATE, "independent_of"), ["validate"], (*VALIDATE, "independent_of", 0),
     "validate does not need validate, whose signers"),
    ((*RELEASE, "name"), "override.now", (*RELEASE, "name"), "Names that begin with override. or"),
    ((*RELEASE, "name"), "finding.1", (*RELEASE, "name"), "give the stage another name."),
    (("findings", "accepted_by"), "boss", ("findings", "accepted_by"), "There is no role boss;"),
    (("findings", "escalate"), "rapid", ("findings", "escalate"), "There is no escalation rapid;"),
    (("findings", "due"), None, ("findings", "escalate"), "at a share of `due`, and an acceptance"),
    (("override", "roles"), ["ciso", "boss"], ("override", "roles", 1), "There is no role boss;"),
    (("override", "review", "role"), "boss", ("override", "review", "role"), "There is no role "),
    (("override", "review", "escalate"), "rapid", ("override", "review", "escalate"),
     "There is no escalation rapid; choose from standard."),
    (("override", "review", "due"), "181 days", ("override", "review", "due"),
     "security has 181 days to review an override, longer than the 180 days"),
    (("freezes", 0, "gates"), ["staging", "absent"], ("freezes", 0, "gates", 1),
     "There is no gate absent; choose from staging, production."),
    (("evidence", "datasheet", "require"), "1 > 2", ("evidence", "datasheet", "require"),
     "never true, so datasheet is never met"),
    (("evidence", "datasheet", "require"), '"value" == "x"', ("evidence", "datasheet", "require"),
     "never true, so datasheet is never met"),
    (("stages", 0, "needs"), ["absent"], ("gates", "production", 0),
     "production never opens: release needs data, which never starts"),
    (("stages", 0, "needs"), ["validate"], ("gates", "staging", 0),
     "staging never opens: validate needs data, which never starts"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), ERRORS)
def test_what_can_not_work_is_an_error_at_its_place(
    path: Keys, value: Any, place: Keys, words: str
) -> None:
    rules = _with((path, value))
    assert set(_said(rules, place, words)) == {"error"}, lint(rules)


WARNINGS: list[tuple[Keys, Any, Keys, str]] = [
    (("escalations", "rapid"), [{"after": "1 day", "tell": "manager"}], ("escalations", "rapid"),
     "Nothing escalates by rapid; name it"),
    (("escalations", "standard", 0), {"after": "50%", "hold": True},
     ("escalations", "standard", 1, "after"), "never comes: at 50% the round is over (hold)"),
    (("escalations", "standard", 0), {"after": "50%", "expire": True}, (*STEP, "after"), "never"),
    (STEP, {"after": AFTER, "ask": "business_owner"}, (*STEP, "ask"),
     "At release business_owner is asked already, so this step asks nobody new"),
    (STEP, {"after": AFTER, "ask": "accountable"}, (*STEP, "ask"), "At data data_steward is asked"),
    (("findings", "blocks"), [], ("findings", "blocks"), "No finding blocks anything"),
    (("override", "roles"), ["security"], ("override", "review", "role"),
     "Only security may override, and reviews it too"),
    (("override", "at_most"), "30 minutes", ("override", "at_most"), "is very short for people"),
    (("freezes", 0, "until"), "2027-12-18T17:00:00Z", ("freezes", 0),
     "Year end keeps gates closed for 365 days"),
    (("freezes",), [FREEZE, FREEZE], ("freezes", 1), "Year end is listed twice"),
    (("evidence", "datasheet", "max_age"), "3 days", ("stages", 0, "evidence", 0),
     "datasheet is too old after 3 days and owners have 3 days, so data may ask again and again"),
    ((*VALIDATE, "due"), "31 days", (*VALIDATE, "due"), "renewal is asked only 30 days before"),
    ((*SECURITY, "when"), "true", (*SECURITY, "when"), "so security is always asked"),
    ((*SECURITY, "when"), "1 > 2", (*SECURITY, "when"), "so security is never asked"),
    ((*RELEASE, "signoffs"), [], RELEASE, "looks at no evidence, so it approves itself"),
    ((*RELEASE, "signoffs", 0, "when"), 'model.risk == "high"', (*RELEASE, "signoffs"),
     "where none is true the stage approves itself"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), WARNINGS)
def test_what_is_hardly_meant_is_a_warning(path: Keys, value: Any, place: Keys, words: str) -> None:
    rules = _with((path, value))
    assert _said(rules, place, words) == ["warning"], lint(rules)


RIGHT: list[tuple[Keys, Any]] = [
    (STEP, {"after": AFTER, "tell": "#model-governance"}),
    (STEP, {"after": AFTER, "ask": "person:ana"}),
    (STEP, {"after": AFTER, "ask": "group:risk"}),
    (STEP, {"after": AFTER, "tell": "rotation:ml-oncall"}),
    (STEP, {"after": AFTER, "hold": True}),
    ((*RELEASE, "independent_of"), ["data", "validate"]),
    (("freezes", 0, "gates"), ["staging"]),
    (("override", "roles"), ["security", "ciso"]),
    (("evidence", "datasheet", "max_age"), "4 days"),
    ((*SECURITY, "when"), 'model.layer == "platform"'),
]


@pytest.mark.parametrize(("path", "value"), RIGHT)
def test_what_works_is_not_complained_of(path: Keys, value: Any) -> None:
    assert lint(_with((path, value))) == ()


def test_a_chain_may_return_to_a_stage_that_all_who_use_it_need() -> None:
    returning = {"after": AFTER, "return_to": "data"}
    assert lint(_with((STEP, returning), (("findings",), None))) == ()
    place: Keys = ("findings", "escalate")
    words = "standard sends back to a stage, and an acceptance of a risk has none"
    assert _said(_with((STEP, returning)), place, words) == ["error"]


def test_whoever_nobody_signs_before_keeps_nobody_out() -> None:
    rules = _with(
        (("stages", 0, "signoffs"), []), ((*VALIDATE, "independent_of"), ["data"]),
        ((*VALIDATE, "send_back_to"), ["validate"]),
    )  # fmt: skip
    assert _said(rules, (*VALIDATE, "independent_of", 0), "Nobody signs at data") == ["warning"]


def test_evidence_that_opens_findings_needs_a_word_about_them() -> None:
    rules = _with((("findings",), None), (("evidence", "vuln_scan", "findings"), True))
    assert _said(rules, ("evidence", "vuln_scan", "findings"), "add `findings`.") == ["warning"]


@pytest.mark.parametrize(
    ("path", "value"),
    [(("findings", "due"), "2 business days"), (("override", "at_most"), "2 business hours"),
     (("override", "review", "due"), "2 business days"),
     (("reopenings", "quiet"), "2 business hours"), (("reopenings", "within"), "1 business day")],
)  # fmt: skip
def test_business_time_needs_a_calendar(path: Keys, value: str) -> None:
    assert lint(_with((path, value))) == ()
    without = _with((path, value), (("calendar",), None))
    assert _said(without, path, "needs working hours; add a `calendar`") == ["error"]


@pytest.mark.parametrize("statement", [{}, {"statement": None}, {"statement": "  "}])
def test_a_signoff_without_a_statement_is_told_in_words(statement: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Lifecycle.model_validate(
            {"lifecycle": "x", "roles": ["a"], "stages": [
                {"name": "s", "signoffs": [{"role": "a", **statement}]}]}
        )  # fmt: skip
    assert "a would sign nothing; write the sentence that is undersigned" in str(caught.value)


@pytest.mark.parametrize("quorum", [1, 2])
def test_objections_that_enough_people_are_asked_for_may_be_counted(quorum: int) -> None:
    rules = one_stage(
        {"role": "validator", "assign": {"rotate": 2}, "quorum": 2, "changes_quorum": quorum}
    )
    assert [f for f in lint(rules) if f.severity == "error"] == []


def test_more_objections_than_people_asked_may_come_from_others_and_is_a_warning() -> None:
    rules = _with(((*SECURITY, "changes_quorum"), 2), ((*SECURITY, "assign"), {"rotate": 1}))
    assert _said(rules, (*SECURITY, "changes_quorum"), "1 are asked as") == ["warning"]
