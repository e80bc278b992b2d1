"""The part of the fold that concerns whether requests reached those of whom they are asked."""

from collections.abc import Callable
from typing import Any

from lifecycle.receipts import with_receipt
from lifecycle.signoff_facts import DeliveryReported, StepHastened, UnreachedTold
from lifecycle.state import SignoffStatus, Stage, VersionState


def _reported(state: VersionState, fact: DeliveryReported) -> dict[str, Any]:
    stages = dict(state.stages)
    for receipt in fact.receipts:
        stage = stages.get(receipt.stage)
        signoff = stage.signoffs.get(receipt.role) if stage else None
        if stage is None or signoff is None or signoff.round != receipt.round:
            continue
        known = with_receipt(signoff.receipts, receipt)
        changed = signoff.model_copy(update={"receipts": known})
        signoffs = {**stage.signoffs, receipt.role: changed}
        stages[stage.name] = stage.model_copy(update={"signoffs": signoffs})
    return {"stages": stages}


def _told(stage: Stage, fact: UnreachedTold) -> Stage:
    stage = _noted(stage, fact.role, fact.about, is_hastened=fact.step is not None)
    return stage if fact.step is None else _without_role(stage, fact.step, fact.role)


def _hastened(stage: Stage, fact: StepHastened) -> Stage:
    stage = _noted(stage, fact.role, fact.about, is_hastened=True)
    stage = _without_role(stage, fact.of, fact.role)
    return stage.model_copy(update={"steps": (fact.step, *stage.steps)})


def _noted(stage: Stage, role: str, about: tuple[str, ...], *, is_hastened: bool) -> Stage:
    signoff = stage.signoffs.get(role)
    if signoff is None:
        return stage
    told = tuple(dict.fromkeys([*signoff.unreached_told, *about]))
    update = {"unreached_told": told, "is_hastened": signoff.is_hastened or is_hastened}
    signoffs = {**stage.signoffs, role: signoff.model_copy(update=update)}
    return stage.model_copy(update={"signoffs": signoffs})


def _without_role(stage: Stage, index: int, role: str) -> Stage:
    """Leave a step to the other roles that it concerns, or plan it no more."""
    steps = []
    for step in stage.steps:
        if step.index != index:
            steps.append(step)
            continue
        roles = step.roles or tuple(
            name for name, one in stage.signoffs.items() if one.status == SignoffStatus.PENDING
        )
        if left := tuple(name for name in roles if name != role):
            steps.append(step.model_copy(update={"roles": left}))
    return stage.model_copy(update={"steps": tuple(steps)})


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    UnreachedTold: _told,
    StepHastened: _hastened,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    DeliveryReported: _reported,
}
