"""The part of the fold that concerns one stage and its rounds."""

from collections.abc import Callable
from typing import Any

from lifecycle import (
    answer_evolve,
    pause_evolve,
    receipt_evolve,
    request_evolve,
    standing_in_evolve,
    trust_evolve,
)
from lifecycle.asked_evolve import asked, bindings_before
from lifecycle.building import built
from lifecycle.changed_since import with_approval
from lifecycle.fact_values import Dissent, Vote
from lifecycle.facts import AnyFact
from lifecycle.pause_evolve import step_taken
from lifecycle.round_evolve import (
    CLOCKS_OFF,
    opened,
    paused,
    reopened,
    sent_back,
    signoff_changed,
    unowned,
)
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    EscalationTold,
    OwnersAsked,
    OwnersChanged,
    PipelinesLate,
    SignedOff,
    SignoffApproved,
    SignoffRevised,
    StageApproved,
    StageLapsed,
    StageOpened,
    StagePaused,
    StageReopened,
    StageSentBack,
    StageUnowned,
)
from lifecycle.state import (
    Refusal,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    Standing,
    VersionState,
)


def changes(state: VersionState, fact: AnyFact) -> dict[str, Any]:
    """Give what a fact about one stage changes in the state; nothing when it is about none."""
    change = _CHANGES.get(type(fact))
    stage = state.stages.get(getattr(fact, "stage", "")) if change is not None else None
    if change is None or stage is None:
        return {}
    changed = change(stage, fact)
    if changed.put_away is not None and isinstance(fact, _PAST_WITHDRAWAL):
        changed = changed.model_copy(update={"put_away": None})
    if isinstance(fact, SignedOff) and not _may_sign_any_role(state):
        changed = _elsewhere_no_more(changed, fact)
    return {"stages": {**state.stages, stage.name: changed}}


_PAST_WITHDRAWAL = (OwnersAsked, StageApproved, StageOpened, StagePaused, StageSentBack)
"""After these a reopening is no longer withdrawn: people were asked, or something else happened."""


def _may_sign_any_role(state: VersionState) -> bool:
    return state.lifecycle is not None and state.lifecycle.separation.one_person == "any_role"


def _elsewhere_no_more(stage: Stage, fact: SignedOff) -> Stage:
    """Take away votes that fill the same seat in another role and that had stopped counting.

    Otherwise both would count once the person, or for whom they stood in, holds that other role
    again.
    """
    seat = {fact.person, fact.on_behalf_of or fact.person}
    signoffs = {}
    for role, signoff in stage.signoffs.items():
        votes = tuple(v for v in signoff.votes if not seat & {v.person, v.on_behalf_of})
        is_same = role == fact.role or len(votes) == len(signoff.votes)
        signoffs[role] = signoff if is_same else signoff.model_copy(update={"votes": votes})
    if all(signoffs[role] is signoff for role, signoff in stage.signoffs.items()):
        return stage
    return stage.model_copy(update={"signoffs": signoffs})


def _revised(stage: Stage, fact: SignoffRevised) -> Stage:
    signoff = stage.signoffs.get(fact.role)
    before = bindings_before(signoff, fact.revision)
    update: dict[str, Any] = {
        "revision": fact.revision,
        "binding": fact.binding,
        "before": before,
    }
    if signoff is not None and signoff.advisory:
        update |= {"status": SignoffStatus.PENDING, "decided_at": None}
    return signoff_changed(stage, fact.role, update)


def _signed(stage: Stage, fact: SignedOff) -> Stage:
    if fact.role not in stage.signoffs:
        return stage
    vote = built(
        Vote,
        person=fact.person,
        revision=fact.revision,
        at=fact.at,
        comment=fact.comment,
        right=fact.right,
        via=fact.via,
        round=fact.round,
        on_behalf_of=fact.on_behalf_of,
        conditions=fact.conditions,
    )
    signoff = stage.signoffs[fact.role]
    votes = tuple(v for v in signoff.votes if v.person != fact.person)
    dissents = tuple(
        d.model_copy(update={"approved_since": True}) if _is_of_seat(d, fact) else d
        for d in signoff.dissents
    )
    changed = signoff.model_copy(update={"votes": (*votes, vote), "dissents": dissents})
    last = with_approval(stage.last_signed, signoff, fact.person, fact.at)
    signoffs = {**stage.signoffs, fact.role: changed}
    return stage.model_copy(update={"signoffs": signoffs, "last_signed": last})


def _is_of_seat(dissent: Dissent, fact: SignedOff) -> bool:
    """Say whether who signs now objected before, themselves or by who stands in for them."""
    seat = {dissent.person, dissent.on_behalf_of or dissent.person}
    return bool(seat & {fact.person, fact.on_behalf_of or fact.person})


def _declined(stage: Stage, fact: ChangesRequested) -> Stage:
    refusal = Refusal(
        person=fact.person,
        revision=fact.revision,
        at=fact.at,
        reason=fact.comment,
        send_back_to=fact.send_back_to,
        right=fact.right,
        on_behalf_of=fact.on_behalf_of,
        reasons=fact.reasons,
    )
    update = {
        "status": SignoffStatus.CHANGES_REQUESTED,
        "refusal": refusal,
        "decided_at": fact.at,
    }
    return signoff_changed(stage, fact.role, update)


def _role_approved(stage: Stage, fact: SignoffApproved) -> Stage:
    update = {
        "status": SignoffStatus.APPROVED,
        "decided_at": fact.at,
        "approved_by": fact.by,
    }
    return signoff_changed(stage, fact.role, update)


def _advised_too_late(signoff: Signoff, fact: StageApproved) -> Signoff:
    """End a request for advice that nobody gave; every other role has approved."""
    if not signoff.advisory or signoff.status != SignoffStatus.PENDING:
        return signoff
    why = f"{fact.stage} was approved without it; it only advises."
    update = {"status": SignoffStatus.VOID, "why": why, "decided_at": fact.at}
    return signoff.model_copy(update=update)


def _approved(stage: Stage, fact: StageApproved) -> Stage:
    standing = built(
        Standing,
        round=fact.round,
        at=fact.at,
        approvals=fact.approvals,
        artifacts=fact.artifacts,
        valid_until=fact.valid_until,
        renew_at=fact.renew_at,
        dissents=fact.dissents,
        on_lapse=fact.on_lapse,
    )
    return stage.model_copy(
        update={
            **CLOCKS_OFF,
            "status": StageStatus.APPROVED,
            "since": fact.at,
            "why": "",
            "standing": standing,
            "signoffs": {r: _advised_too_late(s, fact) for r, s in stage.signoffs.items()},
        }
    )


def _escalated(stage: Stage, fact: EscalationAsked) -> Stage:
    for role in fact.roles:
        if role in stage.signoffs:
            known = stage.signoffs[role].escalated
            people = tuple(dict.fromkeys([*known, *fact.people]))
            targets = {
                **dict.fromkeys(fact.people, fact.target),
                **stage.signoffs[role].escalated_as,
            }
            update = {
                "escalated": people,
                "escalated_as": targets,
                "stands_for": {**stage.signoffs[role].stands_for, **fact.stands_for},
            }
            stage = signoff_changed(stage, role, update)
    return step_taken(stage, fact)


def _lapsed(stage: Stage, fact: StageLapsed) -> Stage:
    """Mark what stood as lapsed; a round that is renewing it goes on."""
    if stage.standing is None:
        return stage
    update: dict[str, Any] = {"standing": stage.standing.model_copy(update={"is_lapsed": True})}
    if stage.status == StageStatus.APPROVED:
        update |= {"status": StageStatus.EXPIRED, "since": fact.at}
    return stage.model_copy(update=update)


_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    StageOpened: opened,
    StagePaused: paused,
    OwnersAsked: asked,
    OwnersChanged: lambda stage, fact: signoff_changed(
        stage,
        fact.role,
        {
            "asked": fact.asked,
            "needed": fact.needed,
            "roles": fact.roles,
            "fallback": fact.fallback,
        },
    ),
    SignoffRevised: _revised,
    StageUnowned: unowned,
    SignedOff: _signed,
    ChangesRequested: _declined,
    SignoffApproved: _role_approved,
    StageApproved: _approved,
    StageSentBack: sent_back,
    StageReopened: reopened,
    PipelinesLate: lambda stage, _: stage.model_copy(update={"is_late": True}),
    EscalationTold: step_taken,
    EscalationAsked: _escalated,
    StageLapsed: _lapsed,
    **answer_evolve.STAGE_CHANGES,
    **standing_in_evolve.STAGE_CHANGES,
    **pause_evolve.STAGE_CHANGES,
    **receipt_evolve.STAGE_CHANGES,
    **trust_evolve.STAGE_CHANGES,
    **request_evolve.STAGE_CHANGES,
}
