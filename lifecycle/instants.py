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
    instants = [
        instant
        for rule in stage_rules(state)
        for instant in instants_of(state, rule, state.stages[rule.name], state.deployments)
    ]
    instants += [at for at in (next_turn(state),) if at is not None]
    instants += lapse_instants(state)
    return min(instants, default=None)


@remembered_by_basis
def instants_of(
    state: Basis, rule: StageRule, stage: Stage, deployments: dict[str, str]
) -> tuple[datetime, ...]:
    """Give the instants at which time alone changes something about a stage."""
    instants: list[datetime | None] = []
    asked_at = asks_at(state, rule, stage)
    if asked_at is not None:
        instants.append(asked_at)
    elif stage.evidence_due is not None and not stage.is_late:
        instants.append(stage.evidence_due)
    if stage.status == StageStatus.ASKING:
        instants.extend(step.at for step in steps_to_come(stage))
        instants.append(expiry_of(state, rule))
    standing = stage.standing
    is_done = stage.status in {StageStatus.APPROVED, StageStatus.EXPIRED}
    renews = standing is not None and standing.renew_at is not None and is_done
    if standing is not None and renews and are_deployed(state, stage, deployments):
        instants.append(standing.renew_at)
    if standing is not None and not standing.is_lapsed:
        instants.append(standing.valid_until)
    return tuple(instant for instant in instants if instant is not None)
