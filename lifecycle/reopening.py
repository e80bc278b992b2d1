"""Signals about the world that reopen a stage, and what happens when they go away."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from lifecycle.clocks import evidence_due
from lifecycle.conditions import evaluate
from lifecycle.definition import ReopenRule, StageRule
from lifecycle.evidence import variables
from lifecycle.fact_values import Alert, PendingReopening
from lifecycle.pacing import quiet_until
from lifecycle.signoff_facts import ReopeningWithdrawn
from lifecycle.stage_facts import StageReopened
from lifecycle.state import Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import AlertPersisted
from lifecycle.upholding import still_holds

NOBODY_ASKED = frozenset({StageStatus.COLLECTING, StageStatus.UNOWNED, StageStatus.HELD})


class Signal(NamedTuple):
    """What reopens a stage, and the sentence that says so."""

    reason: Literal["alert", "base"]
    why: str
    alert: str = ""
    """The alert, as `source/id`, where there is one that may go away again."""


def matching(
    state: VersionState, event: str, about: Mapping[str, Any]
) -> Iterator[tuple[int, ReopenRule]]:
    """Give the rules that a signal meets; a condition that fails to evaluate is met."""
    if state.lifecycle is None:
        return
    for index, rule in enumerate(state.lifecycle.reopen):
        if rule.event != event:
            continue
        if rule.when is None:
            yield index, rule
            continue
        outcome = evaluate(rule.when, variables(state, rule.when) | {"alert": dict(about)})
        if outcome.is_true or outcome.error:
            yield index, rule


def said(alert: Alert) -> str:
    """Say what an alert is, as the reason of a round."""
    return f"{alert.kind} alert: {alert.summary}" if alert.summary else f"{alert.kind} alert."


def reopen(
    story: Story,
    stage_name: str,
    roles: tuple[str, ...] | None,
    gate: Literal["keep", "close"],
    signal: Signal,
) -> None:
    """Start the next round of a stage that stands approved; an open round goes on as it is.

    An open round that keeps a gate open (a renewal, an earlier alert) ends when it must close.
    """
    stage = story.state.stages[stage_name]
    is_open = stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}
    if is_open and (stage.standing is None or gate == "keep"):
        return
    anew = tuple(stage.signoffs or stage.earlier) if roles is None else roles
    definition = story.lifecycle.stage(stage_name)
    story.add(
        StageReopened(
            **story.stamp,
            stage=stage_name,
            round=stage.round + 1,
            reason=signal.reason,
            why=signal.why,
            gate=gate,
            roles=anew,
            voided=anew if gate == "close" else (),
            evidence_due=evidence_due(story.state, definition, story.now),
            alert=signal.alert,
            quiet_until=quiet_until(story.state, stage, story.now),
        )
    )


def reopen_what_fires_on(story: Story) -> None:
    """Reopen what an alert was to reopen if it fired for a time, now that it has."""
    for key, firing in story.state.alerts.items():
        for pending in firing.pending:
            if pending.at <= story.now:
                _fired_on(story, key, said(firing.alert), pending)
                return


def _fired_on(story: Story, key: str, why: str, pending: PendingReopening) -> None:
    story.add(AlertPersisted(**story.stamp, alert=key, stage=pending.stage, rule=pending.rule))
    # The stage may be gone: the version may have moved to another definition meanwhile.
    if any(rule.name == pending.stage for rule in story.lifecycle.stages):
        signal = Signal("alert", why, key)
        reopen(story, pending.stage, pending.roles, pending.gate, signal)


def withdraw_reopening(story: Story, rule: StageRule, why: str) -> None:
    """Let the approval stand again when nobody was asked yet and no other alert concerns it.

    It stays reopened when it would reopen at once, because something else changed meanwhile.
    """
    stage = story.stage(rule)
    if not _is_unasked(stage) or _is_concerned(story.state, rule.name):
        return
    fact = ReopeningWithdrawn(**story.stamp, stage=rule.name, round=stage.round, why=why)
    trial = Story(story.state, story.now, story.stamp["cause"])
    trial.add(fact)
    still_holds(trial, rule, trial.stage(rule))
    if len(trial.facts) == 1:
        story.add(fact)


def _is_unasked(stage: Stage) -> bool:
    return stage.put_away is not None and not stage.signoffs and stage.status in NOBODY_ASKED


def _is_concerned(state: VersionState, stage: str) -> bool:
    return any(stage in firing.stages for firing in state.alerts.values())
