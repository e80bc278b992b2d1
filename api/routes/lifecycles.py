"""Lifecycle definitions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, read_document, reads, validated
from api.checking import checked_lifecycle, resolved
from api.deps import Admin, Composed, IdempotencyKey, PeopleReader, Reader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import Invalid, NotFound, described
from api.schemas import FactShown, LifecycleListed, LifecyclePut, LifecycleShown, Listed
from integrations.database.registry import get_lifecycle, list_lifecycles, put_lifecycle
from integrations.documents import Document
from lifecycle.definition import Lifecycle
from lifecycle.registry import subject_of
from lifecycle.values import Digest

router = APIRouter(prefix="/v1/lifecycles", tags=["lifecycles"], responses=described())
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


@router.put(
    "/{name}",
    summary="Applies a definition; an unchanged one is the same digest",
    response_model=LifecyclePut,
    responses={200: answers(examples.LIFECYCLE_PUT)},
    openapi_extra=reads(Lifecycle, examples.LIFECYCLE, yaml=examples.LIFECYCLE_YAML),
)
async def put(
    name: Name,
    principal: Admin,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Check a definition, in YAML or JSON, and make it the current one of its name."""
    whole = resolved(document)
    lifecycle = validated(Lifecycle, whole)
    if lifecycle.lifecycle != name:
        raise Invalid(
            f"The body defines {lifecycle.lifecycle}, the address {name}; they are to agree."
        )
    warnings = checked_lifecycle(lifecycle, whole)

    async def write(connection: AsyncConnection) -> Written:
        digest = await put_lifecycle(connection, lifecycle, by=principal.id, at=composition.clock())
        return Written(body={"name": name, "digest": digest, "warnings": warnings})

    request = Request(
        principal=principal, key=idempotency_key, path=f"PUT lifecycles/{name}", body=document.data
    )
    return await write_once(composition, request, write)


@router.get(
    "",
    summary="Lists current definitions by name",
    response_model=Listed[LifecycleListed],
    responses={200: answers(examples.page_of({"name": "classic-ml", "digest": examples.DIGEST}))},
)
async def index(
    _: Reader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List definitions without their content."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_lifecycles(connection, paging.limit, paging.cursor)
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{name}",
    summary="Gives a definition",
    responses={
        200: answers(
            {"name": "classic-ml", "digest": examples.DIGEST, "definition": examples.LIFECYCLE}
        ),
        **described(NotFound),
    },
)
async def show(
    name: Name,
    _: Reader,
    composition: Composed,
    digest: Annotated[
        Digest | None, Query(description="One that was applied once; default: the current one.")
    ] = None,
) -> LifecycleShown:
    """Give the current definition of a name, or an earlier one by its digest."""
    async with composition.database.transaction() as connection:
        found = await get_lifecycle(connection, name, digest)
    if found is None:
        of = f" of digest {digest}" if digest else ""
        raise NotFound(f"There is no lifecycle {name}{of}.")
    return LifecycleShown(name=name, digest=found.digest, definition=found.content())


@router.get(
    "/{name}/facts",
    summary="Gives a definition's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    name: Name,
    principal: PeopleReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a definition, in order: who applied what, when."""
    return await facts_of(composition, principal, subject_of("lifecycle", name), paging)
