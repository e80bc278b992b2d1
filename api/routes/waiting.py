"""Where versions wait."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers
from api.deps import Composed, Reader
from api.paging import raw, wait_for_rows
from api.problems import Forbidden, ProjectionBehind, described
from api.schemas import Listed
from api.visibility import visible_models
from integrations.database.lists import WaitingBy, WaitingRow, waiting_by

router = APIRouter(tags=["sign-offs"], responses=described())


class WaitingQuery(BaseModel):
    """By what waiting is grouped."""

    model_config = ConfigDict(extra="forbid")

    by: WaitingBy
    at_least: str | None = Field(
        None, max_length=400, pattern=r"^[a-z0-9][a-z0-9._-]{0,99}/.+:[0-9]{1,15}$"
    )


class WaitingShown(Listed[WaitingRow]):
    """Where versions wait, the longest list first."""

    by: WaitingBy


@router.get(
    "/v1/waiting",
    summary="Says whom and what versions wait for, and how long decisions take",
    response_model=WaitingShown,
    responses={200: answers(examples.WAITING), **described(ProjectionBehind)},
)
async def waiting(
    principal: Reader, composition: Composed, query: Annotated[WaitingQuery, Query()]
) -> JSONResponse:
    """Count what is waited for by owner, role, stage, manager or pipeline."""
    names_people = query.by in {"owner", "manager"}
    if names_people and not principal.has("manager", "auditor", "owner"):
        raise Forbidden("A pipeline's key never sees people; ask by role, stage or pipeline.")
    if query.at_least is not None:
        await wait_for_rows(composition, principal, query.at_least)
    async with composition.database.transaction() as connection:
        visible = await visible_models(connection, principal)
        rows = await waiting_by(connection, query.by, composition.clock(), visible)
    items = [row.model_dump() for row in rows]
    return raw({"by": query.by, "items": items, "next": None, "as_of": composition.clock()})
