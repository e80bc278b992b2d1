"""API keys: issued, listed, revoked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, json_body, reads
from api.deps import Admin, Composed, IdempotencyKey, KeyReader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import Invalid, NotFound, described
from api.schemas import FactShown, Listed
from api.schemas_keys import KeyIssued, KeyListed, NewKey
from integrations.database.keys import create_key, list_keys, revoke_key
from integrations.database.registry import get_person
from lifecycle.registry import subject_of

router = APIRouter(prefix="/v1/keys", tags=["keys"], responses=described())


@router.post(
    "",
    status_code=201,
    summary="Issues a key; its text is shown this once",
    response_model=KeyIssued,
    responses={201: answers(examples.KEY_ISSUED)},
    openapi_extra=reads(NewKey, examples.NEW_KEY),
)
async def create(
    principal: Admin,
    composition: Composed,
    new: Annotated[NewKey, Depends(json_body(NewKey))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Issue a key. A repeat with the same Idempotency-Key answers the id, never the text again."""
    now = composition.clock()
    if new.expires_at is not None and new.expires_at <= now:
        raise Invalid("`expires_at` is over already; give an instant to come.")

    async def write(connection: AsyncConnection) -> Written:
        if new.person is not None and await get_person(connection, new.person) is None:
            raise Invalid(f"Nobody is called {new.person}; describe them first.")
        id_, text = await create_key(
            connection,
            scopes=new.scopes,
            by=principal.id,
            at=now,
            person=new.person,
            models=new.models,
            events=new.events,
            sources=new.sources,
            expires_at=new.expires_at,
        )
        return Written(body={"id": id_, "key": text}, kept={"id": id_, "key": None})

    body = new.model_dump(mode="json")
    request = Request(
        principal=principal, key=idempotency_key, path="POST keys", body=body, status=201
    )
    return await write_once(composition, request, write)


@router.get(
    "",
    summary="Lists keys by id, without their secrets",
    response_model=Listed[KeyListed],
    responses={200: answers(examples.page_of({"id": "4f9a1c22b7e0", **examples.NEW_KEY}))},
)
async def index(
    _: KeyReader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List keys, live or not."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_keys(connection, paging.limit, paging.cursor)
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{key_id}/facts",
    summary="Gives a key's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    key_id: str,
    principal: KeyReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a key: who issued it with which rights, who revoked it."""
    return await facts_of(composition, principal, subject_of("key", key_id), paging)


@router.delete(
    "/{key_id}",
    status_code=204,
    summary="Revokes a key",
    responses=described(NotFound),
)
async def revoke(key_id: str, principal: Admin, composition: Composed) -> None:
    """Stop accepting a key: here at once, in other processes within 15 seconds."""
    async with composition.database.transaction() as connection:
        is_revoked = await revoke_key(connection, key_id, by=principal.id, at=composition.clock())
    composition.keys.forget(key_id)
    if not is_revoked:
        raise NotFound(f"No live key has the id {key_id[:100]}.")
