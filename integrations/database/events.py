from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.values import Frozen, Instant

EventStatus = Literal[
    "received", "accepted", "applied", "refused", "duplicate", "unclaimed", "late", "unreadable"
]
UNCLAIMED_KEPT = timedelta(days=30)


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
    raise NotImplementedError


def command_of(event_id: str) -> str:
    """Name the command that carries an event: `event:<event id>`."""
    return f"event:{event_id}"


async def receive(connection: AsyncConnection, row: EventRow) -> Received:
    """Write one event down unless it is known."""
    raise NotImplementedError


async def receive_all(connection: AsyncConnection, rows: Sequence[EventRow]) -> list[Received]:
    """Write a batch down in order, in one statement; answers in the same order."""
    raise NotImplementedError


async def mark_accepted(connection: AsyncConnection, *event_ids: str) -> None:
    """Note that the workflow has the event; an outcome that is known already stays."""
    raise NotImplementedError


async def mark_unclaimed(connection: AsyncConnection, *event_ids: str) -> None:
    """Note that nobody registered the version yet; an outcome that is known already stays."""
    raise NotImplementedError


async def mark_late(connection: AsyncConnection, event_id: str, why: str) -> None:
    """Note that the version's story had ended."""
    raise NotImplementedError


async def mark_refused(connection: AsyncConnection, event_id: str, why: str) -> None:
    """Note that the event can't be applied, and why."""
    raise NotImplementedError


async def unclaimed(
    connection: AsyncConnection, model: str, version: str | None
) -> list[StoredEvent]:
    """Give the events that wait for this version, in the order they came."""
    raise NotImplementedError


async def unsent(
    connection: AsyncConnection, before: datetime, limit: int = 100
) -> list[StoredEvent]:
    """Give events received before an instant that never reached a workflow, for a second try."""
    raise NotImplementedError


async def get_event(connection: AsyncConnection, event_id: str) -> StoredEvent | None:
    """Find an event of the journal."""
    raise NotImplementedError


async def has_unapplied(connection: AsyncConnection, model: str, version: str) -> bool:
    """Say whether accepted events of a version have no outcome yet; a gate is then closed."""
    raise NotImplementedError


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Drop unclaimed events after 30 days; give how many."""
    raise NotImplementedError
