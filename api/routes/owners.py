"""Owners who left or never answer, and away periods that people enter themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import absences, examples
from api.absences import Speaker, put_away_periods
from api.auth import Principal
from api.bodies import answers, read_document, reads, validated
from api.deps import Allowed, Composed, IdempotencyKey, PeopleReader
from api.idempotency import Request, Written, write_once
from api.paging import bad_cursor, listed
from api.problems import Forbidden, NotFound, Unsent, described
from api.rosters import tell_of_person
from api.schemas import Listed
from api.schemas_people import AwayPut, AwaySent, AwayShown, OwnerListed, OwnersAsked
from integrations.database.owner_problems import OwnerQuery, list_owner_problems
from integrations.documents import Document

router = APIRouter(prefix="/v1", tags=["people"], responses=described())
ME = "@me"
"""The person whose key it is; no person can be called so."""
Person = Annotated[
    str,
    Path(
        pattern=r"^(@me|[a-z0-9][a-z0-9._-]{0,99})$",
        description="A person's id, or `@me`: whose key it is.",
    ),
]
Themselves = Annotated[Principal, Depends(Allowed("owner", "admin"))]
OneOrAll = Annotated[Principal, Depends(Allowed("owner", "admin", "manager", "auditor"))]


@router.get(
    "/owners",
    summary="Lists owners who left, are unknown, away with nobody in their place, or never answer",
    response_model=Listed[OwnerListed],
    responses={200: answers(examples.page_of(examples.OWNER_LISTED))},
)
async def owners(
    _: PeopleReader, composition: Composed, query: Annotated[OwnersAsked, Query()]
) -> JSONResponse:
    """List them by person, with the models and roles that they hold."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_owner_problems(
                connection, OwnerQuery(**query.model_dump()), composition.clock()
            )
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.put(
    "/people/{person}/away",
    summary="Says when a person is away, and who stands in for them",
    response_model=AwayPut,
    responses={200: answers(examples.AWAY_PUT), **described(NotFound, Unsent)},
    openapi_extra=reads(AwaySent, examples.AWAY),
)
async def put_away(
    person: Person,
    principal: Themselves,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take all of a person's away periods, from themselves or an administrator."""
    id_ = _whose(principal, person, all_=principal.has("admin"))
    sent = validated(AwaySent, document)

    async def write(connection: AsyncConnection) -> Written:
        speaker = Speaker(principal.id, principal.person)
        return Written(
            body=await put_away_periods(connection, composition, id_, sent.away, speaker, document)
        )

    path = f"PUT people/{id_}/away"
    request = Request(principal=principal, key=idempotency_key, path=path, body=document.data)
    response = await write_once(composition, request, write)
    await tell_of_person(composition, id_)
    return response


@router.get(
    "/people/{person}/away",
    summary="Gives when a person is away",
    responses={200: answers({"id": "ana", **examples.AWAY}), **described(NotFound)},
)
async def show_away(person: Person, principal: OneOrAll, composition: Composed) -> AwayShown:
    """Give a person's away periods; an owner's key sees its person's."""
    id_ = _whose(principal, person, all_=principal.sees_all)
    async with composition.database.transaction() as connection:
        return AwayShown(id=id_, away=(await absences.described(connection, id_)).away)


def _whose(principal: Principal, person: str, *, all_: bool) -> str:
    """Give the person's id; raises Forbidden when the key isn't theirs."""
    id_ = principal.person if person == ME else person
    if id_ is None:
        raise Forbidden(f"This key belongs to nobody, so {ME} is nobody; name the person.")
    if id_ != principal.person and not all_:
        raise Forbidden(f"This key is not {id_}'s; they say it themselves, or an administrator.")
    return id_
