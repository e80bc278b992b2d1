"""The part of the fold that concerns trust: findings, conditions, overrides, alerts."""

from collections.abc import Callable
from typing import Any

from lifecycle.conditional import still_given
from lifecycle.fact_values import Alert
from lifecycle.facts import AlertRaised, AlertResolved, AnyFact
from lifecycle.round_evolve import closed_after, ended, reopening_withdrawn
from lifecycle.side_stages import acceptance_stage
from lifecycle.signoff_facts import ReopeningWithdrawn
from lifecycle.stage_facts import SignedOff
from lifecycle.state import (
    Condition,
    Finding,
    FiringAlert,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    VersionState,
)
from lifecycle.trust_facts import (
    AcceptanceRequested,
    AlertPersisted,
    ConditionLapsed,
    ConditionMet,
    FindingClosed,
    FindingOpened,
    FindingOverdue,
)

MOST_ALERTS = 50
"""How many firing alerts are kept; past it the oldest that nothing waits for is let go of."""
MOST_CLOSED = 20
"""How many closed findings, and overrides that are over, are kept; all are in the ledger."""
LONGEST_SUMMARY = 300
"""Characters that are kept of what an alert says; the whole of it is in the ledger."""


def alert_key(alert: Alert) -> str:
    """Name an alert, so that its resolution finds it."""
    return f"{alert.source}/{alert.id}"


def _raised(state: VersionState, fact: AlertRaised) -> dict[str, Any]:
    """Keep an alert that concerns a stage while it fires."""
    if not fact.pending and not fact.stages:
        return {}
    key = alert_key(fact.alert)
    known = state.alerts.get(key)
    brief = fact.alert.model_copy(
        update={"summary": fact.alert.summary[:LONGEST_SUMMARY], "uri": None}
    )
    firing = FiringAlert(
        alert=brief,
        at=known.at if known else fact.at,
        pending=fact.pending,
        stages=tuple(dict.fromkeys([*(known.stages if known else ()), *fact.stages])),
    )
    others = {name: one for name, one in state.alerts.items() if name != key}
    return _bounded(state, {**others, key: firing})


def _bounded(state: VersionState, alerts: dict[str, FiringAlert]) -> dict[str, Any]:
    """Let go of the oldest alert past the bound; what it reopened is then not withdrawn."""
    if len(alerts) <= MOST_ALERTS:
        return {"alerts": alerts}
    oldest = next((key for key, one in alerts.items() if not one.pending), next(iter(alerts)))
    gone = alerts[oldest]
    stages = {
        name: stage.model_copy(update={"put_away": None}) if name in gone.stages else stage
        for name, stage in state.stages.items()
    }
    kept = {key: one for key, one in alerts.items() if key != oldest}
    return {"alerts": kept, "stages": stages}


def _resolved(state: VersionState, fact: AlertResolved) -> dict[str, Any]:
    key = alert_key(fact.alert)
    return {"alerts": {name: one for name, one in state.alerts.items() if name != key}}


def _persisted(state: VersionState, fact: AlertPersisted) -> dict[str, Any]:
    firing = state.alerts.get(fact.alert)
    if firing is None:
        return {}
    left = tuple(p for p in firing.pending if (p.rule, p.stage) != (fact.rule, fact.stage))
    concerned = tuple(dict.fromkeys([*firing.stages, fact.stage]))
    changed = firing.model_copy(update={"pending": left, "stages": concerned})
    return {"alerts": {**state.alerts, fact.alert: changed}}


def conditions_after(state: VersionState, update: dict[str, Any], fact: AnyFact) -> dict[str, Any]:
    """Keep the conditions of approvals that may count, and number new ones."""
    given = isinstance(fact, SignedOff) and fact.conditions
    if not given and not state.conditions:
        return {}
    state = state.model_copy(update=update)
    if isinstance(fact, SignedOff) and fact.conditions:
        new = {
            one.id: Condition(
                **one.model_dump(),
                stage=fact.stage,
                role=fact.role,
                person=fact.person,
                round=fact.round,
            )
            for one in fact.conditions
        }
        state = state.model_copy(
            update={
                "conditions": {**state.conditions, **new},
                "numbered": state.numbered + len(new),
            }
        )
    return {"conditions": still_given(state, state.stages), "numbered": state.numbered}


def _met(state: VersionState, fact: ConditionMet) -> dict[str, Any]:
    left = {name: one for name, one in state.conditions.items() if name != fact.condition}
    return {"conditions": left}


def _condition_lapsed(state: VersionState, fact: ConditionLapsed) -> dict[str, Any]:
    """Take the vote away that was given on the condition; its role waits again if it must."""
    left = {name: one for name, one in state.conditions.items() if name != fact.condition}
    stage = state.stages.get(fact.stage)
    if stage is None:
        return {"conditions": left}
    changed = stage.model_copy(
        update={
            "signoffs": _without_vote(
                stage.signoffs, fact, is_asking=stage.status == StageStatus.ASKING
            ),
            "earlier": _without_vote(stage.earlier, fact, is_asking=False),
            "put_away": None,
        }
    )
    if changed.signoffs and changed.signoffs != stage.signoffs:
        changed = _waited_for_again(changed, fact.role)
    return {"conditions": left, "stages": {**state.stages, stage.name: changed}}


def _waited_for_again(stage: Stage, role: str) -> Stage:
    """Let roles that are asked after one wait for it, where the lapse took its approval."""
    signoff = stage.signoffs.get(role)
    is_open = signoff is not None and signoff.status == SignoffStatus.PENDING
    return closed_after(stage, role) if is_open else stage


def _without_vote(
    signoffs: dict[str, Signoff], fact: ConditionLapsed, *, is_asking: bool
) -> dict[str, Signoff]:
    signoff = signoffs.get(fact.role)
    if signoff is None:
        return signoffs
    votes = tuple(
        vote
        for vote in signoff.votes
        if fact.condition not in {one.id for one in vote.conditions} or vote.person != fact.person
    )
    update: dict[str, Any] = {"votes": votes}
    if is_asking and len(votes) < len(signoff.votes) and signoff.status == SignoffStatus.APPROVED:
        update |= {"status": SignoffStatus.PENDING, "decided_at": None, "approved_by": ()}
    return {**signoffs, fact.role: signoff.model_copy(update=update)}


def _finding_opened(state: VersionState, fact: FindingOpened) -> dict[str, Any]:
    finding = Finding(
        id=fact.finding,
        title=fact.title[:LONGEST_SUMMARY],
        severity=fact.severity,
        owner=fact.owner,
        due=fact.due,
        stage=fact.stage,
        evidence=fact.evidence,
        entry=fact.entry,
        subject=fact.subject,
        opened_at=fact.at,
        opened_by=fact.by,
    )
    return {
        "findings": {**state.findings, finding.id: finding},
        "numbered": state.numbered + 1,
    }


def _finding_changed(state: VersionState, name: str, update: dict[str, Any]) -> dict[str, Any]:
    if name not in state.findings:
        return {}
    changed = state.findings[name].model_copy(update=update)
    return {"findings": {**state.findings, name: changed}}


def _finding_closed(state: VersionState, fact: FindingClosed) -> dict[str, Any]:
    """Close a finding and the stage in which its risk was to be accepted."""
    update = {
        "closed_at": fact.at,
        "closed_by": fact.by,
        "resolution": fact.resolution[:LONGEST_SUMMARY],
    }
    changed = _finding_changed(state, fact.finding, update)
    stages = dict(state.stages)
    name = acceptance_stage(fact.finding)
    if name in stages:
        stages[name] = ended(stages[name], fact, f"Finding {fact.finding} is closed.")
    findings = changed.get("findings", state.findings)
    closed = [one for one in findings.values() if one.closed_at is not None]
    for one in closed[: max(0, len(closed) - MOST_CLOSED)]:
        findings = {key: kept for key, kept in findings.items() if key != one.id}
        stages.pop(acceptance_stage(one.id), None)
    return {"findings": findings, "stages": stages}


def _acceptance_requested(state: VersionState, fact: AcceptanceRequested) -> dict[str, Any]:
    """Add the stage in which the risk is accepted; one that was sent back is ready again."""
    name = acceptance_stage(fact.finding)
    stage = state.stages.get(name, Stage(name=name, since=fact.at))
    ready = stage.model_copy(update={"returned": False})
    update = {"acceptance_requested": True, "acceptance_by": fact.by}
    return {
        **_finding_changed(state, fact.finding, update),
        "stages": {**state.stages, name: ready},
    }


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    ReopeningWithdrawn: reopening_withdrawn,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    AlertRaised: _raised,
    AlertResolved: _resolved,
    AlertPersisted: _persisted,
    ConditionMet: _met,
    FindingOpened: _finding_opened,
    FindingOverdue: lambda state, fact: _finding_changed(state, fact.finding, {"is_overdue": True}),
    FindingClosed: _finding_closed,
    AcceptanceRequested: _acceptance_requested,
    ConditionLapsed: _condition_lapsed,
}
