"""People and machines."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, read_document, reads, validated
from api.checking import checked_person
from api.deps import Admin, Composed, IdempotencyKey, PeopleReader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed
from api.problems import Conflict, NotFound, Unsent, described
from api.rosters import tell_of_person
from api.schemas import FactShown, Listed, PersonPut, PersonShown
from integrations.database.registry import (
    IdentityTaken,
    get_person,
    list_people,
    put_person,
    with_known_absences,
)
from integrations.documents import Document
from lifecycle.registry import subject_of
from lifecycle.roster import PersonFile

router = APIRouter(prefix="/v1/people", tags=["people"], responses=described())
Person = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


@router.put(
    "/{person}",
    summary="Describes a person or a machine",
    response_model=PersonPut,
    responses={200: answers(examples.PERSON_PUT), **described(Conflict, Unsent)},
    openapi_extra=reads(PersonFile, examples.PERSON, yaml="name: Ben Ode\nmanager: dee\n"),
)
async def put(
    person: Person,
    principal: Admin,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a description, and tell the open versions that it concerns.

    One without `away` leaves the person's away periods, which they may have entered themselves.
    """
    sent = validated(PersonFile, document)

    async def write(connection: AsyncConnection) -> Written:
        file = await with_known_absences(connection, person, sent)
        warnings = await checked_person(connection, person, file, document)
        try:
            changed = await put_person(
                connection,
                person,
                file,
                by=principal.id,
                by_person=principal.person,
                at=composition.clock(),
            )
        except IdentityTaken as error:
            raise Conflict(str(error)) from error
        shown = file.model_dump(mode="json")
        return Written(body={"id": person, **shown, "changed": changed, "warnings": warnings})

    request = Request(
        principal=principal, key=idempotency_key, path=f"PUT people/{person}", body=document.data
    )
    response = await write_once(composition, request, write)
    await tell_of_person(composition, person)
    return response


@router.get(
    "",
    summary="Lists people by id",
    response_model=Listed[PersonShown],
    responses={200: answers(examples.page_of({"id": "ben", **examples.PERSON}))},
)
async def index(
    _: PeopleReader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List people and machines."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_people(connection, paging.limit, paging.cursor)
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{person}",
    summary="Gives a person",
    responses={200: answers({"id": "ben", **examples.PERSON}), **described(NotFound)},
)
async def show(person: Person, _: PeopleReader, composition: Composed) -> PersonShown:
    """Give a person's description."""
    async with composition.database.transaction() as connection:
        file = await get_person(connection, person)
    if file is None:
        raise NotFound(f"Nobody is called {person}.")
    return PersonShown.model_validate({**file.model_dump(mode="json"), "id": person})


@router.get(
    "/{person}/facts",
    summary="Gives a person's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    person: Person,
    principal: PeopleReader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts about a person, in order."""
    return await facts_of(composition, principal, subject_of("person", person), paging)
