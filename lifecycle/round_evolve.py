"""The part of the fold that begins and ends the rounds of a stage."""

from typing import Any

from lifecycle.building import built
from lifecycle.facts import AnyFact
from lifecycle.signoff_facts import ReopeningWithdrawn, StageExpired, StageHeld, StageReleased
from lifecycle.stage_facts import (
    StageOpened,
    StagePaused,
    StageReopened,
    StageSentBack,
    StageUnowned,
)
from lifecycle.state import (
    PutAway,
    RoundSummary,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    VersionState,
)
from lifecycle.values import Instant

MOST_ROUNDS = 20
LONGEST_SUMMARY = 200
"""Characters that are kept of why a round ended; the whole reason is in the ledger."""
MOST_REOPENINGS = 101
"""Instants of reopenings that are kept; a pace allows at most a hundred."""
COUNTED = frozenset({"changed", "evidence", "rule", "alert"})
"""Reasons of reopenings that make a stage restless; people decide the others."""
CLOCKS_OFF: dict[str, Any] = {
    "evidence_due": None,
    "due": None,
    "steps": (),
    "is_late": False,
    "paused_since": None,
    "quiet_until": None,
}


def answered(stages: dict[str, Stage], names: tuple[str, ...] | None) -> dict[str, Stage]:
    """Mark that producers answered to what was sent back; names None means every stage."""
    return {
        name: stage.model_copy(update={"returned": False})
        if stage.returned and (names is None or name in names)
        else stage
        for name, stage in stages.items()
    }


def signoff_changed(stage: Stage, role: str, update: dict[str, Any]) -> Stage:
    """Give a stage with something else about one of its open requests."""
    if role not in stage.signoffs:
        return stage
    changed = stage.signoffs[role].model_copy(update=update)
    return stage.model_copy(update={"signoffs": {**stage.signoffs, role: changed}})


def closed_after(stage: Stage, role: str) -> Stage:
    """Let roles that are asked after another one wait again, as that one is open once more."""
    for name, other in stage.signoffs.items():
        if role in other.after and other.status == SignoffStatus.PENDING and other.is_open:
            stage = signoff_changed(stage, name, {"is_open": False, "due": None})
            left = tuple(step for step in stage.steps if step.roles != (name,))
            stage = stage.model_copy(update={"steps": left})
    return stage


def _void(signoff: Signoff, fact: AnyFact, why: str) -> Signoff:
    return signoff.model_copy(
        update={"status": SignoffStatus.VOID, "why": why, "decided_at": fact.at}
    )


def _ended_round(stage: Stage, fact: AnyFact, why: str, voided: tuple[str, ...]) -> dict[str, Any]:
    """Put the round away: what was pending or named is void, the rest is kept as it ended."""
    if not stage.signoffs:
        return dict(CLOCKS_OFF)
    earlier = {
        role: _void(signoff, fact, why)
        if signoff.status == SignoffStatus.PENDING
        or (role in voided and signoff.status == SignoffStatus.APPROVED)
        else signoff
        for role, signoff in stage.signoffs.items()
    }
    summary = built(RoundSummary, round=stage.round, ended_at=fact.at, why=why[:LONGEST_SUMMARY])
    return {
        **CLOCKS_OFF,
        "signoffs": {},
        "earlier": earlier,
        "history": (*stage.history, summary)[-MOST_ROUNDS:],
    }


def opened(stage: Stage, fact: StageOpened) -> Stage:
    """Begin to collect evidence."""
    return stage.model_copy(
        update={
            "status": StageStatus.COLLECTING,
            "round": fact.round,
            "since": fact.at,
            "why": "",
            "evidence_due": fact.evidence_due,
            "is_late": False,
            "returned": False,
            "quiet_until": None,
        }
    )


def paused(stage: Stage, fact: StagePaused) -> Stage:
    """Wait for another stage again."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.why, ()),
            "status": StageStatus.WAITING,
            "since": fact.at,
            "why": fact.why,
            "standing": None,
        }
    )


def unowned(stage: Stage, fact: StageUnowned) -> Stage:
    """Stop: nobody can fill the seats."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.why, ()),
            "status": StageStatus.UNOWNED,
            "since": fact.at,
            "why": fact.why,
        }
    )


def held(stage: Stage, fact: StageHeld) -> Stage:
    """Stand still; approvals of the round are kept for the next."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.why, ()),
            "status": StageStatus.HELD,
            "since": fact.at,
            "why": fact.why,
            "held_why": fact.why,
        }
    )


def expired(stage: Stage, fact: StageExpired) -> Stage:
    """End the request: every sign-off of the round is void, and none is kept for the next."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.why, tuple(stage.signoffs)),
            "status": StageStatus.EXPIRED,
            "since": fact.at,
            "why": fact.why,
            "standing": None,
            "ask_anew": tuple(stage.signoffs),
        }
    )


def sent_back(stage: Stage, fact: StageSentBack) -> Stage:
    """Give the stage back to its producers."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.reason, tuple(stage.signoffs)),
            "status": StageStatus.SENT_BACK,
            "round": fact.round,
            "since": fact.at,
            "why": fact.reason,
            "sent_back_by": fact.by,
            "evidence_due": fact.evidence_due,
            "returned": True,
            "reopened_at": (),
            "standing": None,
            "ask_anew": tuple(stage.signoffs or stage.earlier),
        }
    )


def reopened(stage: Stage, fact: StageReopened) -> Stage:
    """Begin the next round; the gate stays as the fact says."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, fact.why, fact.voided),
            "status": StageStatus.COLLECTING,
            "round": fact.round,
            "since": fact.at,
            "why": fact.why,
            "evidence_due": fact.evidence_due,
            "standing": stage.standing if fact.gate == "keep" else None,
            "ask_anew": tuple(dict.fromkeys([*stage.ask_anew, *(fact.roles or ())])),
            "put_away": _put_away(stage, fact),
            "quiet_until": fact.quiet_until,
            "reopened_at": _reopened_at(stage, fact),
        }
    )


def _reopened_at(stage: Stage, fact: StageReopened) -> tuple[Instant, ...]:
    if fact.reason not in COUNTED:
        return stage.reopened_at
    return (*stage.reopened_at, fact.at)[-MOST_REOPENINGS:]


def released(stage: Stage, fact: StageReleased) -> Stage:
    """Go on from a hold; what reopened the stage before no longer counts.

    One that waits for its needs, or for a new request, goes on waiting for those.
    """
    free = {"held_why": "", "reopened_at": ()}
    if stage.status != StageStatus.HELD:
        return stage.model_copy(update=free)
    on = {"status": StageStatus.COLLECTING, "since": fact.at, "why": ""}
    return stage.model_copy(update={**free, **on})


def _put_away(stage: Stage, fact: StageReopened) -> PutAway | None:
    """Keep what an alert ends until owners are asked, in case the alert goes away before."""
    if not fact.alert:
        return None
    if stage.put_away is not None:
        return stage.put_away
    if stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}:
        return None
    return PutAway(
        status=stage.status,
        round=stage.round,
        since=stage.since,
        standing=stage.standing,
        signoffs=stage.signoffs,
        alert=fact.alert,
    )


def ended(stage: Stage, fact: AnyFact, why: str) -> Stage:
    """End a stage for good: nobody is asked any more, and nothing stands."""
    return stage.model_copy(
        update={
            **_ended_round(stage, fact, why, tuple(stage.signoffs)),
            "status": StageStatus.WAITING,
            "since": fact.at,
            "why": why,
            "held_why": "",
            "standing": None,
        }
    )


def reopening_withdrawn(stage: Stage, _: ReopeningWithdrawn) -> Stage:
    """Let what was approved before the reopening stand again."""
    kept = stage.put_away
    if kept is None:
        return stage
    return stage.model_copy(
        update={
            **CLOCKS_OFF,
            "status": kept.status,
            "round": kept.round,
            "since": kept.since,
            "why": "",
            "held_why": "",
            "standing": kept.standing,
            "signoffs": kept.signoffs,
            "earlier": {},
            "ask_anew": (),
            "quiet_until": None,
            "history": tuple(h for h in stage.history if h.round != kept.round),
            "put_away": None,
        }
    )


def resumed(state: VersionState, fact: AnyFact) -> dict[str, Stage]:
    """Begin again after a withdrawal: every stage that is not approved waits for its needs.

    A signal may have reopened one meanwhile; its clock starts when it opens.
    """
    return closed(state, fact, "")


def closed(state: VersionState, fact: AnyFact, why: str) -> dict[str, Stage]:
    """End every open round of a version that nobody reviews now; what is approved stays written."""
    done = {StageStatus.APPROVED, StageStatus.EXPIRED}
    ended = {"status": StageStatus.WAITING, "since": fact.at, "why": why}
    return {
        name: stage.model_copy(
            update=CLOCKS_OFF
            if stage.status in done
            else {**_ended_round(stage, fact, why, ()), **ended}
        )
        for name, stage in state.stages.items()
    }
