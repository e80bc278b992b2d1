"""The part of the fold that concerns whole requests: withdrawn, moved, queued."""

from collections.abc import Callable
from typing import Any

from lifecycle.canonical import digest_of
from lifecycle.definition import Calendar
from lifecycle.round_evolve import closed
from lifecycle.side_stages import is_side_stage, stage_rules
from lifecycle.state import Stage, VersionState, VersionStatus
from lifecycle.trust_facts import LifecycleMigrated, RequestWithdrawn


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
        rule.name: state.stages.get(rule.name, Stage(name=rule.name, since=fact.at))
        for rule in fact.definition.stages
    }
    moved = state.model_copy(update={"lifecycle": fact.definition})
    sides = {
        rule.name: state.stages[rule.name]
        for rule in stage_rules(moved)
        if is_side_stage(rule.name) and rule.name in state.stages
    }
    stages = {**own, **sides}
    return {
        "lifecycle": fact.definition,
        "lifecycle_digest": fact.digest,
        "working": state.working if _is_of(fact.definition.calendar, state) else None,
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


def _is_of(calendar: Calendar | None, state: VersionState) -> bool:
    """Say whether the working time that is known is that of a calendar."""
    if calendar is None or state.working is None:
        return False
    return state.working.calendar == digest_of(calendar.model_dump(mode="json"))


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    RequestWithdrawn: _withdrawn,
    LifecycleMigrated: _migrated,
}
