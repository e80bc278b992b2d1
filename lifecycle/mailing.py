"""Whom to ask by e-mail: who may decide an open request that did not reach them in Slack."""

from lifecycle.free_seats import can_decide
from lifecycle.memory import remembered
from lifecycle.receipts import outcomes_by
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.values import Frozen, signoff_id


class Unasked(Frozen):
    """A request, and the people who are to be asked by e-mail."""

    signoff: str
    stage: str
    round: int
    role: str
    people: tuple[str, ...]


@remembered
def unasked(state: VersionState) -> tuple[Unasked, ...]:
    """Give the open requests of which somebody is to be asked by e-mail; each person once."""
    if state.is_closed or state.is_withdrawn:
        return ()
    found = (
        Unasked(
            signoff=signoff_id(state.model, state.version, stage.name, signoff.round, signoff.role),
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            people=_people(state, stage, signoff),
        )
        for stage in state.stages.values()
        if stage.status == StageStatus.ASKING
        for signoff in stage.signoffs.values()
        if signoff.receipts and signoff.status == SignoffStatus.PENDING
    )
    return tuple(one for one in found if one.people)


def _people(state: VersionState, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    in_slack, by_mail = (outcomes_by(signoff.receipts, way) for way in ("slack", "email"))
    return tuple(
        person
        for person in can_decide(state, stage, signoff)
        if person in in_slack and in_slack[person].outcome != "sent" and person not in by_mail
    )
