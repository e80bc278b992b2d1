"""On-call rotations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, read_document, reads, validated
from api.checking import checked_rotation
from api.deps import Composed, IdempotencyKey, Manager, PeopleReader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import NotFound, Unsent, described
from api.rosters import tell_of_crew
from api.schemas import FactShown, Listed, RotationPut, RotationShown
from integrations.database.crews import get_rotation, list_rotations, put_rotation
from integrations.documents import Document
from lifecycle.registry import subject_of
from lifecycle.roster import RotationFile

router = APIRouter(prefix="/v1/rotations", tags=["people"], responses=described())
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


@router.put(
    "/{rotation}",
    summary="Describes a rotation",
    response_model=RotationPut,
    responses={200: answers(examples.ROTATION_PUT), **described(Unsent)},
    openapi_extra=reads(RotationFile, examples.ROTATION, yaml=examples.ROTATION_YAML),
)
async def put(
    rotation: Name,
    principal: Manager,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a description, and tell the open versions that it concerns."""
    file = validated(RotationFile, document)

    async def write(connection: AsyncConnection) -> Written:
        warnings = await checked_rotation(connection, file, document)
        changed = await put_rotation(
            connection,
            rotation,
            file,
            by=principal.id,
            by_person=principal.person,
            at=composition.clock(),
        )
        record = await get_rotation(connection, rotation)
        return Written(
            body={
                "id": rotation,
                **file.model_dump(mode="json"),
                "given_by": record.given_by if record else {},
                "changed": changed,
                "warnings": warnings,
            }
        )

    request = Request(
        principal=principal,
        key=idempotency_key,
        path=f"PUT rotations/{rotation}",
        body=document.data,
    )
    response = await write_once(composition, request, write)
    await tell_of_crew(composition, f"rotation:{rotation}")
    return response


@router.get(
    "",
    summary="Lists rotations by name",
    response_model=Listed[RotationShown],
    responses={200: answers(examples.page_of({"id": "ml-oncall", **examples.ROTATION}))},
)
async def index(
    _: PeopleReader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List rotations."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_rotations(connection, paging.limit, paging.cursor)
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{rotation}",
    summary="Gives a rotation",
    responses={200: answers({"id": "ml-oncall", **examples.ROTATION}), **described(NotFound)},
)
async def show(rotation: Name, _: PeopleReader, composition: Composed) -> RotationShown:
    """Give a rotation's description."""
    async with composition.database.transaction() as connection:
        record = await get_rotation(connection, rotation)
    if record is None:
        raise NotFound(f"There is no rotation {rotation}.")
    data = record.file.model_dump(mode="json")
    return RotationShown.model_validate({**data, "id": rotation, "given_by": record.given_by})


@router.get(
    "/{rotation}/facts",
    summary="Gives a rotation's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    rotation: Name,
    principal: PeopleReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a rotation, in order."""
    return await facts_of(composition, principal, subject_of("rotation", rotation), paging)
