"""The part of the fold that concerns overrides, their reviews, and suspended trust."""

from collections.abc import Callable
from typing import Any

from lifecycle.facts import AnyFact
from lifecycle.side_stages import OVERRIDE, review_stage
from lifecycle.stage_facts import ChangesRequested
from lifecycle.state import Override, Stage, VersionState, VersionStatus
from lifecycle.trust_facts import GateOverridden, OverrideEnded, TrustRestored, TrustSuspended

MOST_KEPT = 20
"""How many overrides that are over and reviewed are kept; all are in the ledger."""
LONGEST_REASON = 800
"""Characters that are kept of why a gate was overridden; the whole of it is in the ledger."""


def _overridden(state: VersionState, fact: GateOverridden) -> dict[str, Any]:
    """Open a gate, and the stage in which that is reviewed."""
    override = Override(
        id=fact.override,
        gate=fact.gate,
        person=fact.person,
        role=fact.role,
        reason=fact.reason[:LONGEST_REASON],
        digests=fact.digests,
        at=fact.at,
        until=fact.until,
        review_due=fact.review_due,
        via=fact.via,
    )
    name = review_stage(fact.override)
    overrides = {**state.overrides, override.id: override}
    stages = {**state.stages, name: Stage(name=name, since=fact.at)}
    settled = [one.id for one in overrides.values() if one.is_over and one.is_reviewed]
    for gone in settled[: max(0, len(settled) - MOST_KEPT)]:
        del overrides[gone]
        stages.pop(review_stage(gone), None)
    return {
        "overrides": overrides,
        "stages": stages,
        "numbered": state.numbered + 1,
        "overridden": state.overridden + 1,
    }


def _override_ended(state: VersionState, fact: OverrideEnded) -> dict[str, Any]:
    if fact.override not in state.overrides:
        return {}
    ended = state.overrides[fact.override].model_copy(update={"is_over": True})
    return {"overrides": {**state.overrides, ended.id: ended}}


def _suspended(state: VersionState, fact: TrustSuspended) -> dict[str, Any]:
    return {
        "suspended_why": fact.why,
        "suspended_from": state.status,
        "status": VersionStatus.SUSPENDED,
    }


def _restored(state: VersionState, _: TrustRestored) -> dict[str, Any]:
    """Come back to the status of before, unless the version was withdrawn and asked for since."""
    is_suspended = state.status == VersionStatus.SUSPENDED and state.suspended_from is not None
    return {
        "suspended_why": "",
        "suspended_from": None,
        "status": state.suspended_from if is_suspended else state.status,
    }


def reviews_after(state: VersionState, update: dict[str, Any], fact: AnyFact) -> dict[str, Any]:
    """Follow the reviews of overrides: signed, declined, or taken back."""
    if not state.overrides:
        return {}
    name = getattr(fact, "stage", None) or ""
    override = state.overrides.get(name.removeprefix(OVERRIDE))
    if not name.startswith(OVERRIDE) or override is None:
        return {}
    stages: dict[str, Stage] = update.get("stages", state.stages)
    stage = stages.get(name)
    is_reviewed = stage is not None and stage.standing is not None
    is_declined = not is_reviewed and (override.is_declined or isinstance(fact, ChangesRequested))
    changed = override.model_copy(update={"is_reviewed": is_reviewed, "is_declined": is_declined})
    return {"overrides": {**state.overrides, override.id: changed}}


VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    GateOverridden: _overridden,
    OverrideEnded: _override_ended,
    TrustSuspended: _suspended,
    TrustRestored: _restored,
}
