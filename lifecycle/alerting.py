"""Alerts as they are raised and resolved."""

from datetime import datetime

from lifecycle.calendars import after
from lifecycle.commands import AlertGiven, RaiseAlert, ResolveAlert
from lifecycle.definition import ReopenRule
from lifecycle.fact_values import Alert, PendingReopening
from lifecycle.facts import AlertRaised, AlertResolved
from lifecycle.reopening import Signal, matching, reopen, said, withdraw_reopening
from lifecycle.settle import settle
from lifecycle.state import VersionState
from lifecycle.story import Story
from lifecycle.trust_evolve import MOST_ALERTS, alert_key


def raise_alert(story: Story, command: RaiseAlert) -> None:
    """Record an alert and reopen what the lifecycle says, at once or when it goes on firing."""
    state = story.state
    alert = _alert(command)
    rules = tuple(matching(state, "alert.raised", alert.model_dump(mode="json")))
    waits = tuple(one for one in rules if one[1].firing_for is not None and _has_room(state))
    at_once = tuple(rule for index, rule in rules if (index, rule) not in waits)
    pending = tuple(_pending(story, alert, index, rule) for index, rule in waits)
    # Before edition 2 nobody recorded which alert concerns which stage.
    knows_why = state.edition >= 2
    concerned = tuple(dict.fromkeys(rule.stage for rule in at_once)) if knows_why else ()
    story.add(AlertRaised(**story.stamp, alert=alert, pending=pending, stages=concerned))
    signal = Signal("alert", said(alert), alert_key(alert) if knows_why else "")
    for rule in at_once:
        reopen(story, rule.stage, rule.roles, rule.gate, signal)


def _has_room(state: VersionState) -> bool:
    """Say whether one more alert may be waited for; past the bound it reopens at once."""
    return sum(bool(firing.pending) for firing in state.alerts.values()) < MOST_ALERTS


def _pending(story: Story, alert: Alert, index: int, rule: ReopenRule) -> PendingReopening:
    known = story.state.alerts.get(alert_key(alert))
    waited = [p.at for p in known.pending if p.rule == index] if known else []
    return PendingReopening(
        rule=index,
        at=min([_matures(story, rule), *waited]),
        stage=rule.stage,
        roles=rule.roles,
        gate=rule.gate,
    )


def _matures(story: Story, rule: ReopenRule) -> datetime:
    if rule.firing_for is None:
        return story.now
    return after(story.now, rule.firing_for, story.state.working)


def resolve_alert(story: Story, command: ResolveAlert) -> None:
    """Record that an alert is over, and withdraw what it reopened before anybody was asked.

    Once owners were asked, they decide.
    """
    if story.state.edition >= 2:
        settle(story)
    alert = _alert(command)
    story.add(AlertResolved(**story.stamp, alert=alert))
    for rule in story.lifecycle.stages if story.state.lifecycle else ():
        withdraw_reopening(story, rule, f"The {alert.kind} alert is over.")


def _alert(command: AlertGiven) -> Alert:
    return Alert(
        kind=command.alert,
        severity=command.severity,
        summary=command.summary,
        uri=command.uri,
        source=command.source,
        id=command.alert_id or command.event_id,
    )
