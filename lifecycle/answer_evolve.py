"""The part of the fold that concerns answers beside plain ones: dissent, withdrawal, carrying."""

from collections.abc import Callable
from typing import Any

from lifecycle.fact_values import Dissent
from lifecycle.round_evolve import closed_after, released, signoff_changed
from lifecycle.signoff_facts import (
    ApprovalWithdrawn,
    Dissented,
    SignoffOpened,
    StageReleased,
)
from lifecycle.state import SignoffStatus, Stage, StageStatus, VersionState, WithdrawnAnswer

MOST_WITHDRAWN = 20
"""Answers that were taken back and are kept with a request; all are in the ledger."""


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


def _withdrawn(stage: Stage, fact: ApprovalWithdrawn) -> Stage:
    """Take a person's answer off a request: their vote, or else their objection.

    A role that had approved is pending again, and roles that are asked after it wait again. An
    approved stage keeps what it stands on until it is reopened.
    """
    signoff = stage.signoffs.get(fact.role)
    if signoff is None or signoff.round != fact.round or stage.status != StageStatus.ASKING:
        return stage
    votes = tuple(vote for vote in signoff.votes if vote.person != fact.person)
    is_objection = votes == signoff.votes
    taken_back = WithdrawnAnswer(
        person=fact.person,
        at=fact.at,
        reason=fact.reason,
        was="request_changes" if is_objection else "approve",
    )
    kept = {"withdrawn": (*signoff.withdrawn, taken_back)[-MOST_WITHDRAWN:]}
    if is_objection:
        dissents = tuple(d for d in signoff.dissents if d.person != fact.person)
        return signoff_changed(stage, fact.role, {**kept, "dissents": dissents})
    pending: dict[str, Any] = {
        **kept,
        "votes": votes,
        "status": SignoffStatus.PENDING,
        "decided_at": None,
        "approved_by": (),
    }
    return closed_after(signoff_changed(stage, fact.role, pending), fact.role)


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    SignoffOpened: _opened,
    Dissented: _dissented,
    ApprovalWithdrawn: _withdrawn,
    StageReleased: released,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {}
