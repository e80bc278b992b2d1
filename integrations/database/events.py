import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Boolean, ColumnElement, RowMapping, delete, literal_column, select, update
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
_OPEN = ("received", "accepted", "unclaimed")
# As the indexes' conditions are written: the planner uses a partial index only where it sees that.
_RECEIVED = literal_column("event.status = 'received'", Boolean)
_UNCLAIMED = literal_column("event.status = 'unclaimed'", Boolean)
_UNAPPLIED = literal_column("event.status IN ('received', 'accepted')", Boolean)
_insert_unknown = insert_rows(journals.Event).on_conflict_do_nothing().returning(_event.c.event_id)


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
    ids = [event_id_of(row.principal, row.source, row.id) for row in rows]
    # Within one batch too, the first of an id counts.
    first: dict[str, int] = {}
    for index, id_ in enumerate(ids):
        first.setdefault(id_, index)
    written = [_row(id_, rows[index]) for id_, index in first.items()]
    if not written:
        return []
    new = set(await connection.scalars(_insert_unknown, {"rows": written}))
    known = {one.event_id: one for one in await _events(connection, _event.c.event_id.in_(ids))}
    return [
        _received(row, known[id_], is_new=id_ in new and first[id_] == index)
        for index, (id_, row) in enumerate(zip(ids, rows, strict=True))
    ]


def _row(event_id: str, row: EventRow) -> dict[str, Any]:
    fields = row.model_dump(mode="json", exclude={"body"})
    # ASCII: whatever the sender escaped, a NUL or half a surrogate, stays escaped.
    body = json.dumps(row.body)
    return {**fields, "event_id": event_id, "body": body, "status": "received", "why": "",
            "sequence": 0}  # fmt: skip


def _received(row: EventRow, known: StoredEvent, *, is_new: bool) -> Received:
    is_same = row.body_digest == known.body_digest
    return Received(
        event_id=known.event_id,
        status="new" if is_new else "same" if is_same else "conflict",
        outcome=known.outcome,
    )


async def mark_accepted(connection: AsyncConnection, *event_ids: str) -> None:
    """Note that the workflow has the event; an outcome that is known already stays."""
    await _mark(connection, event_ids, "accepted", "")


async def mark_unclaimed(connection: AsyncConnection, *event_ids: str) -> None:
    """Note that nobody registered the version yet; an outcome that is known already stays."""
    await _mark(connection, event_ids, "unclaimed", "")


async def mark_late(connection: AsyncConnection, event_id: str, why: str) -> None:
    """Note that the version's story had ended; an outcome that is known already stays."""
    await _mark(connection, [event_id], "late", why)


async def mark_refused(connection: AsyncConnection, event_id: str, why: str) -> None:
    """Note that the event can't be applied, and why; an outcome that is known already stays."""
    await _mark(connection, [event_id], "refused", why)


async def _mark(
    connection: AsyncConnection, event_ids: Sequence[str], status: EventStatus, why: str
) -> None:
    # The workflow may have recorded the outcome before its sender gets here.
    await connection.execute(
        update(_event)
        .where(_event.c.event_id.in_(event_ids), _event.c.status.in_(_OPEN))
        .values(status=status, why=why)
    )


async def unclaimed(
    connection: AsyncConnection, model: str, version: str | None
) -> list[StoredEvent]:
    """Give the events that wait for this version, or the model alone, in the order they came."""
    of_version = _event.c.version.is_(None) if version is None else _event.c.version == version
    return await _events(connection, _UNCLAIMED, _event.c.model == model, of_version)


async def unsent(
    connection: AsyncConnection, before: datetime, limit: int = 100
) -> list[StoredEvent]:
    """Give events received before an instant that never reached a workflow, for a second try."""
    return await _events(connection, _RECEIVED, _event.c.received_at < before, limit=limit)


async def get_event(connection: AsyncConnection, event_id: str) -> StoredEvent | None:
    """Find an event of the journal."""
    found = await _events(connection, _event.c.event_id == event_id)
    return found[0] if found else None


async def has_unapplied(connection: AsyncConnection, model: str, version: str) -> bool:
    """Say whether events of a version were taken and have no outcome yet; its gates stay closed."""
    found = await connection.scalar(
        select(_event.c.event_id)
        .where(_UNAPPLIED, _event.c.model == model, _event.c.version == version)
        .limit(1)
    )
    return found is not None


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Drop unclaimed events after 30 days; give how many."""
    result = await connection.execute(
        delete(_event).where(_UNCLAIMED, _event.c.received_at < now - UNCLAIMED_KEPT)
    )
    return result.rowcount


async def _events(
    connection: AsyncConnection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[StoredEvent]:
    rows = await connection.execute(
        select(_event).where(*conditions).order_by(_event.c.position).limit(limit)
    )
    return [_stored(row._mapping) for row in rows]


def _stored(row: RowMapping) -> StoredEvent:
    outcome = Outcome(status=row["status"], why=row["why"], sequence=row["sequence"])
    return StoredEvent(**{**row, "body": json.loads(row["body"]), "outcome": outcome})
