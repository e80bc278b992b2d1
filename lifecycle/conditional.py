"""Approvals on a condition: which of them stand, and which may still count."""

from collections.abc import Iterator

from lifecycle.fact_values import Vote
from lifecycle.state import Condition, SignoffStatus, Stage, VersionState


def standing_votes(stage: Stage, role: str | None = None) -> tuple[Vote, ...]:
    """Give the votes that a stage stands approved by, of one role or of all."""
    approvals = stage.standing.approvals if stage.standing else ()
    return tuple(v for a in approvals if role in {None, a.role} for v in a.votes)


def is_among(votes: tuple[Vote, ...], condition: Condition) -> bool:
    """Say whether one of some votes was given on a condition."""
    return any(
        vote.person == condition.person and condition.id in {one.id for one in vote.conditions}
        for vote in votes
    )


def relied_on(state: VersionState, stage: Stage) -> tuple[Condition, ...]:
    """Give the open conditions on which a stage stands approved."""
    votes = standing_votes(stage)
    return tuple(
        one for one in state.conditions.values() if one.stage == stage.name and is_among(votes, one)
    )


def still_given(state: VersionState, stages: dict[str, Stage]) -> dict[str, Condition]:
    """Give the conditions whose votes may still count; those of a void vote are gone."""
    return {
        name: condition
        for name, condition in state.conditions.items()
        if condition.stage in stages
        and is_among(tuple(_alive(stages[condition.stage], condition.role)), condition)
    }


def _alive(stage: Stage, role: str) -> Iterator[Vote]:
    """Give the votes of a role that count, or may count again in the next round."""
    yield from standing_votes(stage, role)
    if role in stage.signoffs:
        yield from stage.signoffs[role].votes
    earlier = stage.earlier.get(role)
    is_kept = not stage.signoffs and role not in stage.ask_anew
    if earlier and is_kept and earlier.status != SignoffStatus.CHANGES_REQUESTED:
        yield from earlier.votes
    if stage.put_away is not None and role in stage.put_away.signoffs:
        yield from stage.put_away.signoffs[role].votes
