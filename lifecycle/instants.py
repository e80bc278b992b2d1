"""When time alone changes something: of one stage, and of a version, the one timer to keep."""

from datetime import datetime

from lifecycle.basis import remembered_by_basis
from lifecycle.definition import StageRule
from lifecycle.evidence import expiry_of
from lifecycle.lapsing import lapse_instants
from lifecycle.rounds import asks_at
from lifecycle.side_stages import stage_rules
from lifecycle.silence import steps_to_come
from lifecycle.standing import are_deployed
from lifecycle.state import Basis, Stage, StageStatus, VersionState
from lifecycle.turning import next_turn


def next_deadline(state: VersionState) -> datetime | None:
    """Give the next instant at which time alone changes something; the one timer to keep."""
    if state.lifecycle is None or state.is_closed or state.is_withdrawn:
        return None
    found = (next_turn(state), next_instant(state, state.stages, state.deployments))
    return min((at for at in found if at is not None), default=None)


@remembered_by_basis
def next_instant(
    state: Basis, stages: dict[str, Stage], deployments: dict[str, str]
) -> datetime | None:
    """Give the first instant at which time alone changes something, whoever is on call."""
    instants = list(lapse_instants(state))
    for rule in stage_rules(state):
        instants += instants_of(state, rule, stages[rule.name], deployments)
    return min(instants, default=None)


def instants_of(
    state: Basis, rule: StageRule, stage: Stage, deployments: dict[str, str]
) -> tuple[datetime, ...]:
    """Give the instants at which time alone changes something about a stage."""
    standing = stage.standing
    is_open = stage.status in _OPEN
    found = _while_open(state, rule, stage) if is_open else _of_evidence(stage)
    if standing is None:
        return found
    is_done = stage.status in _DONE
    if standing.renew_at is not None and is_done and are_deployed(state, stage, deployments):
        found = (*found, standing.renew_at)
    if standing.valid_until is not None and not standing.is_lapsed:
        found = (*found, standing.valid_until)
    return found


_OPEN = frozenset({StageStatus.COLLECTING, StageStatus.ASKING})
_DONE = frozenset({StageStatus.APPROVED, StageStatus.EXPIRED})


def _of_evidence(stage: Stage) -> tuple[datetime, ...]:
    due = stage.evidence_due
    return () if due is None or stage.is_late else (due,)


@remembered_by_basis
def _while_open(state: Basis, rule: StageRule, stage: Stage) -> tuple[datetime, ...]:
    """Give the instants of a stage that waits for evidence, or whose owners are asked."""
    asked_at = asks_at(state, rule, stage)
    if asked_at is not None:
        return (asked_at,)
    if stage.status != StageStatus.ASKING:
        return _of_evidence(stage)
    expiry = expiry_of(state, rule)
    steps = (step.at for step in steps_to_come(stage))
    return (*_of_evidence(stage), *steps, *(() if expiry is None else (expiry,)))
