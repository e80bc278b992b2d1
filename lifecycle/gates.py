"""The door: whether these bytes may pass, and why. Fails closed."""

from datetime import datetime

from lifecycle.canonical import short
from lifecycle.standing_gates import lapsed_at
from lifecycle.values import moment
from lifecycle.view import GateAnswer, StandingGate, VersionView
from lifecycle.view_parts import OverrideView


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
    objections = _objections(found, digest, now)
    override = next((o for o in found.overrides if digest in o.digests and now < o.until), None)
    if override is not None and not _is_review_late(found, now):
        return _opened(view, found, override, objections, now)
    if objections:
        return _no(view, gate, now, *objections)
    return GateAnswer(
        allowed=True,
        reasons=found.reasons,
        gate=gate,
        model=view.model,
        version=view.version,
        approvals=found.approvals,
        as_of=now,
        valid_until=_ends(found, now),
    )


def _objections(gate: StandingGate, digest: str, now: datetime) -> tuple[str, ...]:
    """Say everything that keeps a gate closed for a digest at an instant."""
    reasons: list[str] = []
    if not gate.allowed:
        reasons += gate.reasons
    elif digest not in gate.digests:
        reasons.append(f"Nobody signed for {short(digest)} on the way to {gate.gate}.")
    elif gate.valid_until is not None and gate.valid_until <= now:
        reasons.append(lapsed_at(gate.valid_until))
    reasons += [
        f"{one.stage}: the condition of {one.name} was due {moment(one.due)}: {one.text}"
        for one in gate.conditions
        if one.due <= now
    ]
    if _is_review_late(gate, now):
        reasons.append("Trust is suspended: an override was not reviewed in time.")
    if gate.effective_at is not None and now < gate.effective_at:
        reasons.append(f"Effective from {moment(gate.effective_at)}; {gate.gate} opens no sooner.")
    reasons += [
        f"Frozen until {moment(window.until)}: {window.name}."
        for window in gate.freezes
        if window.starts <= now < window.until
    ]
    return tuple(reasons)


def _is_review_late(gate: StandingGate, now: datetime) -> bool:
    """Say whether an override is unreviewed past its time, even before that is on record."""
    return gate.review_due is not None and gate.review_due <= now


def _ends(gate: StandingGate, now: datetime) -> datetime | None:
    """Give the first instant from which a yes may be a no without another fact."""
    ends = [gate.valid_until, gate.review_due, *(one.due for one in gate.conditions)]
    ends += [window.starts for window in gate.freezes if window.starts > now]
    return min((instant for instant in ends if instant is not None), default=None)


def _opened(
    view: VersionView,
    gate: StandingGate,
    override: OverrideView,
    objections: tuple[str, ...],
    now: datetime,
) -> GateAnswer:
    """Say yes by an override, loudly, with everything that it overrides."""
    loud = (
        f"OVERRIDE {override.id}: {override.name} ({override.role}) opened {gate.gate} until "
        f"{moment(override.until)}: {override.reason}"
    )
    lacks = tuple(f"Overridden: {reason}" for reason in objections)
    ends = [override.until, *((gate.review_due,) if gate.review_due else ())]
    return GateAnswer(
        allowed=True,
        reasons=(loud, *(lacks or gate.reasons)),
        gate=gate.gate,
        model=view.model,
        version=view.version,
        approvals=gate.approvals,
        as_of=now,
        valid_until=min(ends),
        override=override,
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
