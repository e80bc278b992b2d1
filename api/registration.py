"""Registering a version, and asking for its review."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import Principal
from api.delivery import deliver_unclaimed
from api.deps import Composition
from api.paging import must_see
from api.problems import FieldProblem, Invalid, NotFound
from api.schemas_versions import NewVersion, ReviewRequest
from api.superseding import supersede_older
from integrations.database.registry import get_lifecycle, get_model
from lifecycle.commands import Register, RequestReview
from lifecycle.state import VersionStatus
from workflows.messages import Answer

MISSING = (
    "this model's lifecycle wants to know who made a version; name at least one producer, a person"
    " or a declared machine"
)


async def producers_are_missing(connection: AsyncConnection, model: str) -> str | None:
    """Say that a model's lifecycle requires producers; None when it doesn't, or is not known."""
    record = await get_model(connection, model)
    lifecycle = await get_lifecycle(connection, record.file.lifecycle) if record else None
    return MISSING if lifecycle is not None and lifecycle.producers == "required" else None


async def register(
    composition: Composition, principal: Principal, model: str, new: NewVersion, update_id: str
) -> dict[str, Any]:
    """Register a version and let in what waited for it.

    Raises NotFound for an unknown model, Invalid without producers, and what `ask` raises.
    """
    async with composition.database.transaction() as connection:
        if await get_model(connection, model) is None:
            raise NotFound(f"There is no model {model}; describe it first, with PUT.")
        missing = None if new.producers else await producers_are_missing(connection, model)
    if missing is not None:
        raise Invalid(
            "A version needs its producers.",
            errors=[FieldProblem(path="producers", message=missing)],
        )
    command = Register(
        id=update_id,
        by=principal.id,
        model=model,
        version=new.version,
        artifacts=new.given,
        producers=new.producers,
        commit_authors=new.commit_authors,
    )
    answer = await composition.lifecycles.ask(
        model, new.version, command, update_id=update_id, start=True
    )
    await deliver_unclaimed(composition, model, new.version)
    if answer.view.get("status") == VersionStatus.IN_REVIEW:
        await supersede_older(composition, model, new.version)
    return told(composition, model, new.version, answer)


async def request_review(
    composition: Composition,
    principal: Principal,
    model: str,
    version: str,
    sent: ReviewRequest,
    update_id: str,
) -> dict[str, Any]:
    """Ask for review as the key's person, and let it take the place of older versions."""
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
    command = RequestReview(
        id=update_id, by=principal.id, person=principal.person, effective_at=sent.effective_at
    )
    answer = await composition.lifecycles.ask(model, version, command, update_id=update_id)
    await supersede_older(composition, model, version)
    return told(composition, model, version, answer)


def told(composition: Composition, model: str, version: str, answer: Answer) -> dict[str, Any]:
    """Give a workflow's answer as the API says it, and remember that it was heard."""
    if answer.recorded:
        composition.confirmations.note(model, version, answer.sequence, composition.clock())
    return answer.model_dump(mode="json")
