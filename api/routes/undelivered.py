"""Cards that Slack did not take, and whether it takes any."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api import examples
from api.bodies import answers
from api.deps import Composed, PeopleReader
from api.examples_slack import TOKEN_LOST, UNDELIVERED
from api.paging import bad_cursor, raw
from api.problems import described
from api.schemas import Listed
from integrations.database.slack_tokens import lost_tokens
from integrations.database.undelivered import UndeliveredQuery, list_undelivered
from integrations.slack.advice import LOST, advice_for
from integrations.slack.copies import OVER
from lifecycle.values import Instant, Name

router = APIRouter(prefix="/v1", tags=["operation"], responses=described())


class UndeliveredAsked(BaseModel):
    """Which cards to list."""

    model_config = ConfigDict(extra="forbid")

    model: Name | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2000)


class UndeliveredListed(BaseModel):
    """A card of a pending request that Slack did not take."""

    signoff: str
    model: str
    version: str
    stage: str
    role: str
    person: str | None
    """Whose card it is; none: the channel's."""
    channel: str | None
    state: str
    """`failed` or `not in Slack`."""
    error: str
    """Slack's code, with what it adds."""
    advice: str
    """What to do about it; empty where nothing is known."""
    at: Instant | None


class TokenLost(BaseModel):
    """A workspace whose token Slack does not accept; nothing is sent there meanwhile."""

    workspace: str
    """Empty where Slack never said which one it is for."""
    since: Instant
    code: str
    advice: str


class UndeliveredPage(Listed[UndeliveredListed]):
    """Cards that were not taken, and tokens that are lost."""

    tokens_lost: list[TokenLost]


@router.get(
    "/undelivered",
    summary="Lists cards of pending requests that Slack did not take, and tokens that it refuses",
    response_model=UndeliveredPage,
    responses={
        200: answers(
            {
                **examples.page_of(UNDELIVERED),
                "tokens_lost": [TOKEN_LOST],
            }
        )
    },
)
async def undelivered(
    _: PeopleReader, composition: Composed, query: Annotated[UndeliveredAsked, Query()]
) -> JSONResponse:
    """List them by request; each is tried again when its version changes."""
    async with composition.database.transaction() as connection:
        try:
            page = await list_undelivered(
                connection, UndeliveredQuery(**query.model_dump()), over=OVER
            )
        except ValueError as error:
            raise bad_cursor(error) from error
        lost = await lost_tokens(connection)
    items = tuple({**one, "advice": advice_for(one["error"])} for one in page.items)
    tokens = [
        {"workspace": one.team, "since": one.lost_since, "code": one.code, "advice": LOST}
        for one in lost
    ]
    return raw(
        {
            "items": items,
            "next": page.next,
            "as_of": composition.clock(),
            "tokens_lost": tokens,
        }
    )
