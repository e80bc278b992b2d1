"""Sign-offs: pending and past, and the decisions on them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, json_body, reads
from api.decisions import decide_signoff, signoff_key
from api.deps import Composed, Decider, IdempotencyKey, Reader
from api.idempotency import Request, refuse_reuse
from api.paging import Paging, bad_cursor, listed, must_see, raw, wait_for_rows
from api.problems import (
    Forbidden,
    NotFound,
    OtherRevision,
    ProjectionBehind,
    Refusal,
    Unknown,
    Unsent,
    described,
)
from api.schemas import Listed
from api.schemas_versions import DecisionSent, SignoffFilter, VersionTold
from api.visibility import visible_models
from integrations.database.lists import SignoffQuery, list_signoffs
from integrations.database.versions import signoff
from lifecycle.view import SignoffView

router = APIRouter(prefix="/v1/signoffs", tags=["sign-offs"], responses=described())


class SignoffParameters(SignoffFilter, Paging):
    """Which sign-offs, in which order, and which page."""


@router.get(
    "",
    summary="Lists sign-offs, the most urgent first",
    response_model=Listed[SignoffView],
    responses={200: answers(examples.page_of(examples.SIGNOFF)), **described(ProjectionBehind)},
)
async def index(
    principal: Reader, composition: Composed, wanted: Annotated[SignoffParameters, Query()]
) -> JSONResponse:
    """List pending sign-offs, or those of another status."""
    if not principal.has("manager", "auditor", "owner") and (wanted.owner or wanted.manager):
        raise Forbidden("A pipeline's key never sees people; leave `owner` and `manager` out.")
    if wanted.at_least is not None:
        await wait_for_rows(composition, principal, wanted.at_least)
    async with composition.database.transaction() as connection:
        query = SignoffQuery(
            **wanted.model_dump(exclude={"at_least"}),
            visible_models=await visible_models(connection, principal),
        )
        try:
            page = await list_signoffs(connection, query, composition.clock())
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.get(
    "/{signoff_id:path}",
    summary="Gives one role's request in one round",
    response_model=SignoffView,
    responses={200: answers(examples.SIGNOFF), **described(NotFound)},
)
async def show(signoff_id: str, principal: Reader, composition: Composed) -> JSONResponse:
    """Give a sign-off: statement, revision, evidence, who was asked, what was decided."""
    key = signoff_key(signoff_id)
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, key.model)
        found = await signoff(connection, str(key))
    if found is None:
        raise NotFound(f"No sign-off has the id {str(key)[:300]}.")
    return raw(found)


@router.post(
    "/{signoff_id:path}/decisions",
    summary="Approves, or requests changes, as an owner",
    response_model=VersionTold,
    responses={
        200: answers(examples.TOLD),
        **described(NotFound, OtherRevision, Refusal, Unsent, Unknown),
    },
    openapi_extra=reads(DecisionSent, examples.DECISION),
)
async def decide(
    signoff_id: str,
    principal: Decider,
    composition: Composed,
    sent: Annotated[DecisionSent, Depends(json_body(DecisionSent))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Decide on the revision that was looked at; whether the person may, the rules say."""
    key = signoff_key(signoff_id)
    request = Request(
        principal=principal,
        key=idempotency_key,
        path=f"POST signoffs/{key}/decisions",
        body=sent.model_dump(mode="json"),
    )
    await refuse_reuse(composition, request)
    return raw(await decide_signoff(composition, principal, key, sent, request.update_id))
