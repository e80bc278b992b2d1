"""The door: whether these bytes may pass, and why. Fails closed."""

from datetime import datetime

from lifecycle.canonical import short
from lifecycle.explain import stage_explanation
from lifecycle.fact_values import Approval
from lifecycle.standing import closes_when_it_lapses, is_closed_by_lapse
from lifecycle.state import Stage, VersionState
from lifecycle.view import ApprovalView, GateAnswer, StandingGate, VersionView


def standing_gates(state: VersionState) -> tuple[StandingGate, ...]:
    """Give every gate as the state alone answers it, whatever the digest and the time."""
    if state.lifecycle is None:
        return ()
    return tuple(_standing(state, gate, stages) for gate, stages in state.lifecycle.gates.items())


def _standing(state: VersionState, gate: str, asked: tuple[str, ...]) -> StandingGate:
    lifecycle = state.lifecycle
    if lifecycle is None:
        return StandingGate(gate=gate, allowed=False, reasons=("No lifecycle is known yet.",))
    wanted = {name for stage in asked for name in lifecycle.needs_of(stage)}
    stages = [state.stages[rule.name] for rule in lifecycle.stages if rule.name in wanted]
    reasons = [_closed_reason(state)] if state.is_closed or state.is_withdrawn else []
    reasons += [
        f"{stage.name}: {stage_explanation(state, stage).summary}"
        for stage in stages
        if stage.standing is None
    ]
    reasons += [
        f"{stage.name}: {_lapsed_at(stage.standing.valid_until)}"
        for stage in stages
        if stage.standing and stage.standing.valid_until and is_closed_by_lapse(state, stage)
    ]
    return StandingGate(
        gate=gate,
        allowed=not reasons,
        reasons=tuple(reasons) or (f"Every stage that {gate} needs stands approved.",),
        approvals=tuple(_approvals(state, stages)),
        valid_until=_valid_until(state, stages),
        digests=_signed_bytes(state, stages),
    )


def _lapsed_at(instant: datetime) -> str:
    return f"The approval lapsed at {instant:%Y-%m-%d %H:%M} UTC; renew it."


def _closed_reason(state: VersionState) -> str:
    return f"This version is {state.status}: {state.closed_why}"


def _approvals(state: VersionState, stages: list[Stage]) -> list[ApprovalView]:
    return [
        _approval(state, stage.name, approval, index)
        for stage in stages
        if stage.standing is not None
        for approval in stage.standing.approvals
        for index in range(len(approval.votes))
    ]


def _approval(state: VersionState, stage: str, approval: Approval, index: int) -> ApprovalView:
    vote = approval.votes[index]
    return ApprovalView(
        stage=stage,
        round=vote.round,
        role=approval.role,
        statement=approval.statement,
        person=vote.person,
        name=state.roster.called(vote.person) if state.roster else vote.person,
        at=vote.at,
        right=vote.right,
        revision=vote.revision,
    )


def _valid_until(state: VersionState, stages: list[Stage]) -> datetime | None:
    """Give when the first approval lapses, where a lapse closes the gate."""
    instants = [
        stage.standing.valid_until
        for stage in stages
        if stage.standing and stage.standing.valid_until and closes_when_it_lapses(state, stage)
    ]
    return min(instants, default=None)


def _signed_bytes(state: VersionState, stages: list[Stage]) -> tuple[str, ...]:
    """Give the current digests that at least one of the stages approved by that very digest."""
    signed = {d for s in stages if s.standing for d in s.standing.artifacts.values()}
    return tuple(digest for digest in state.digests if digest in signed)


def answer(view: VersionView, gate: str, digest: str, now: datetime) -> GateAnswer:
    """Answer for one digest at one instant; anything unknown is a no that says so."""
    found = next((g for g in view.gates if g.gate == gate), None)
    named = f"{view.model} {view.version}"
    current = tuple(a.digest for a in view.artifacts if a.digest)
    if found is None:
        names = " or ".join(g.gate for g in view.gates) or "none"
        return _no(view, gate, now, f"{named} has no gate {gate}; its gates: {names}.")
    if digest not in current:
        held = ", ".join(short(d) for d in current) or "unknown"
        reason = f"{short(digest)} is not what {named} holds now ({held})."
        return _no(view, gate, now, reason)
    if not found.allowed:
        return _no(view, gate, now, *found.reasons)
    if digest not in found.digests:
        reason = f"Nobody signed for {short(digest)} on the way to {gate}."
        return _no(view, gate, now, reason)
    if found.valid_until is not None and found.valid_until <= now:
        return _no(view, gate, now, _lapsed_at(found.valid_until))
    return GateAnswer(
        allowed=True,
        reasons=found.reasons,
        gate=gate,
        model=view.model,
        version=view.version,
        approvals=found.approvals,
        as_of=now,
        valid_until=found.valid_until,
    )


def _no(view: VersionView, gate: str, now: datetime, *reasons: str) -> GateAnswer:
    return GateAnswer(
        allowed=False,
        reasons=reasons,
        gate=gate,
        model=view.model,
        version=view.version,
        as_of=now,
    )
