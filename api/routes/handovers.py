"""Handing roles over: offered by the owner, and held once the receiver accepts."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.auth import Principal
from api.bodies import answers, json_body, reads
from api.checking import checked_handover
from api.deps import Allowed, Composed, Composition, IdempotencyKey
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import Conflict, Forbidden, Invalid, NotFound, Refusal, Unsent, described
from api.rosters import tell_of_model
from api.schemas import Listed
from api.schemas_people import AnswerSent, HandoverShown, OfferSent
from api.taking_over import take_over
from integrations.database import handovers
from integrations.database.ledger import lock_registry
from integrations.database.registry import get_model
from integrations.database.reporting_lines import people_named
from lifecycle.handover import (
    Handover,
    Offer,
    check_decline,
    check_offer,
    check_withdrawal,
)
from lifecycle.records import ModelRecord

router = APIRouter(prefix="/v1/models/{model}/handovers", tags=["models"], responses=described())
Model = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Number = Annotated[int, Path(ge=1, le=999_999_999)]
OwnerOrManager = Annotated[Principal, Depends(Allowed("owner", "manager"))]
Owner = Annotated[Principal, Depends(Allowed("owner"))]
Sees = Annotated[Principal, Depends(Allowed("owner", "manager", "auditor", "admin"))]
Answered = Annotated[AnswerSent, Depends(json_body(AnswerSent))]
_ANSWER: dict[str, Any] = {
    "response_model": HandoverShown,
    "responses": {200: answers(examples.HANDOVER), **described(NotFound, Refusal, Unsent)},
    "openapi_extra": reads(AnswerSent, {"reason": "I move to another team in May."}),
}


@router.post(
    "",
    status_code=201,
    summary="Offers a role to somebody; its owner answers until they accept",
    response_model=HandoverShown,
    responses={201: answers(examples.HANDOVER), **described(NotFound, Conflict, Refusal)},
    openapi_extra=reads(OfferSent, examples.OFFER),
)
async def offer(
    model: Model,
    principal: OwnerOrManager,
    composition: Composed,
    sent: Annotated[OfferSent, Depends(json_body(OfferSent))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Offer one's own role, or as a manager somebody else's."""
    offered = Offer(
        role=sent.role,
        giver=_giver(principal, sent),
        receiver=sent.to,
        offered_by=principal.person or principal.id,
        note=sent.note,
    )

    async def write(connection: AsyncConnection) -> Written:
        await lock_registry(connection)
        record = await _known(connection, model)
        people = await people_named(connection, [offered.receiver])
        open_offers = await handovers.open_handovers(connection, model)
        check_offer(record.file, offered, people, open_offers)
        await checked_handover(connection, record, offered)
        number = await handovers.offer_handover(
            connection, model, offered, by=principal.id, at=composition.clock()
        )
        return await _written(connection, model, number)

    request = Request(
        principal=principal, key=idempotency_key, path=f"POST models/{model}/handovers",
        body=sent.model_dump(mode="json"), status=201,
    )  # fmt: skip
    return await write_once(composition, request, write)


def _giver(principal: Principal, sent: OfferSent) -> str:
    giver = sent.giver or principal.person
    if giver is None:
        raise Invalid("This key belongs to nobody; say whose role it is with `from`.")
    if giver != principal.person and not principal.has("manager"):
        raise Forbidden(f"Only {giver} or a manager offers {giver}'s role; offer your own.")
    return giver


@router.post("/{number}/acceptances", summary="Takes the role over", **_ANSWER)
async def accept(
    model: Model,
    number: Number,
    principal: Owner,
    composition: Composed,
    _: Answered,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Hold the role from here on; running versions are told."""

    async def end(connection: AsyncConnection, record: ModelRecord, handover: Handover) -> None:
        await take_over(
            connection, composition, record, handover, person=principal.person, by=principal.id
        )

    response = await _end(
        composition, principal, idempotency_key, (model, number, "acceptances"), end
    )
    await tell_of_model(composition, model)
    return response


@router.post("/{number}/declines", summary="Leaves the role with its owner", **_ANSWER)
async def decline(
    model: Model,
    number: Number,
    principal: Owner,
    composition: Composed,
    sent: Answered,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Decline an offer made to oneself."""

    async def end(connection: AsyncConnection, _: ModelRecord, handover: Handover) -> None:
        check_decline(handover, principal.person)
        await handovers.decline(
            connection, model, number, by=principal.id, at=composition.clock(), reason=sent.reason
        )

    return await _end(composition, principal, idempotency_key, (model, number, "declines"), end)


@router.post("/{number}/withdrawals", summary="Takes an offer back", **_ANSWER)
async def withdraw(
    model: Model,
    number: Number,
    principal: OwnerOrManager,
    composition: Composed,
    sent: Answered,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take back what one offered; a manager takes back any offer."""

    async def end(connection: AsyncConnection, _: ModelRecord, handover: Handover) -> None:
        check_withdrawal(handover, principal.person, is_manager=principal.has("manager"))
        await handovers.withdraw(
            connection, model, number, by=principal.id, at=composition.clock(), reason=sent.reason
        )

    return await _end(composition, principal, idempotency_key, (model, number, "withdrawals"), end)


@router.get(
    "",
    summary="Lists a model's handovers, the newest first",
    response_model=Listed[HandoverShown],
    responses={200: answers(examples.page_of(examples.HANDOVER)), **described(NotFound)},
)
async def index(
    model: Model, principal: Sees, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List handovers; an owner's key sees those from and to its person."""
    async with composition.database.transaction() as connection:
        await _known(connection, model)
        try:
            page = await handovers.list_handovers(
                connection,
                model,
                person=None if principal.sees_all else principal.person or "",
                limit=paging.limit,
                cursor=paging.cursor,
            )
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


End = Callable[[AsyncConnection, ModelRecord, Handover], Awaitable[None]]


async def _end(
    composition: Composition,
    principal: Principal,
    key: str | None,
    place: tuple[str, int, str],
    end: End,
) -> JSONResponse:
    """End an offer in one transaction; the rules refuse by raising."""
    model, number, verb = place

    async def write(connection: AsyncConnection) -> Written:
        await lock_registry(connection)
        record = await _known(connection, model)
        handover = await handovers.get_handover(connection, model, number)
        if handover is None:
            raise NotFound(f"{model} has no handover {number}.")
        await end(connection, record, handover)
        return await _written(connection, model, number)

    path = f"POST models/{model}/handovers/{number}/{verb}"
    request = Request(principal=principal, key=key, path=path, body={})
    return await write_once(composition, request, write)


async def _known(connection: AsyncConnection, model: str) -> ModelRecord:
    record = await get_model(connection, model)
    if record is None:
        raise NotFound(f"There is no model {model}.")
    return record


async def _written(connection: AsyncConnection, model: str, number: int) -> Written:
    found = await handovers.get_handover(connection, model, number)
    return Written(body={"model": model, **(found.model_dump(mode="json") if found else {})})
