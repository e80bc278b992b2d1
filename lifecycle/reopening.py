"""Signals about the world that reopen a stage."""

from lifecycle.clocks import evidence_due
from lifecycle.commands import AlertGiven, RaiseAlert, ResolveAlert
from lifecycle.conditions import evaluate
from lifecycle.definition import ReopenRule
from lifecycle.evidence import variables
from lifecycle.fact_values import Alert
from lifecycle.facts import AlertRaised, AlertResolved
from lifecycle.stage_facts import StageReopened
from lifecycle.state import StageStatus
from lifecycle.story import Story


def raise_alert(story: Story, command: RaiseAlert) -> None:
    """Record an alert and reopen what the lifecycle says it reopens."""
    alert = _alert(command)
    story.add(AlertRaised(**story.stamp, alert=alert))
    if story.state.lifecycle is None:
        return
    seen = variables(story.state) | {"alert": alert.model_dump(mode="json")}
    for rule in story.lifecycle.reopen:
        outcome = evaluate(rule.when, seen) if rule.when else None
        if outcome is None or outcome.is_true or outcome.error:
            _reopen(story, rule, alert)


def resolve_alert(story: Story, command: ResolveAlert) -> None:
    """Record that an alert is over; what it reopened is decided by its owners."""
    story.add(AlertResolved(**story.stamp, alert=_alert(command)))


def _alert(command: AlertGiven) -> Alert:
    return Alert(
        kind=command.alert,
        severity=command.severity,
        summary=command.summary,
        uri=command.uri,
        source=command.source,
        id=command.event_id,
    )


def _reopen(story: Story, rule: ReopenRule, alert: Alert) -> None:
    """Start the next round of a stage that stands approved; an open round goes on as it is.

    An open round that keeps a gate open (a renewal, an earlier alert) ends when it must close.
    """
    stage = story.state.stages[rule.stage]
    is_open = stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}
    if is_open and (stage.standing is None or rule.gate == "keep"):
        return
    roles = tuple(stage.signoffs or stage.earlier) if rule.roles is None else rule.roles
    what = f"{alert.kind} alert"
    why = f"{what}: {alert.summary}" if alert.summary else f"{what}."
    definition = story.lifecycle.stage(rule.stage)
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.stage,
            round=stage.round + 1,
            reason="alert",
            why=why,
            gate=rule.gate,
            roles=roles,
            voided=roles if rule.gate == "close" else (),
            evidence_due=evidence_due(story.state, definition, story.now),
        )
    )
