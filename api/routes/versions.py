"""Model versions: registered, put to review, shown, with their audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, json_body, reads
from api.deps import Composed, IdempotencyKey, Reader, Registrar, Requester
from api.facts import facts_of
from api.idempotency import Request, ask_once
from api.paging import Paging, bad_cursor, listed, must_see, raw, wait_for_rows
from api.problems import Conflict, NotFound, ProjectionBehind, Refusal, Unknown, Unsent, described
from api.registration import register, request_review
from api.routes.models import Model
from api.schemas import FactShown, Listed
from api.schemas_versions import NewVersion, ReviewRequest, VersionListed, VersionTold
from api.visibility import visible_models
from integrations.database.versions import get_version, list_versions
from lifecycle.recording import version_subject
from lifecycle.view import VersionView

router = APIRouter(tags=["versions"], responses=described())
VERSIONS = "/v1/models/{model}/versions"
VERSION = VERSIONS + "/{version:path}"
Version = Annotated[str, Path(min_length=1, max_length=100, description="Percent-encoded.")]


@router.post(
    VERSIONS,
    status_code=201,
    summary="Registers a version",
    response_model=VersionTold,
    responses={
        201: answers(examples.TOLD),
        **described(NotFound, Conflict, Refusal, Unsent, Unknown),
    },
    openapi_extra=reads(NewVersion, examples.NEW_VERSION),
)
async def create(
    model: Model,
    principal: Registrar,
    composition: Composed,
    new: Annotated[NewVersion, Depends(json_body(NewVersion))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Register a version's bytes and producers; events that waited for it are applied."""
    principal.may_speak_for(model)
    request = Request(
        principal=principal,
        key=idempotency_key,
        path=f"POST models/{model}/versions",
        body=new.model_dump(mode="json"),
        status=201,
    )
    return await ask_once(
        composition,
        request,
        lambda: register(composition, principal, model, new, request.update_id),
    )


@router.get(
    VERSIONS,
    summary="Lists a model's versions, newest first",
    response_model=Listed[VersionListed],
    responses={200: answers(examples.page_of({"version": "14"})), **described(ProjectionBehind)},
)
async def index(
    model: Model, principal: Reader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List versions without their views."""
    if paging.at_least is not None:
        await wait_for_rows(composition, principal, paging.at_least)
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
        try:
            page = await list_versions(
                connection,
                model,
                visible_models=await visible_models(connection, principal),
                limit=paging.limit,
                cursor=paging.cursor,
            )
        except ValueError as error:
            raise bad_cursor(error) from error
    return listed(composition, page)


@router.post(
    VERSION + "/requests",
    summary="Asks for a version's review",
    response_model=VersionTold,
    responses={200: answers(examples.TOLD), **described(NotFound, Refusal, Unsent, Unknown)},
    openapi_extra=reads(ReviewRequest, examples.REVIEW_REQUEST),
)
async def request(
    model: Model,
    version: Version,
    principal: Requester,
    composition: Composed,
    sent: Annotated[ReviewRequest, Depends(json_body(ReviewRequest))],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Ask for review; whoever called is the requester, and may then not sign."""
    asked = Request(
        principal=principal,
        key=idempotency_key,
        path=f"POST models/{model}/versions/{version}/requests",
        body=sent.model_dump(mode="json"),
    )
    return await ask_once(
        composition,
        asked,
        lambda: request_review(composition, principal, model, version, sent, asked.update_id),
    )


@router.get(
    VERSION + "/facts",
    summary="Gives a version's audit trail",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound, ProjectionBehind)},
)
async def facts(
    model: Model,
    version: Version,
    principal: Reader,
    composition: Composed,
    paging: Annotated[Paging, Query()],
) -> JSONResponse:
    """Give the facts of a version, in order, each with its hash and the one before."""
    if paging.at_least is not None:
        await wait_for_rows(composition, principal, paging.at_least)
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
    return await facts_of(composition, principal, version_subject(model, version), paging)


@router.get(
    VERSION,
    summary="Gives a version: state, stages, sign-offs, who is waited for and why, gates",
    response_model=VersionView,
    responses={200: answers(examples.VERSION), **described(NotFound, ProjectionBehind)},
)
async def show(
    model: Model,
    version: Version,
    principal: Reader,
    composition: Composed,
    at_least: Annotated[int | None, Query(ge=0, description="Wait for this sequence.")] = None,
) -> JSONResponse:
    """Give the view of a version."""
    if at_least is not None:
        await wait_for_rows(composition, principal, f"{model}/{version}:{at_least}")
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
        found = await get_version(connection, model, version)
    if found is None:
        raise NotFound(f"There is no version {version} of {model}; register it first.")
    return raw(found)
