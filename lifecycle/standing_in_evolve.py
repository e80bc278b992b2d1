"""The part of the fold that concerns who stands in for whom."""

from collections.abc import Callable
from typing import Any

from lifecycle.signoff_facts import Delegated, DelegationEnded
from lifecycle.state import DelegationGiven, Stage, VersionState
from lifecycle.trust_facts import RosterTurned


def _delegations(stage: Stage, role: str, given: tuple[DelegationGiven, ...]) -> Stage:
    changed = stage.signoffs[role].model_copy(update={"delegations": given})
    return stage.model_copy(update={"signoffs": {**stage.signoffs, role: changed}})


def _delegated(stage: Stage, fact: Delegated) -> Stage:
    if fact.role not in stage.signoffs:
        return stage
    others = (d for d in stage.signoffs[fact.role].delegations if d.person != fact.person)
    new = DelegationGiven(person=fact.person, to=fact.to, until=fact.until, reason=fact.reason)
    return _delegations(stage, fact.role, (*others, new))


def _ended(stage: Stage, fact: DelegationEnded) -> Stage:
    """Keep what is over, so that the delegate is told why when they answer all the same."""
    if fact.role not in stage.signoffs:
        return stage
    given = tuple(
        d.model_copy(update={"ended": fact.why or "It is over."})
        if (d.person, d.to) == (fact.person, fact.to)
        else d
        for d in stage.signoffs[fact.role].delegations
    )
    return _delegations(stage, fact.role, given)


def _turned(state: VersionState, fact: RosterTurned) -> dict[str, Any]:
    if state.roster is None:
        return {}
    now = {"on_duty": fact.on_duty, "absent": fact.absent}
    return {"roster": state.roster.model_copy(update=now)}


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    Delegated: _delegated,
    DelegationEnded: _ended,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    RosterTurned: _turned,
}
