"""Findings that evidence reports: opened, closed and left unread."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.facts import AnyFact
from lifecycle.finding_entries import MOST_FINDINGS
from lifecycle.projecting import view
from tests.lifecycle.definitions import OTHER, digest, one_stage
from tests.lifecycle.findings import DAY, RULE, closing, findings_world, open_finding
from tests.lifecycle.world import START, World, kinds

LEAK = {"id": "leak", "title": "A key is in the image.", "severity": "high"}
SLOW = {"id": "slow", "title": "It is slow.", "severity": "low"}


def _scanned(**changes: Any) -> World:
    return findings_world(
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
    open_finding(world, severity="low")
    _scan(world, *many)
    assert len(world.state.findings) == MOST_FINDINGS
    assert "more than the 100 findings that may be open" in world.explained()
    world.do(closing("gus"))
    assert world.status("review") == "asking"


def test_what_a_person_closed_stays_closed_for_the_same_bytes_only() -> None:
    world = _scanned()
    _scan(world, LEAK)
    world.do(closing("ben"))
    assert "FindingOpened" not in kinds(_scan(world, LEAK))
    world.change(OTHER)
    assert "FindingOpened" in kinds(_scan(world, LEAK, subject=OTHER))
