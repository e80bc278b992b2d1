"""Groups: people who hold roles together."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, read_document, reads, validated
from api.checking import checked_group
from api.deps import Composed, IdempotencyKey, Manager, PeopleReader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import NotFound, Unsent, described
from api.rosters import tell_of_crew
from api.schemas import FactShown, GroupPut, GroupShown, Listed
from integrations.database.crews import get_group, list_groups, put_group
from integrations.documents import Document
from lifecycle.registry import subject_of
from lifecycle.roster import GroupFile

router = APIRouter(prefix="/v1/groups", tags=["people"], responses=described())
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


@router.put(
    "/{group}",
    summary="Describes a group",
    response_model=GroupPut,
    responses={200: answers(examples.GROUP_PUT), **described(Unsent)},
    openapi_extra=reads(GroupFile, examples.GROUP, yaml=examples.GROUP_YAML),
)
async def put(
    group: Name,
    principal: Manager,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a description, and tell the open versions that it concerns."""
    file = validated(GroupFile, document)

    async def write(connection: AsyncConnection) -> Written:
        warnings = await checked_group(connection, file, document)
        changed = await put_group(
            connection,
            group,
            file,
            by=principal.id,
            by_person=principal.person,
            at=composition.clock(),
        )
        record = await get_group(connection, group)
        return Written(
            body={
                "id": group,
                **file.model_dump(mode="json"),
                "given_by": record.given_by if record else {},
                "changed": changed,
                "warnings": warnings,
            }
        )

    request = Request(
        principal=principal, key=idempotency_key, path=f"PUT groups/{group}", body=document.data
    )
    response = await write_once(composition, request, write)
    await tell_of_crew(composition, f"group:{group}")
    return response


@router.get(
    "",
    summary="Lists groups by name",
    response_model=Listed[GroupShown],
    responses={200: answers(examples.page_of({"id": "risk-team", **examples.GROUP}))},
)
async def index(
    _: PeopleReader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List groups."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_groups(connection, paging.limit, paging.cursor)
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{group}",
    summary="Gives a group",
    responses={200: answers({"id": "risk-team", **examples.GROUP}), **described(NotFound)},
)
async def show(group: Name, _: PeopleReader, composition: Composed) -> GroupShown:
    """Give a group's description."""
    async with composition.database.transaction() as connection:
        record = await get_group(connection, group)
    if record is None:
        raise NotFound(f"There is no group {group}.")
    data = record.file.model_dump(mode="json")
    return GroupShown.model_validate({**data, "id": group, "given_by": record.given_by})


@router.get(
    "/{group}/facts",
    summary="Gives a group's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    group: Name,
    principal: PeopleReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a group, in order."""
    return await facts_of(composition, principal, subject_of("group", group), paging)
