from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.values import Frozen

KEPT = timedelta(hours=24)


class Claim(Frozen):
    """What is known of an Idempotency-Key.

    `new`: go on, then `answer`. `repeat`: give the stored answer again. `unfinished`: the same
    request began before and has no answer yet; going on is right where the write itself may be
    repeated. `conflict`: the key came with another body; refuse with 422.
    """

    state: Literal["new", "repeat", "unfinished", "conflict"]
    status: int | None = None
    body: Any = None


async def claim(
    connection: AsyncConnection, *, principal: str, key: str, body_digest: str, now: datetime
) -> Claim:
    """Take a key for a request, or say what became of it; a key is free again after 24 hours."""
    raise NotImplementedError


async def answer(
    connection: AsyncConnection, *, principal: str, key: str, status: int, body: Any
) -> None:
    """Keep the answer for repeats. Never give it a body that holds a secret."""
    raise NotImplementedError


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Drop keys older than 24 hours; give how many."""
    raise NotImplementedError
