"""The part of the fold that concerns whether requests reached those of whom they are asked."""

from collections.abc import Callable
from typing import Any

from lifecycle.receipts import with_receipt
from lifecycle.signoff_facts import DeliveryReported
from lifecycle.state import VersionState


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


VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    DeliveryReported: _reported,
}
