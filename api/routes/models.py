"""Models and their owners."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers, read_document, reads, validated
from api.checking import checked_model
from api.delivery import deliver_to_model
from api.deps import Composed, IdempotencyKey, Manager, Reader
from api.facts import facts_of
from api.idempotency import Request, Written, write_once
from api.paging import Paging, bad_cursor, listed, must_see
from api.problems import Conflict, Forbidden, Invalid, NotFound, Unsent, described
from api.rosters import tell_of_model
from api.schemas import FactShown, Listed, ModelPut, ModelShown
from api.slack_choice import checked_workspace
from api.visibility import visible_models
from integrations.database.pages import Page
from integrations.database.registry import IdentityTaken, get_model, list_models, put_model
from integrations.documents import Document
from lifecycle.registry import subject_of
from lifecycle.roster import ModelFile

router = APIRouter(prefix="/v1/models", tags=["models"], responses=described())
Model = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
PEOPLE: dict[str, Any] = {"owners": {}, "given_by": {}}
"""What a key that never sees people gets in their place."""


@router.put(
    "/{model}",
    summary="Describes a model and its owners",
    response_model=ModelPut,
    responses={200: answers(examples.MODEL_PUT), **described(Conflict, Unsent)},
    openapi_extra=reads(ModelFile, examples.MODEL, yaml=examples.MODEL_YAML),
)
async def put(
    model: Model,
    principal: Manager,
    composition: Composed,
    document: Annotated[Document, Depends(read_document)],
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a description, tell its open versions, and let in what waited for it."""
    file = validated(ModelFile, document)
    if file.model != model:
        raise Invalid(f"The body describes {file.model}, the address {model}; they are to agree.")

    async def write(connection: AsyncConnection) -> Written:
        warnings = await checked_model(connection, file, document)
        await checked_workspace(connection, composition, file, document)
        try:
            changed = await put_model(
                connection,
                file,
                by=principal.id,
                by_person=principal.person,
                at=composition.clock(),
            )
        except IdentityTaken as error:
            raise Conflict(str(error)) from error
        record = await get_model(connection, model)
        given_by = record.given_by if record else {}
        body: dict[str, Any] = {
            **file.model_dump(mode="json"),
            "given_by": given_by,
            "changed": changed,
            "warnings": warnings,
        }
        return Written(body=body)

    request = Request(
        principal=principal, key=idempotency_key, path=f"PUT models/{model}", body=document.data
    )
    response = await write_once(composition, request, write)
    # Also when nothing changed: the call before may have been cut off before this.
    await tell_of_model(composition, model)
    await deliver_to_model(composition, model)
    return response


@router.get(
    "",
    summary="Lists models by name",
    response_model=Listed[ModelShown],
    responses={200: answers(examples.page_of(examples.MODEL))},
)
async def index(
    principal: Reader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """List the models that the key sees."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_models(
                connection,
                visible_models=await visible_models(connection, principal),
                limit=paging.limit,
                cursor=paging.cursor,
            )
        except ValueError as error:
            raise bad_cursor(error) from error
    if not principal.has("manager", "auditor", "owner"):
        page = Page(items=tuple({**one, **PEOPLE} for one in page.items), next=page.next)
    return listed(composition, page)


@router.get(
    "/{model}",
    summary="Gives a model and its owners",
    responses={200: answers(examples.MODEL), **described(NotFound)},
)
async def show(model: Model, principal: Reader, composition: Composed) -> ModelShown:
    """Give a model's description; a pipeline's key sees no people."""
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
        record = await get_model(connection, model)
    if record is None:
        raise NotFound(f"There is no model {model}.")
    data = record.file.model_dump(mode="json")
    shown = ModelShown.model_validate({**data, "given_by": record.given_by})
    if not principal.has("manager", "auditor", "owner"):
        return shown.model_copy(update=PEOPLE)
    return shown


@router.get(
    "/{model}/facts",
    summary="Gives a model's audit trail: who made whom an owner, who changed the risk",
    response_model=Listed[FactShown],
    responses={200: answers(examples.FACTS), **described(NotFound)},
)
async def facts(
    model: Model, principal: Reader, composition: Composed, paging: Annotated[Paging, Query()]
) -> JSONResponse:
    """Give the facts about a model, in order."""
    if not principal.has("manager", "auditor", "owner"):
        raise Forbidden("A pipeline's key never sees people, and these facts name owners.")
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
    return await facts_of(composition, principal, subject_of("model", model), paging)
