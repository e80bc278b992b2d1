"""What the passing of time and the bytes of now change beside the stages themselves."""

from collections.abc import Callable
from datetime import datetime

from lifecycle.following import follow_evidence, tell_overdue
from lifecycle.reopening import reopen_what_fires_on
from lifecycle.state import Basis
from lifecycle.story import Story
from lifecycle.suspending import end_overrides, restore_trust, suspend_trust
from lifecycle.unmet import lapse_conditions


def lapse_by_now(story: Story) -> bool:
    """Apply the first rule that has something to say; give whether one had."""
    before = len(story.facts)
    for apply in _RULES:
        apply(story)
        if len(story.facts) > before:
            return True
    return False


def lapse_instants(state: Basis) -> tuple[datetime, ...]:
    """Give the instants at which one of these rules has something to say."""
    if not (state.alerts or state.conditions or state.findings or state.overrides):
        return ()
    waits = [p.at for firing in state.alerts.values() for p in firing.pending]
    waits += [condition.due for condition in state.conditions.values()]
    waits += [
        finding.due
        for finding in state.findings.values()
        if finding.due is not None and finding.closed_at is None and not finding.is_overdue
    ]
    for override in state.overrides.values():
        if not override.is_over:
            waits.append(override.until)
        is_owed = not override.is_reviewed and not state.suspended_why
        if is_owed and override.review_due is not None:
            waits.append(override.review_due)
    return tuple(waits)


_RULES: tuple[Callable[[Story], None], ...] = (
    end_overrides,
    suspend_trust,
    restore_trust,
    lapse_conditions,
    reopen_what_fires_on,
    follow_evidence,
    tell_overdue,
)
