"""The part of the fold that concerns whole requests: withdrawn, moved, queued."""

from collections.abc import Callable
from typing import Any

from lifecycle.canonical import digest_of
from lifecycle.definition import Calendar, Lifecycle
from lifecycle.memory import remembered
from lifecycle.round_evolve import closed
from lifecycle.side_stages import is_side_stage, stage_rules
from lifecycle.signoff_facts import TurnAwaited, TurnTaken
from lifecycle.state import Stage, StageStatus, VersionState, VersionStatus
from lifecycle.trust_facts import LifecycleMigrated, PreviousRead, RequestWithdrawn
from lifecycle.values import Instant

MOST_FORMER = 200
"""How many stages of earlier definitions are remembered."""


def _withdrawn(state: VersionState, fact: RequestWithdrawn) -> dict[str, Any]:
    """End every open round; what stands approved stays written, for when it goes on."""
    name = fact.person or fact.by
    who = state.roster.called(name) if state.roster else name
    reason = f": {fact.reason}" if fact.reason else ""
    why = f"{who} withdrew the request for review{reason}".rstrip(".") + "."
    return {
        "status": VersionStatus.WITHDRAWN,
        "closed_why": why,
        "stages": closed(state, fact, why),
    }


def _migrated(state: VersionState, fact: LifecycleMigrated) -> dict[str, Any]:
    """Keep the stages that the new definition names too; what hangs on others goes with them."""
    own = {
        rule.name: state.stages.get(rule.name) or _begun(state, rule.name, fact.at)
        for rule in fact.definition.stages
    }
    stages = {**own, **side_stages_under(state, fact.definition, fact.at)}
    return {
        "former_rounds": _former_rounds(state, stages),
        "lifecycle": fact.definition,
        "lifecycle_digest": fact.digest,
        "working": state.working if is_of(fact.definition.calendar, state) else None,
        "stages": stages,
        "conditions": {k: one for k, one in state.conditions.items() if one.stage in stages},
        "findings": {
            key: one if one.stage in stages else one.model_copy(update={"stage": None})
            for key, one in state.findings.items()
        },
        "alerts": {
            key: firing.model_copy(
                update={"pending": tuple(p for p in firing.pending if p.stage in stages)}
            )
            for key, firing in state.alerts.items()
        },
    }


def side_stages_under(state: VersionState, definition: Lifecycle, at: Instant) -> dict[str, Stage]:
    """Give the reviews and acceptances that are owed under a definition, as far as they are."""
    moved = state.model_copy(update={"lifecycle": definition})
    return {
        rule.name: state.stages.get(rule.name) or _begun(state, rule.name, at)
        for rule in stage_rules(moved)
        if is_side_stage(rule.name)
    }


def _begun(state: VersionState, name: str, at: Instant) -> Stage:
    """Begin a stage; one that an earlier definition had goes on counting its rounds."""
    former = state.former_rounds.get(name, 0)
    return Stage(name=name, since=at, round=former + 1 if former else 0)


def _former_rounds(state: VersionState, kept: dict[str, Stage]) -> dict[str, int]:
    """Remember the last rounds of stages that go, since what was asked in them is on record."""
    gone = {name: one.round for name, one in state.stages.items() if name not in kept and one.round}
    before = {name: last for name, last in state.former_rounds.items() if name not in gone}
    return dict(list({**before, **gone}.items())[-MOST_FORMER:])


def is_of(calendar: Calendar | None, state: VersionState) -> bool:
    """Say whether the working time that is known is that of a calendar."""
    if calendar is None or state.working is None:
        return False
    return state.working.calendar == digest_of(calendar.model_dump(mode="json"))


def _awaited(state: VersionState, fact: TurnAwaited) -> dict[str, Any]:
    """Take a place in a queue; its number is that of this fact."""
    stage = state.stages.get(fact.stage)
    if stage is None:
        return {}
    update = {"ticket": stage.ticket or state.sequence + 1, "behind": fact.behind}
    return {"stages": {**state.stages, fact.stage: stage.model_copy(update=update)}}


def _turn_taken(stage: Stage, _: TurnTaken) -> Stage:
    return stage.model_copy(update={"has_turn": True, "behind": ()})


def has_queues(lifecycle: Lifecycle | None) -> bool:
    """Say whether any stage takes one version at a time; without one, no place is held."""
    return lifecycle is not None and _has_queues(lifecycle)


@remembered
def _has_queues(lifecycle: Lifecycle) -> bool:
    return any(rule.one_at_a_time for rule in lifecycle.stages)


def without_lost_places(state: VersionState) -> VersionState:
    """Give places in queues back: of stages that are approved, and when nobody reviews any more."""
    if not any(stage.ticket for stage in state.stages.values()):
        return state
    rests = state.is_closed or state.is_withdrawn
    rules = state.lifecycle.stages if state.lifecycle else ()
    queued = {rule.name for rule in rules if rule.one_at_a_time}
    stages = {
        name: stage.model_copy(update=_NO_PLACE)
        if stage.ticket and (rests or stage.status in _DONE or name not in queued)
        else stage
        for name, stage in state.stages.items()
    }
    return state.model_copy(update={"stages": stages})


_DONE = {StageStatus.APPROVED, StageStatus.EXPIRED}
_NO_PLACE: dict[str, Any] = {"ticket": 0, "has_turn": False, "behind": ()}

STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {TurnTaken: _turn_taken}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    RequestWithdrawn: _withdrawn,
    LifecycleMigrated: _migrated,
    TurnAwaited: _awaited,
    PreviousRead: lambda _, fact: {"previous": fact.previous},
}
