"""Findings: opened by people, in the way until they are closed."""

from typing import Any

import pytest

from lifecycle.commands import OpenFinding
from lifecycle.finding_entries import MOST_FINDINGS
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from tests.lifecycle.definitions import one_stage, roster
from tests.lifecycle.findings import DAY, RULE, closing, findings_world, open_finding
from tests.lifecycle.world import START, World, kinds


@pytest.mark.parametrize("severity", ["high", "critical"])
def test_a_blocking_finding_keeps_a_signed_stage_from_being_approved(severity: str) -> None:
    world = findings_world()
    open_finding(world, severity=severity)
    world.approve("review", "validator", "ben")
    assert world.status("review") == "asking"
    assert f"Finding 1 ({severity}) is open with Ben Ruiz or Cho Ruiz: It leaks." in (
        world.explained()
    )
    assert ("accountable", "ben") in world.waited_for()
    assert not world.gate().allowed
    world.do(closing("cho"))
    assert world.status("review") == "approved"
    assert world.gate().allowed


@pytest.mark.parametrize("severity", ["low", "medium"])
def test_a_lesser_finding_is_shown_and_blocks_nothing(severity: str) -> None:
    world = findings_world()
    open_finding(world, severity=severity)
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    (shown,) = view(world.state).findings
    assert (shown.status, shown.blocks, shown.severity) == ("open", False, severity)


def test_a_finding_on_an_approved_stage_closes_its_gates() -> None:
    world = findings_world()
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    open_finding(world)
    assert not world.gate().allowed
    assert world.gate().reasons[0].startswith("Finding 1 (high) is open with")
    assert world.status("review") == "approved"
    world.do(closing("ben"))
    assert world.gate().allowed


def test_a_finding_of_another_stage_is_not_in_the_way() -> None:
    stages = [
        {"name": name, "needs": [], "signoffs": [{"role": "validator", "statement": "I vouch."}]}
        for name in ("review", "other")
    ]
    world = findings_world(stages=stages, gates={"production": ["review"], "staging": ["other"]})
    open_finding(world, stage="other")
    world.approve("review", "validator", "ben")
    world.approve("other", "validator", "ben")
    assert (world.status("review"), world.status("other")) == ("approved", "asking")
    assert world.gate(gate="production").allowed
    assert not world.gate(gate="staging").allowed


def test_a_lifecycle_without_findings_records_and_does_not_block() -> None:
    world = World(one_stage())
    open_finding(world, severity="critical")
    world.approve("review", "validator", "ben")
    assert world.gate().allowed


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
    world = findings_world()
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
    world = findings_world()
    command = OpenFinding.model_validate(
        {"id": "open", "by": "gus", "person": "gus", "title": "It.", "severity": "low", **changes}
    )
    assert world.refused(command).code == code


def test_a_hundred_findings_are_open_at_most() -> None:
    world = findings_world()
    for _ in range(MOST_FINDINGS):
        open_finding(world, severity="low")
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
    world = findings_world()
    open_finding(world, owner="hal", severity=severity)
    if code is None:
        assert kinds(world.do(closing(person)))[0] == "FindingClosed"
    else:
        assert world.refused(closing(person)).code == code


def test_who_made_themselves_accountable_closes_nothing_by_it() -> None:
    own_hand = {"validator": {"ben": "ben"}}
    world = World(one_stage(findings=RULE), roster(given_by=own_hand))
    open_finding(world, severity="high")
    assert world.refused(closing("ben")).code == "not-an-owner"
    assert kinds(world.do(closing("gus")))[0] == "FindingClosed"


@pytest.mark.parametrize("how", ["opened", "owns", "answers for"])
@pytest.mark.parametrize(("severity", "code"), [("high", "may-not-clear"), ("low", None)])
def test_a_producer_clears_nothing_that_blocks(how: str, severity: str, code: str | None) -> None:
    world = World(one_stage(findings=RULE), producers=("git:cho",))
    open_finding(
        world,
        person="cho" if how == "opened" else "gus",
        owner="cho" if how == "owns" else None,
        severity=severity,
    )
    if code is None:
        world.do(closing("cho"))
        return
    refused = world.refused(closing("cho"))
    assert refused.code == code
    assert "Ben Ruiz" in refused.reason
    world.do(closing("ben"))


def test_a_key_closes_only_what_it_opened_and_what_does_not_block() -> None:
    world = findings_world()
    for severity in ("high", "low"):
        world.do(
            OpenFinding.model_validate(
                {
                    "id": severity, "by": "key:x", "scopes": ["pipeline"], "title": "It.",
                    "severity": severity,
                }
            )
        )  # fmt: skip
    assert world.refused(closing("", "1", by="key:x")).code == "may-not-clear"
    assert world.refused(closing("", "2", by="key:y")).code == "not-an-owner"
    assert kinds(world.do(closing("", "2", by="key:x"))) == ["FindingClosed"]


def test_a_closed_finding_is_closed_once() -> None:
    world = findings_world()
    open_finding(world)
    world.do(closing("ben"))
    refused = world.refused(closing("cho"))
    assert (refused.code, "open findings: none" in refused.reason) == ("unknown-finding", True)


def test_the_owner_and_the_accountable_are_told_once_that_it_is_overdue() -> None:
    world = findings_world()
    open_finding(world, owner="hal", due=START + DAY)
    assert next_deadline(world.state) == START + DAY
    assert kinds(world.tick_until(START + 10 * DAY)) == ["FindingOverdue"]
    told = [n.people for n in world.state.notices if n.kind == "finding_overdue"]
    assert told == [("hal", "ben", "cho")]
    assert ", overdue" in world.explained()


def test_who_deals_with_a_finding_is_told_when_it_opens() -> None:
    world = findings_world()
    open_finding(world, owner="hal")
    open_finding(world)
    assert [n.people for n in world.state.notices if n.kind == "finding"] == [
        ("hal",),
        ("ben", "cho"),
    ]
