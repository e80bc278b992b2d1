"""What is said of a lifecycle that can't finish, or hardly means what it says."""

from copy import deepcopy
from typing import Any

import pytest

from lifecycle.definition import Lifecycle
from lifecycle.lint import Finding, lint
from tests.lifecycle.definitions import CLASSIC, classic

CLEAN = deepcopy(CLASSIC)
CLEAN["calendar"] = {"zone": "Europe/Paris", "hours": "09:00-17:30", "holidays": "FR"}
Keys = tuple[str | int, ...]


def _with(*changes: tuple[Keys, Any]) -> Lifecycle:
    """Give the reference lifecycle with the values at some paths replaced."""
    data = deepcopy(CLEAN)
    for path, value in changes:
        place: Any = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    return Lifecycle.model_validate(data)


def _found(lifecycle: Lifecycle, path: Keys) -> list[Finding]:
    return [finding for finding in lint(lifecycle) if finding.path == path]


def test_the_lifecycle_of_the_reference_has_nothing_to_say_about() -> None:
    assert lint(classic()) == ()


VALIDATE: Keys = ("stages", 1)
SECURITY: Keys = (*VALIDATE, "signoffs", 1)
ERRORS: list[tuple[Keys, Any, str]] = [
    (("roles", 4), "validator", "The role validator is declared twice"),
    ((*SECURITY, "role"), "auditor", "There is no role auditor; declare it under `roles`"),
    ((*SECURITY, "role"), "validator", "validate asks validator twice; use `quorum`"),
    ((*SECURITY, "when"), "model.risk ==", "The condition does not parse, correct it: "),
    ((*SECURITY, "when"), "weather.rain", "The condition does not parse, correct it: "),
    ((*SECURITY, "binds"), [], "binds to nothing and would stand for any bytes"),
    ((*SECURITY, "binds", 0), "weights", "weights is nothing to bind to; write evidence, "),
    ((*SECURITY, "binds", 0), "evidence.", "evidence. is nothing to bind to"),
    ((*SECURITY, "binds", 0), "artifact", "Say which artifact, as artifact.model"),
    ((*SECURITY, "binds", 0), "evidence.absent", "There is no evidence absent; declare it"),
    ((*VALIDATE, "name"), "data", "Two stages are called data; give one another name."),
    ((*VALIDATE, "accountable"), "auditor", "There is no role auditor; declare it"),
    ((*VALIDATE, "escalate"), "rapid", "There is no escalation rapid; choose from standard."),
    ((*VALIDATE, "needs", 0), "absent", "There is no stage absent, so validate never starts"),
    ((*VALIDATE, "evidence", 1), "absent", "There is no evidence absent; declare it"),
    ((*VALIDATE, "evidence", 1), "evaluation", "validate names evaluation twice; take one away."),
    ((*VALIDATE, "send_back_to", 1), "release", "validate does not need release"),
    ((*VALIDATE, "send_back_to", 1), "absent", "There is no stage absent; choose from data"),
    (("stages", 0, "needs"), ["release"], "need each other and never start: data → release"),
    (("stages", 0, "needs"), ["data"], "need each other and never start: data → data;"),
    (("gates", "production", 0), "absent", "There is no stage absent, so production never opens"),
    (("gates", "production"), [], "production names no stage and never opens; name one."),
    (("trust", "renew", 0), "absent", "There is no stage absent to renew"),
    (("trust", "renew_before"), "180 days", "180 days is not shorter than 180 days"),
    (("stages", 2, "due"), "181 days", "longer than the 180 days for which an approval stands"),
    (("reopen", 0, "stage"), "absent", "There is no stage absent to reopen"),
    (("reopen", 0, "roles", 0), "ciso", "validate does not ask ciso; choose from validator, "),
    (("reopen", 0, "when"), "alert.kind =", "The condition does not parse, correct it: "),
    (("evidence", "evaluation", "require"), "value >", "The condition does not parse"),
    (("escalations", "standard", 1, "tell"), "boss", "boss is nobody to tell; name manager, "),
    (("escalations", "standard", 1, "tell"), "owners", "owners is nobody to tell; name manager, "),
    (("escalations", "standard", 2, "ask"), "boss", "boss is nobody to ask; name manager, "),
    (("escalations", "standard"), [], "standard has no steps; add one"),
    (("calendar", "zone"), "Europe Paris", "Europe Paris is no time zone; write one as"),
    (("calendar", "zone"), "../../etc/passwd", "is no time zone; write one as"),
    (("calendar", "hours"), "17:30-09:00", "17:30-09:00 ends before it starts"),
    (("calendar", "hours"), "09:00-09:00", "09:00-09:00 ends before it starts"),
    (("calendar", "weekdays"), [], "There is no working day; name one"),
    (("roles", 4), "manager", "manager has a meaning of its own in escalations"),
]


@pytest.mark.parametrize(("path", "value", "words"), ERRORS)
def test_what_can_not_work_is_an_error_at_its_place(path: Keys, value: Any, words: str) -> None:
    start = [((*SECURITY, "binds"), ["artifacts"])] if "binds" in path else []
    findings = _found(_with(*start, (path, value)), path)
    assert [f.severity for f in findings if words in f.message] == ["error"], findings


WARNINGS: list[tuple[Keys, Any, Keys, str]] = [
    (("roles", 4), "press", ("roles", 4), "Nobody is asked as press; use the role"),
    (("gates",), {}, ("gates",), "There is no gate, so no deployment can be allowed"),
    (("gates",), {"staging": ["data"]}, (*VALIDATE, "name"), "No gate needs validate; add it"),
    (("separation", "never"), ["producer"], ("separation", "never"), "A requester may sign"),
    (("separation", "never"), ["requester"], ("separation", "never"), "A producer may sign"),
    (("evidence", "spare"), {}, ("evidence", "spare"), "No stage names spare; name it"),
    (("stages", 2, "due"), "59 minutes", ("stages", 2, "due"), "59 minutes is very short"),
    (("stages", 0, "evidence_due"), "5 seconds", ("stages", 0, "evidence_due"), "is very short"),
    (("evidence", "vuln_scan", "max_age"), "1 minute", ("evidence", "vuln_scan", "max_age"),
     "1 minute is very short"),
    (("escalations", "standard", 0, "after"), "30 seconds",
     ("escalations", "standard", 0, "after"), "30 seconds is very short"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), WARNINGS)
def test_what_is_hardly_meant_is_a_warning(path: Keys, value: Any, place: Keys, words: str) -> None:
    findings = _found(_with((path, value)), place)
    assert [f.severity for f in findings if words in f.message] == ["warning"], findings


def test_a_stage_without_signoffs_must_say_who_answers_for_it() -> None:
    rules = _with(
        (("stages", 2), {"name": "release", "needs": ["validate"]}),
        (("gates",), {"a": ["release"]}),
    )
    (finding,) = _found(rules, ("stages", 2, "accountable"))
    assert finding.message == (
        "release asks nobody; say which role answers for it under `accountable`."
    )


def test_a_stage_without_due_is_doubtful_and_wrong_under_shares_of_it() -> None:
    rules = _with((("stages", 2, "due"), None))
    (finding,) = _found(rules, ("stages", 2))
    assert (finding.severity, "has no `due`" in finding.message) == ("warning", True)
    (share,) = _found(rules, ("stages", 2, "escalate"))
    assert (share.severity, "steps at a share of `due`" in share.message) == ("error", True)


def test_a_stage_without_due_may_escalate_by_times_of_its_own() -> None:
    steps = [{"after": "2 days", "remind": "owners"}]
    rules = _with((("stages", 2, "due"), None), (("escalations", "own"), steps),
                  (("stages", 2, "escalate"), "own"))  # fmt: skip
    assert _found(rules, ("stages", 2, "escalate")) == []


def test_evidence_to_bind_to_may_be_collected_by_a_stage_that_is_needed() -> None:
    place = (*SECURITY, "binds")
    assert _found(_with((place, ["evidence.datasheet"])), (*place, 0)) == []
    unneeded = _with((place, ["evidence.datasheet"]), ((*VALIDATE, "needs"), []))
    (finding,) = _found(unneeded, (*place, 0))
    assert finding.message.startswith("Neither validate nor a stage it needs collects datasheet")


@pytest.mark.parametrize(
    "path",
    [("stages", 2, "due"), ("stages", 0, "evidence_due"), ("evidence", "vuln_scan", "max_age"),
     ("trust", "valid_for"), ("trust", "renew_before"), ("escalations", "standard", 0, "after")],
)  # fmt: skip
def test_business_time_needs_a_calendar(path: Keys) -> None:
    words = "needs working hours; add a `calendar`"
    assert not [f for f in _found(_with((path, "9 business days")), path) if words in f.message]
    without = _with((("calendar",), None), (path, "9 business days"))
    assert [f.severity for f in _found(without, path) if words in f.message] == ["error"]


def test_zones_are_looked_up_where_the_caller_knows_them() -> None:
    rules = _with((("calendar", "zone"), "Europe/Atlantis"))
    assert lint(rules) == ()
    (finding,) = lint(rules, knows_zone=lambda zone: zone == "Europe/Paris")
    assert finding.message == "Europe/Atlantis is no time zone; write one as Europe/Paris."


def test_a_circle_is_named_once() -> None:
    rules = _with((("stages", 0, "needs"), ["release"]))
    assert [f.path for f in lint(rules) if "never start:" in f.message] == [("stages", 0, "needs")]


def test_a_definition_that_is_too_large_to_carry_is_an_error() -> None:
    stages = [
        {**CLEAN["stages"][0], "name": f"data-{n}", "signoffs": [
            {"role": role, "statement": "x" * 999} for role in ("data_steward", "validator")
        ]}
        for n in range(40)
    ]  # fmt: skip
    rules = classic(stages=stages, gates={}, trust=None, reopen=[])
    (finding,) = [f for f in lint(rules) if f.path == ()]
    assert finding.severity == "error"
    assert "65536 are allowed" in finding.message


def test_an_alert_that_reopens_a_stage_of_rules_alone_is_doubtful() -> None:
    scan = {"name": "scan", "needs": [], "accountable": "security", "evidence": ["vuln_scan"]}
    rules = _with(
        (("stages",), [*CLEAN["stages"], scan]), (("gates", "scanned"), ["scan"]),
        (("reopen",), [{"event": "alert.raised", "stage": "scan"}]),
    )  # fmt: skip
    (finding,) = lint(rules)
    assert (finding.path, finding.severity) == (("reopen", 0, "stage"), "warning")


def test_no_definition_that_can_be_written_crashes_the_check() -> None:
    data = deepcopy(CLEAN)
    data["stages"][1] |= {"needs": ["validate", "absent"], "send_back_to": ["absent"]}
    data["gates"] = {"production": ["absent", "validate"]}
    assert {f.severity for f in lint(Lifecycle.model_validate(data))} >= {"error"}
