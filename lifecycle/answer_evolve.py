"""The part of the fold that concerns answers beside plain ones: dissent, withdrawal, carrying."""

from collections.abc import Callable
from typing import Any

from lifecycle.fact_values import Dissent
from lifecycle.round_evolve import signoff_changed
from lifecycle.signoff_facts import Dissented, SignoffOpened
from lifecycle.state import Stage, VersionState


def _opened(stage: Stage, fact: SignoffOpened) -> Stage:
    """Ask a role now; the stage is over when the last of its requests is."""
    update = {"is_open": True, "asked_at": fact.at, "due": fact.due}
    dues = [due for due in (stage.due, fact.due) if due is not None]
    steps = sorted([*stage.steps, *fact.steps], key=lambda step: (step.at, step.index))
    changed = signoff_changed(stage, fact.role, update)
    return changed.model_copy(update={"due": max(dues, default=None), "steps": tuple(steps)})


def _dissented(stage: Stage, fact: Dissented) -> Stage:
    """Keep an objection; an approval that the same person gave before no longer counts."""
    signoff = stage.signoffs.get(fact.role)
    if signoff is None:
        return stage
    dissent = Dissent(
        person=fact.person,
        revision=fact.revision,
        at=fact.at,
        comment=fact.comment,
        role=fact.role,
        reasons=fact.reasons,
        right=fact.right,
        on_behalf_of=fact.on_behalf_of,
    )
    votes = tuple(vote for vote in signoff.votes if vote.person != fact.person)
    update = {"dissents": (*signoff.dissents, dissent), "votes": votes}
    return signoff_changed(stage, fact.role, update)


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    SignoffOpened: _opened,
    Dissented: _dissented,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {}
