"""Gates that somebody opened without their stages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import JSONResponse

from api import examples
from api.auth import Principal
from api.bodies import answers
from api.deps import Allowed, Composed
from api.paging import Paging, bad_cursor, raw, wait_for_rows
from api.problems import ProjectionBehind, described
from api.schemas import Listed
from api.visibility import visible_models
from integrations.database.overrides import OverrideQuery, count_overrides, list_overrides
from lifecycle.values import Name
from lifecycle.view_parts import OverrideView

router = APIRouter(tags=["versions"], responses=described())


class OverrideParameters(Paging):
    """Which overrides, and which page."""

    model: Name | None = None
    gate: Name | None = None
    person: Name | None = Field(None, description="Those that this person gave.")
    open: bool | None = Field(None, description="Whether it opens its gate now.")
    reviewed: bool | None = None


class OverrideListed(OverrideView):
    """An override, and of which version."""

    model: str
    version: str


class OverridesListed(Listed[OverrideListed]):
    """Overrides, the newest first, counted over all pages."""

    count: int
    open: int
    """Those that open a gate now."""
    review_owed: int


@router.get(
    "/v1/overrides",
    summary="Lists and counts overrides of gates, the newest first",
    response_model=OverridesListed,
    responses={
        200: answers(
            {**examples.page_of(examples.OVERRIDE_SHOWN), "count": 1, "open": 1, "review_owed": 1}
        ),
        **described(ProjectionBehind),
    },
)
async def index(
    principal: Annotated[Principal, Depends(Allowed("manager", "auditor", "admin", "owner"))],
    composition: Composed,
    wanted: Annotated[OverrideParameters, Query()],
) -> JSONResponse:
    """List overrides that the key may see."""
    if wanted.at_least is not None:
        await wait_for_rows(composition, principal, wanted.at_least)
    now = composition.clock()
    async with composition.database.transaction() as connection:
        query = OverrideQuery(
            **wanted.model_dump(exclude={"at_least"}),
            visible_models=await visible_models(connection, principal),
        )
        try:
            page = await list_overrides(connection, query, now)
        except ValueError as error:
            raise bad_cursor(error) from error
        counted = await count_overrides(connection, query, now)
    return raw({**page.model_dump(), **counted.model_dump(), "as_of": now})
