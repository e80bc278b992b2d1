import json
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals
from integrations.database.rows import table_of
from lifecycle.values import Frozen

_idempotency = table_of(journals.Idempotency)

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
    """Take a key for a request, or say what became of it; a key is free again after 24 hours.

    Where claim, write and answer share one transaction, a second request with the key waits here
    for the first.
    """
    new = {"body_digest": body_digest, "created_at": now, "status": None, "body": None}
    taken = await connection.scalar(
        insert(_idempotency)
        .values(principal=principal, key=key, **new)
        .on_conflict_do_update(
            index_elements=["principal", "key"],
            set_=new,
            where=_idempotency.c.created_at < now - KEPT,
        )
        .returning(_idempotency.c.key)
    )
    if taken is not None:
        return Claim(state="new")
    rows = await connection.execute(select(_idempotency).where(_this(principal, key)))
    row = rows.one()
    if row.body_digest != body_digest:
        return Claim(state="conflict")
    if row.status is None:
        return Claim(state="unfinished")
    return Claim(state="repeat", status=row.status, body=json.loads(row.body))


async def answer(
    connection: AsyncConnection, *, principal: str, key: str, status: int, body: Any
) -> None:
    """Keep the answer for repeats. Never give it a body that holds a secret."""
    await connection.execute(
        update(_idempotency)
        .where(_this(principal, key))
        .values(status=status, body=json.dumps(body))
    )


async def forget(connection: AsyncConnection, *, principal: str, key: str) -> None:
    """Free a key whose request was refused before anything was written."""
    await connection.execute(delete(_idempotency).where(_this(principal, key)))


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Drop keys older than 24 hours; give how many."""
    result = await connection.execute(
        delete(_idempotency).where(_idempotency.c.created_at < now - KEPT)
    )
    return result.rowcount


def _this(principal: str, key: str) -> ColumnElement[bool]:
    return and_(_idempotency.c.principal == principal, _idempotency.c.key == key)
