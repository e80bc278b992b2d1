"""Deadlines that start when a stage does."""

from datetime import datetime

from lifecycle.calendars import after
from lifecycle.definition import StageRule
from lifecycle.state import VersionState


def evidence_due(state: VersionState, rule: StageRule, now: datetime) -> datetime | None:
    """Give until when pipelines and producers may take, when the stage says so."""
    return after(now, rule.evidence_due, state.working) if rule.evidence_due else None
