"""What the explanations of every kind of stage share."""

from datetime import datetime

from lifecycle.definition import StageRule
from lifecycle.state import (
    Stage,
    VersionState,
)
from lifecycle.view import Waiting


def since_of(stage: Stage, state: VersionState) -> datetime:
    """Give since when a stage is as it is."""
    since = stage.since or state.registered_at
    if since is None:
        raise LookupError(f"{stage.name} has no beginning")
    return since


def waiting_for(
    kind: str, who: str, name: str, stage: Stage, since: datetime, why: str, role: str | None = None
) -> Waiting:
    """Give one thing that a stage waits for."""
    return Waiting.model_validate(
        {
            "kind": kind,
            "who": who,
            "name": name,
            "stage": stage.name,
            "role": role,
            "since": since,
            "due": None if stage.paused_since else due_of(stage, role) or stage.evidence_due,
            "why": why,
        }
    )


def due_of(stage: Stage, role: str | None) -> datetime | None:
    """Give until when a role may take: its own time where it was asked apart from others."""
    signoff = stage.signoffs.get(role or "")
    return (signoff.due if signoff else None) or stage.due


def accountable(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give the people who answer for a stage."""
    if state.roster is None or rule.accountable is None:
        return ()
    return tuple(owner.id for owner in state.roster.owners_of(rule.accountable))


def answerable(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give who answers for a stage, so that there is always somebody to turn to."""
    return accountable(state, rule) or (rule.accountable or "an administrator",)
