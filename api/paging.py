"""What every list takes: `limit`, `cursor`, `at_least`; and what it answers."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api.auth import Principal
from api.deps import Composition
from api.problems import Forbidden, Invalid, ProjectionBehind
from api.visibility import visible_models
from integrations.database.pages import LARGEST_PAGE, Page
from integrations.database.versions import sequence_of
from integrations.database.visibility import sees

WAITED_FOR_AT_MOST = timedelta(seconds=2)
"""How long a list waits until its rows are as new as `at_least` says."""
LOOKED_AGAIN_AFTER = timedelta(milliseconds=25)
"""Recording takes about 20 ms; the pause doubles after each look."""


class Paging(BaseModel):
    """Which page of a list, and how new it must be."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=LARGEST_PAGE, description="How many items.")
    cursor: str | None = Field(None, max_length=2000, description="`next` of the page before.")
    at_least: str | None = Field(
        None,
        max_length=400,
        pattern=r"^[a-z0-9][a-z0-9._-]{0,99}/.+:[0-9]{1,15}$",
        description="`<model>/<version>:<sequence>`: answer with rows as new as this, or 503.",
    )


async def wait_for_rows(composition: Composition, principal: Principal, at_least: str) -> None:
    """Wait until a version's rows are as new as `at_least`; raises ProjectionBehind, Forbidden."""
    place, _, wanted = at_least.rpartition(":")
    model, _, version = place.partition("/")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WAITED_FOR_AT_MOST.total_seconds()
    pause = LOOKED_AGAIN_AFTER
    async with composition.database.transaction() as connection:
        await must_see(connection, principal, model)
    while True:
        async with composition.database.transaction() as connection:
            reached = await sequence_of(connection, model, version)
        if reached >= int(wanted):
            return
        if loop.time() + pause.total_seconds() > deadline:
            raise ProjectionBehind(
                f"The rows of {model} {version} are at {reached}, not yet at {wanted}; repeat the"
                " request soon.",
                headers={"retry-after": "1"},
                reached=reached,
            )
        await asyncio.sleep(pause.total_seconds())
        pause *= 2


async def must_see(connection: AsyncConnection, principal: Principal, model: str) -> None:
    """Raise Forbidden when the key does not see a model, whether or not it exists."""
    if not sees(await visible_models(connection, principal), model):
        raise Forbidden(
            f"This key does not see {model[:100]}: an owner's key sees the models they own, a"
            " pipeline's key the models it names. Ask an administrator."
        )


def listed(composition: Composition, page: Page) -> JSONResponse:
    """Answer a page; its rows are JSON from the database and not validated again.

    Validating 50 sign-offs would take longer than reading them.
    """
    return raw({"items": page.items, "next": page.next, "as_of": composition.clock()})


def raw(content: Any) -> JSONResponse:
    """Answer what is plain data with instants."""
    return _PlainResponse(content)


class _PlainResponse(JSONResponse):
    def render(self, content: Any) -> bytes:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_instant)
        return text.encode("utf-8", "surrogatepass")


def _instant(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"a {type(value).__name__} is not JSON")


def bad_cursor(error: ValueError) -> Invalid:
    """Turn a cursor or limit that the list did not give into a problem."""
    return Invalid(str(error))
