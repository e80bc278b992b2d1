import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Executable, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals
from integrations.database.projection_rows import EVENT_COMMAND
from integrations.database.rows import insert_rows, table_of
from lifecycle.canonical import digest_of
from lifecycle.values import Frozen, Instant

EventStatus = Literal[
    "received", "accepted", "applied", "refused", "duplicate", "unclaimed", "late", "unreadable"
]
UNCLAIMED_KEPT = timedelta(days=30)

_event = table_of(journals.Event)
_insert_unknown = (
    insert_rows(journals.Event).on_conflict_do_nothing().returning(_event.c.event_id)
)


class EventRow(Frozen):
    """An event as it came in, before anything is made of it."""

    principal: str
    source: str
    id: str
    type: str
    body_digest: str
    model: str | None = None
    version: str | None = None
    body: dict[str, Any]
    received_at: Instant


class Outcome(Frozen):
    """What became of an event so far."""

    status: EventStatus
    why: str = ""
    sequence: int = 0
    """The version's facts up to which it was applied."""


class Received(Frozen):
    """The answer to a delivery: `same` is a repeat, `conflict` the same id with another body."""

    event_id: str
    status: Literal["new", "same", "conflict"]
    outcome: Outcome


class StoredEvent(EventRow):
    """An event of the journal."""

    event_id: str
    outcome: Outcome

    @property
    def command(self) -> str:
        """The id of the command that carries it to the workflow."""
        return command_of(self.event_id)


def event_id_of(principal: str, source: str, id_: str) -> str:
    """Name an event by its principal, source and id: 32 hexadecimal characters, always the same."""
    return digest_of([principal, source, id_]).removeprefix("sha256:")[:32]


def command_of(event_id: str) -> str:
    """Name the command that carries an event: `event:<event id>`."""
    return f"{EVENT_COMMAND}{event_id}"


async def receive(connection: AsyncConnection, row: EventRow) -> Received:
    """Write one event down unless it is known."""
    (received,) = await receive_all(connection, [row])
    return received


async def receive_all(connection: AsyncConnection, rows: Sequence[EventRow]) -> list[Received]:
    """Write a batch down in order, in one statement; answers in the same order."""
    if not rows:
        return []
    ids = [event_id_of(row.principal, row.source, row.id) for row in rows]
    first = dict(zip(reversed(ids), reversed(rows), strict=True))
    written = [_row(id_, row) for id_, row in first.items()]
    # In one order of ids, so that two batches of the same events don't wait for each other.
    written.reverse()
    new = set(await connection.scalars(_insert_unknown, {"rows": written}))
    known = {one.event_id: one for one in await _events(connection, _event.c.event_id.in_(ids))}
    return [
        Received(
            event_id=id_,
            status=_status(row, known[id_], is_new=id_ in new and row is first[id_]),
            outcome=known[id_].outcome,
        )
        for id_, row in zip(ids, rows, strict=True)
    ]
