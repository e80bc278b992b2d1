"""Deadlines and escalation steps that start when a stage, or a request of it, does."""

from datetime import datetime

from lifecycle.calendars import after, share_after
from lifecycle.definition import EscalationStep, StageRule
from lifecycle.durations import Share
from lifecycle.fact_values import PlannedStep
from lifecycle.state import Stage, VersionState


def evidence_due(state: VersionState, rule: StageRule, now: datetime) -> datetime | None:
    """Give until when pipelines and producers may take, when the stage says so."""
    return after(now, rule.evidence_due, state.working) if rule.evidence_due else None


def signoffs_due(state: VersionState, rule: StageRule, now: datetime) -> datetime | None:
    """Give until when owners who are asked now may take, when the stage says so."""
    return after(now, rule.due, state.working) if rule.due else None


def planned_steps(
    state: VersionState, rule: StageRule, now: datetime, roles: tuple[str, ...] = ()
) -> tuple[PlannedStep, ...]:
    """Fix when each step of a stage's chain comes, for some roles or for all that are pending."""
    lifecycle = state.lifecycle
    if lifecycle is None or rule.escalate is None:
        return ()
    steps = []
    first = free_index(state.stages[rule.name])
    for index, step in enumerate(lifecycle.escalations.get(rule.escalate, ())):
        at = _instant(state, rule, step, now)
        if at is not None:
            action, target = action_of(step)
            planned = {"at": at, "action": action, "target": target, "roles": roles}
            steps.append(PlannedStep.model_validate({"index": first + index, **planned}))
    return tuple(sorted(steps, key=lambda s: (s.at, s.index)))


def free_index(stage: Stage) -> int:
    """Give a number that no step of a stage has, from which more may be counted."""
    return max((step.index for step in stage.steps), default=-1) + 1


def _instant(
    state: VersionState, rule: StageRule, step: EscalationStep, now: datetime
) -> datetime | None:
    if not isinstance(step.after, Share):
        return after(now, step.after, state.working)
    return share_after(now, step.after, rule.due, state.working) if rule.due else None


def action_of(step: EscalationStep) -> tuple[str, str]:
    """Give what a step does and to whom or what, as it is planned."""
    if step.remind:
        return "remind", step.remind
    if step.tell:
        return ("channel" if step.tell.startswith("#") else "tell"), step.tell
    if step.ask:
        return "ask", step.ask
    if step.return_to:
        return "return", step.return_to
    return ("hold" if step.hold else "expire"), ""
