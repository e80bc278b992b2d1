"""Findings: opened by evidence or people, in the way until closed, or accepted by a sign-off."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import CloseFinding, OpenFinding, RequestAcceptance
from lifecycle.facts import AnyFact
from lifecycle.finding_entries import MOST_FINDINGS
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from tests.lifecycle.definitions import OTHER, digest, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
RULE = {"blocks": ["high", "critical"], "accepted_by": "ciso", "due": "3 days"}
LEAK = {"id": "leak", "title": "A key is in the image.", "severity": "high"}
SLOW = {"id": "slow", "title": "It is slow.", "severity": "low"}


def _world(**changes: Any) -> World:
    return World(one_stage(findings=RULE, **changes))


def _scanned(**changes: Any) -> World:
    return _world(
        stage={"evidence": ["scan"]},
        evidence={"scan": {"from": ["scanner"], "findings": True}},
        **changes,
    )


def _scan(world: World, *found: Any, **changes: Any) -> list[AnyFact]:
    number = len(world.facts)
    given = {
        "source": "scanner",
        "value": {"findings": list(found)},
        "digest": digest(f"report {number}"),
        **changes,
    }
    world.now += timedelta(seconds=1)
    return world.attach("scan", **given)


def _open(world: World, person: str = "gus", **changes: Any) -> list[AnyFact]:
    given = {"title": "It leaks.", "severity": "high", **changes}
    return world.do(
        OpenFinding.model_validate(
            {"id": f"open-{len(world.facts)}", "by": person, "person": person, **given}
        )
    )


def _close(person: str, finding: str = "1", **changes: Any) -> CloseFinding:
    given = {"by": person, "person": person, "finding": finding, "resolution": "Fixed."}
    return CloseFinding.model_validate({"id": f"close-{person}", **given, **changes})


def _accept(world: World, finding: str = "1", person: str = "gus") -> list[AnyFact]:
    number = f"accept-{len(world.facts)}"
    return world.do(RequestAcceptance(id=number, by=person, person=person, finding=finding))


@pytest.mark.parametrize("severity", ["high", "critical"])
def test_a_blocking_finding_keeps_a_signed_stage_from_being_approved(severity: str) -> None:
    world = _world()
    _open(world, severity=severity)
    world.approve("review", "validator", "ben")
    assert world.status("review") == "asking"
    assert f"Finding 1 ({severity}) is open with Ben Ruiz or Cho Ruiz: It leaks." in (
        world.explained()
    )
    assert ("accountable", "ben") in world.waited_for()
    assert not world.gate().allowed
    world.do(_close("cho"))
    assert world.status("review") == "approved"
    assert world.gate().allowed


@pytest.mark.parametrize("severity", ["low", "medium"])
def test_a_lesser_finding_is_shown_and_blocks_nothing(severity: str) -> None:
    world = _world()
    _open(world, severity=severity)
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    (shown,) = view(world.state).findings
    assert (shown.status, shown.blocks, shown.severity) == ("open", False, severity)


def test_a_finding_on_an_approved_stage_closes_its_gates() -> None:
    world = _world()
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    _open(world)
    assert not world.gate().allowed
    assert world.gate().reasons[0].startswith("Finding 1 (high) is open with")
    assert world.status("review") == "approved"
    world.do(_close("ben"))
    assert world.gate().allowed


def test_a_finding_of_another_stage_is_not_in_the_way() -> None:
    stages = [
        {"name": name, "needs": [], "signoffs": [{"role": "validator", "statement": "I vouch."}]}
        for name in ("review", "other")
    ]
    world = _world(stages=stages, gates={"production": ["review"], "staging": ["other"]})
    _open(world, stage="other")
    world.approve("review", "validator", "ben")
    world.approve("other", "validator", "ben")
    assert (world.status("review"), world.status("other")) == ("approved", "asking")
    assert world.gate(gate="production").allowed
    assert not world.gate(gate="staging").allowed


def test_rules_alone_do_not_approve_over_a_blocking_finding() -> None:
    world = World(
        one_stage(
            stage={"signoffs": [], "accountable": "validator", "evidence": ["scan"]},
            evidence={"scan": {"findings": True}},
            findings=RULE,
        )
    )
    _scan(world, LEAK)
    assert world.status("review") == "collecting"
    assert "Finding 1 (high)" in world.explained()
    _scan(world)
    assert world.status("review") == "approved"


def test_a_lifecycle_without_findings_records_and_does_not_block() -> None:
    world = World(one_stage())
    _open(world, severity="critical")
    world.approve("review", "validator", "ben")
    assert world.gate().allowed


def test_evidence_opens_each_entry_once_and_closes_it_when_it_is_gone() -> None:
    world = _scanned()
    facts = _scan(world, LEAK, SLOW)
    assert kinds(facts).count("FindingOpened") == 2
    shown = view(world.state).findings
    assert [(f.id, f.title, f.stage, f.evidence) for f in shown] == [
        ("1", "A key is in the image.", "review", "scan"),
        ("2", "It is slow.", "review", "scan"),
    ]
    assert "FindingOpened" not in kinds(_scan(world, LEAK, SLOW))
    facts = _scan(world, SLOW)
    assert kinds(facts)[:2] == ["EvidenceAttached", "FindingClosed"]
    assert view(world.state).findings[0].resolution == "scan no longer reports it."
    assert "FindingOpened" in kinds(_scan(world, LEAK, SLOW))


@pytest.mark.parametrize(
    "changes", [{"source": "elsewhere"}, {"subject": OTHER}, {"time": START - DAY}]
)
def test_only_the_result_that_counts_says_what_is_gone(changes: dict[str, Any]) -> None:
    world = _scanned()
    _scan(world, LEAK)
    facts = _scan(world, **changes)
    assert "FindingClosed" not in kinds(facts)
    assert not world.gate().allowed


def test_a_failed_result_opens_its_findings_too() -> None:
    world = _scanned()
    assert "FindingOpened" in kinds(_scan(world, LEAK, verdict="fail"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "has no list `findings`"),
        ({"findings": "none"}, "has no list `findings`"),
        ({"findings": [{**LEAK, "severity": "awful"}]}, "at findings.0.severity"),
        ({"findings": ["leak"]}, "at findings.0"),
        ({"findings": [LEAK, LEAK]}, "reports the finding leak twice"),
    ],
)
def test_findings_that_cannot_be_read_leave_the_evidence_unmet(
    value: dict[str, Any], says: str
) -> None:
    world = _scanned()
    _scan(world, value=value)
    assert world.status("review") == "collecting"
    assert says in world.explained()
    assert "FindingOpened" not in kinds(world.facts)


def test_unreadable_findings_close_nothing() -> None:
    world = _scanned()
    _scan(world, LEAK)
    assert "FindingClosed" not in kinds(_scan(world, value={"findings": "none"}))


def test_more_findings_than_a_version_may_have_leave_the_evidence_unmet() -> None:
    world = _scanned()
    many = [{**SLOW, "id": str(number)} for number in range(MOST_FINDINGS)]
    _open(world, severity="low")
    _scan(world, *many)
    assert len(world.state.findings) == MOST_FINDINGS
    assert "more than the 100 findings that may be open" in world.explained()
    world.do(_close("gus"))
    assert world.status("review") == "asking"


def test_what_a_person_closed_stays_closed_for_the_same_bytes_only() -> None:
    world = _scanned()
    _scan(world, LEAK)
    world.do(_close("ben"))
    assert "FindingOpened" not in kinds(_scan(world, LEAK))
    world.change(OTHER)
    assert "FindingOpened" in kinds(_scan(world, LEAK, subject=OTHER))


@pytest.mark.parametrize(
    ("person", "scopes", "opens"),
    [
        ("gus", (), True),
        ("ben", (), True),
        ("stranger", (), False),
        ("", ("pipeline",), True),
        ("", ("auditor",), False),
        ("stranger", ("pipeline",), False),
    ],
)
def test_who_may_report_a_finding(person: str, scopes: tuple[str, ...], opens: bool) -> None:
    world = _world()
    command = OpenFinding(
        id="open", by=person or "key:x", person=person, scopes=scopes, title="It.", severity="low"
    )
    if opens:
        assert kinds(world.do(command)) == ["FindingOpened"]
    else:
        assert world.refused(command).code == "not-an-owner"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stage": "nowhere"}, "unknown-stage"),
        ({"owner": "stranger"}, "unknown-person"),
        ({"due": START}, "finding-past"),
    ],
)
def test_a_finding_that_names_what_is_not_there_is_refused(
    changes: dict[str, Any], code: str
) -> None:
    world = _world()
    command = OpenFinding.model_validate(
        {"id": "open", "by": "gus", "person": "gus", "title": "It.", "severity": "low", **changes}
    )
    assert world.refused(command).code == code


def test_a_hundred_findings_are_open_at_most() -> None:
    world = _world()
    for _ in range(MOST_FINDINGS):
        _open(world, severity="low")
    command = OpenFinding(id="more", by="gus", person="gus", title="It.", severity="low")
    assert world.refused(command).code == "too-many-findings"


@pytest.mark.parametrize(
    ("person", "severity", "code"),
    [
        ("hal", "high", None),  # its owner
        ("gus", "high", None),  # who opened it
        ("ben", "high", None),  # accountable
        ("dee", "high", "not-an-owner"),
        ("stranger", "high", "not-an-owner"),
        ("dee", "low", "not-an-owner"),
    ],
)
def test_who_may_close_a_finding(person: str, severity: str, code: str | None) -> None:
    world = _world()
    _open(world, owner="hal", severity=severity)
    if code is None:
        assert kinds(world.do(_close(person)))[0] == "FindingClosed"
    else:
        assert world.refused(_close(person)).code == code


def test_who_made_themselves_accountable_closes_nothing_by_it() -> None:
    own_hand = {"validator": {"ben": "ben"}}
    world = World(one_stage(findings=RULE), roster(given_by=own_hand))
    _open(world, severity="high")
    assert world.refused(_close("ben")).code == "not-an-owner"
    assert kinds(world.do(_close("gus")))[0] == "FindingClosed"


@pytest.mark.parametrize("how", ["opened", "owns", "answers for"])
@pytest.mark.parametrize(("severity", "code"), [("high", "may-not-clear"), ("low", None)])
def test_a_producer_clears_nothing_that_blocks(how: str, severity: str, code: str | None) -> None:
    world = World(one_stage(findings=RULE), producers=("git:cho",))
    _open(
        world,
        person="cho" if how == "opened" else "gus",
        owner="cho" if how == "owns" else None,
        severity=severity,
    )
    if code is None:
        world.do(_close("cho"))
        return
    refused = world.refused(_close("cho"))
    assert refused.code == code
    assert "Ben Ruiz" in refused.reason
    world.do(_close("ben"))


def test_a_key_closes_only_what_it_opened_and_what_does_not_block() -> None:
    world = _world()
    for severity in ("high", "low"):
        world.do(
            OpenFinding.model_validate(
                {
                    "id": severity, "by": "key:x", "scopes": ["pipeline"], "title": "It.",
                    "severity": severity,
                }
            )
        )  # fmt: skip
    assert world.refused(_close("", "1", by="key:x")).code == "may-not-clear"
    assert world.refused(_close("", "2", by="key:y")).code == "not-an-owner"
    assert kinds(world.do(_close("", "2", by="key:x"))) == ["FindingClosed"]


def test_a_closed_finding_is_closed_once() -> None:
    world = _world()
    _open(world)
    world.do(_close("ben"))
    refused = world.refused(_close("cho"))
    assert (refused.code, "open findings: none" in refused.reason) == ("unknown-finding", True)


def test_the_owner_and_the_accountable_are_told_once_that_it_is_overdue() -> None:
    world = _world()
    _open(world, owner="hal", due=START + DAY)
    assert next_deadline(world.state) == START + DAY
    assert kinds(world.tick_until(START + 10 * DAY)) == ["FindingOverdue"]
    told = [n.people for n in world.state.notices if n.kind == "finding_overdue"]
    assert told == [("hal", "ben", "cho")]
    assert ", overdue" in world.explained()


def test_who_deals_with_a_finding_is_told_when_it_opens() -> None:
    world = _world()
    _open(world, owner="hal")
    _open(world)
    assert [n.people for n in world.state.notices if n.kind == "finding"] == [
        ("hal",),
        ("ben", "cho"),
    ]


def test_the_risk_of_a_finding_is_accepted_by_a_signature_of_its_own() -> None:
    world = _world()
    _open(world)
    world.approve("review", "validator", "ben")
    assert kinds(_accept(world)) == ["AcceptanceRequested", "StageOpened", "OwnersAsked"]
    assert world.stage("finding.1").due == START + 3 * DAY
    assert view(world.state).findings[0].status == "acceptance_requested"
    assert not world.gate().allowed
    world.approve("finding.1", "ciso", "fay")
    assert (world.status("finding.1"), world.status("review")) == ("approved", "approved")
    assert view(world.state).findings[0].status == "accepted"
    assert world.gate().allowed


def test_other_bytes_void_the_acceptance() -> None:
    world = _world()
    _open(world)
    _accept(world)
    world.approve("finding.1", "ciso", "fay")
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert world.status("finding.1") == "asking"
    world.approve("review", "validator", "ben")
    assert not world.gate(OTHER).allowed
    world.approve("finding.1", "ciso", "fay")
    assert world.gate(OTHER).allowed


def test_an_acceptance_that_is_declined_leaves_the_finding_in_the_way() -> None:
    world = _world()
    _open(world)
    world.approve("review", "validator", "ben")
    _accept(world)
    world.decline("finding.1", "ciso", "fay")
    assert not world.gate().allowed
    assert "OwnersAsked" in kinds(_accept(world))
    world.approve("finding.1", "ciso", "fay")
    assert world.gate().allowed


def test_closing_a_finding_ends_its_acceptance() -> None:
    world = _world()
    _open(world)
    _accept(world)
    world.do(_close("ben"))
    assert world.status("finding.1") == "waiting"
    assert str(world.stage("finding.1").earlier["ciso"].status) == "void"
    assert world.tick_until(START + 30 * DAY) == []


def test_an_acceptance_is_asked_once() -> None:
    world = _world()
    _open(world)
    _accept(world)
    command = RequestAcceptance(id="again", by="gus", person="gus", finding="1")
    assert world.refused(command).code == "asked"
    world.approve("finding.1", "ciso", "fay")
    assert world.refused(command).code == "accepted"


@pytest.mark.parametrize("finding", ["2", "x"])
def test_the_acceptance_of_an_unknown_finding_is_refused(finding: str) -> None:
    world = _world()
    _open(world)
    command = RequestAcceptance(id="a", by="gus", person="gus", finding=finding)
    assert world.refused(command).code == "unknown-finding"


def test_without_a_role_that_accepts_there_is_no_acceptance() -> None:
    world = World(one_stage(findings={"blocks": ["high"]}))
    _open(world)
    command = RequestAcceptance(id="a", by="gus", person="gus", finding="1")
    assert world.refused(command).code == "no-acceptance"


def test_a_producer_accepts_no_risk_of_their_own_version() -> None:
    people = roster({"validator": ("ben",), "ciso": ("fay", "gus")})
    world = World(one_stage(findings=RULE), people, producers=("git:fay",))
    _open(world)
    _accept(world, person="hal")
    assert world.signoff("finding.1", "ciso").asked == ("gus",)
    refused = world.refused(world.decision("finding.1", "ciso", "fay"))
    assert refused.code == "producer-may-not-sign"


def test_an_acceptance_that_lapses_is_in_the_way_again() -> None:
    world = _world(trust={"valid_for": "30 days"})
    _open(world)
    _accept(world)
    world.approve("finding.1", "ciso", "fay")
    world.now += 20 * DAY
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    world.tick_until(START + 30 * DAY)
    assert not world.gate().allowed
    assert "OwnersAsked" in kinds(_accept(world))
