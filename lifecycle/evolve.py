"""The fold: what a fact makes of the state. Total: it never refuses and never reads a clock."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from lifecycle import (
    answer_evolve,
    evidence,
    override_evolve,
    pause_evolve,
    receipt_evolve,
    request_evolve,
    round_evolve,
    stage_evolve,
    standing_in_evolve,
    trust_evolve,
)
from lifecycle.basis import hand_on
from lifecycle.building import built
from lifecycle.calendars import EPOCH
from lifecycle.canonical import digest_of
from lifecycle.fact_values import Evidence
from lifecycle.facts import (
    AnyFact,
    ArtifactChanged,
    CalendarResolved,
    DeploymentObserved,
    EvidenceAttached,
    LifecyclePinned,
    ReviewRequested,
    RosterRead,
    VersionApproved,
    VersionRegistered,
    VersionReopened,
    VersionRetired,
    VersionSuperseded,
)
from lifecycle.memory import remembered
from lifecycle.notices import noticed, with_notice
from lifecycle.outcome_notices import outcome_notice
from lifecycle.state import Stage, VersionState, VersionStatus, blank
from lifecycle.trust_notices import trust_notice

MOST_SEEN = 2000
SEEN_DAYS = 30


def fold(model: str, version: str, facts: Iterable[AnyFact]) -> VersionState:
    """Fold all facts of a version, in order."""
    state = blank(model, version)
    for fact in facts:
        state = evolve(state, fact)
    return state


@remembered
def evolve(state: VersionState, fact: AnyFact) -> VersionState:
    """Give the state after a fact; whoever decided on it finds it folded already."""
    change = _CHANGES.get(type(fact))
    update: dict[str, Any] = change(state, fact) if change else {}
    if not change:
        update = stage_evolve.changes(state, fact)
    update |= trust_evolve.conditions_after(state, update, fact)
    update |= override_evolve.reviews_after(state, update, fact)
    sequence = state.sequence + 1
    update |= {"sequence": sequence, "as_of": fact.at, "seen": _seen(state, fact)}
    after = state.model_copy(update=update)
    if "lifecycle" in update or request_evolve.has_queues(after.lifecycle):
        after = request_evolve.without_lost_places(after)
    notice = noticed(state, after, fact) or trust_notice(after, fact) or outcome_notice(after, fact)
    after = with_notice(after, notice) if notice else after
    hand_on(state, after, update.keys())
    return after


@lru_cache(maxsize=1024)
def seen_key(command_id: str) -> str:
    """Shorten a command's id for the list of those that were taken."""
    return digest_of(command_id)[7:23]


def was_seen(state: VersionState, command_id: str) -> bool:
    """Say whether a command of this id was taken before."""
    return bool(command_id) and seen_key(command_id) in state.seen


def _seen(state: VersionState, fact: AnyFact) -> dict[str, int]:
    if not fact.cause:
        return state.seen
    key, today = seen_key(fact.cause), (fact.at - EPOCH).days
    if key in state.seen:
        return state.seen
    kept = {k: day for k, day in state.seen.items() if today - day <= SEEN_DAYS}
    while len(kept) >= MOST_SEEN:
        del kept[next(iter(kept))]
    return {**kept, key: today}


def _registered(state: VersionState, fact: VersionRegistered) -> dict[str, Any]:
    """Take a registration; a second one names the producers that the first left out."""
    return {
        "artifacts": {a.name: a for a in fact.artifacts},
        "producers": fact.producers,
        "registered_by": state.registered_by or fact.by,
        "registered_at": state.registered_at or fact.at,
        "commit_authors": fact.commit_authors or state.commit_authors,
    }


def _pinned(state: VersionState, fact: LifecyclePinned) -> dict[str, Any]:
    is_of = request_evolve.is_of(fact.definition.calendar, state)
    return {
        "working": state.working if is_of else None,
        "lifecycle": fact.definition,
        "lifecycle_digest": fact.digest,
        "edition": fact.edition,
        "pace": fact.pace,
        "stages": {
            **{s.name: built(Stage, name=s.name, since=fact.at) for s in fact.definition.stages},
            **request_evolve.side_stages_under(state, fact.definition, fact.at),
        },
    }


def _requested(state: VersionState, fact: ReviewRequested) -> dict[str, Any]:
    requesters = dict.fromkeys([*state.requesters, *filter(None, (fact.person, fact.by))])
    begins = state.status == VersionStatus.REGISTERED or state.is_withdrawn
    stages = round_evolve.resumed(state, fact) if state.is_withdrawn else state.stages
    was_suspended = state.suspended_from == VersionStatus.REGISTERED
    return {
        "status": VersionStatus.IN_REVIEW if begins else state.status,
        "suspended_from": VersionStatus.IN_REVIEW if was_suspended else state.suspended_from,
        "closed_why": "" if state.is_withdrawn else state.closed_why,
        "requested_by": state.requested_by or fact.by,
        "requesters": tuple(requesters),
        "effective_at": fact.effective_at or state.effective_at,
        "stages": round_evolve.answered(stages, None),
    }


def _attached(state: VersionState, fact: EvidenceAttached) -> dict[str, Any]:
    new = fact.evidence
    before = evidence.counted(state, new.name)
    after = evidence.with_result(state, new)
    now = evidence.newest_about(state.digests, after.get(new.name, ()))
    if evidence.identity_of(before) == evidence.identity_of(now):
        return {"evidence": after}
    return {"evidence": after, "stages": round_evolve.answered(state.stages, _naming(state, new))}


def _naming(state: VersionState, new: Evidence) -> tuple[str, ...]:
    stages = state.lifecycle.stages if state.lifecycle else ()
    return tuple(stage.name for stage in stages if new.name in stage.evidence)


def _artifact(state: VersionState, fact: ArtifactChanged) -> dict[str, Any]:
    artifact = state.artifacts[fact.artifact].model_copy(update={"digest": fact.digest})
    return {
        "artifacts": {**state.artifacts, fact.artifact: artifact},
        "stages": round_evolve.answered(state.stages, None),
    }


def _deployed(state: VersionState, fact: DeploymentObserved) -> dict[str, Any]:
    return {"deployments": {**state.deployments, fact.environment: fact.digest}}


def _retired(state: VersionState, fact: VersionRetired) -> dict[str, Any]:
    why = f"The version is retired{': ' + fact.reason if fact.reason else '.'}"
    return {
        "status": VersionStatus.RETIRED,
        "closed_why": why,
        "stages": round_evolve.closed(state, fact, why),
    }


def _superseded(state: VersionState, fact: VersionSuperseded) -> dict[str, Any]:
    why = f"Version {fact.by_version} asks for review in its place."
    return {
        "status": VersionStatus.SUPERSEDED,
        "closed_why": why,
        "stages": round_evolve.closed(state, fact, why),
    }


_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    VersionRegistered: _registered,
    LifecyclePinned: _pinned,
    RosterRead: lambda _, fact: {"roster": fact.roster},
    CalendarResolved: pause_evolve.resolved,
    ReviewRequested: _requested,
    EvidenceAttached: _attached,
    ArtifactChanged: _artifact,
    DeploymentObserved: _deployed,
    VersionRetired: _retired,
    VersionSuperseded: _superseded,
    VersionApproved: lambda _state, _fact: {"status": VersionStatus.APPROVED},
    VersionReopened: lambda _state, _fact: {"status": VersionStatus.IN_REVIEW},
    **answer_evolve.VERSION_CHANGES,
    **standing_in_evolve.VERSION_CHANGES,
    **pause_evolve.VERSION_CHANGES,
    **receipt_evolve.VERSION_CHANGES,
    **trust_evolve.VERSION_CHANGES,
    **override_evolve.VERSION_CHANGES,
    **request_evolve.VERSION_CHANGES,
}
