"""Roles that are handed from one owner to another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.ledger import append_registry
from integrations.database.pages import Page, page_size, read_cursor, write_cursor
from integrations.database.rows import table_of
from lifecycle.handover import Handover, Offer
from lifecycle.registry import (
    AnyRegistryFact,
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverWithdrawn,
    subject_of,
)

_handover = table_of(tables.Handover)


async def offer_handover(
    connection: AsyncConnection, model: str, offer: Offer, *, by: str, at: datetime
) -> int:
    """Put an offer on record; give its number. The caller holds the registry's lock."""
    last = await connection.scalar(
        select(func.coalesce(func.max(_handover.c.id), 0)).where(_handover.c.model == model)
    )
    number = int(last or 0) + 1
    fact = HandoverOffered(
        at=at,
        by=by,
        by_person=None if offer.offered_by == by else offer.offered_by,
        model=model,
        handover=str(number),
        role=offer.role,
        giver=offer.giver,
        receiver=offer.receiver,
        note=offer.note,
    )
    await _append(connection, model, fact)
    return number


async def accept(
    connection: AsyncConnection, model: str, number: int, *, by: str, at: datetime
) -> None:
    """Let the receiver hold the role from here on; raises LookupError for an unknown number."""
    handover = await get_handover(connection, model, number)
    if handover is None:
        raise LookupError(number)
    fact = HandoverAccepted(
        at=at,
        by=by,
        model=model,
        handover=str(number),
        role=handover.role,
        giver=handover.giver,
        receiver=handover.receiver,
        given_by=handover.offered_by,
    )
    await _append(connection, model, fact)


async def decline(
    connection: AsyncConnection, model: str, number: int, *, by: str, at: datetime, reason: str = ""
) -> None:
    """Note that the receiver doesn't want the role."""
    fact = HandoverDeclined(at=at, by=by, model=model, handover=str(number), reason=reason)
    await _append(connection, model, fact)


async def withdraw(
    connection: AsyncConnection, model: str, number: int, *, by: str, at: datetime, reason: str = ""
) -> None:
    """Note that the offer is taken back."""
    fact = HandoverWithdrawn(at=at, by=by, model=model, handover=str(number), reason=reason)
    await _append(connection, model, fact)


async def _append(connection: AsyncConnection, model: str, fact: AnyRegistryFact) -> None:
    await append_registry(connection, subject_of("model", model), fact)


async def get_handover(connection: AsyncConnection, model: str, number: int) -> Handover | None:
    """Give one handover of a model."""
    found = await _read(connection, _handover.c.model == model, _handover.c.id == number)
    return found[0] if found else None


async def open_handovers(connection: AsyncConnection, model: str) -> Sequence[Handover]:
    """Give a model's offers that nobody answered yet."""
    return await _read(connection, _handover.c.model == model, _handover.c.status == "open")


async def _read(connection: AsyncConnection, *which: ColumnElement[bool]) -> list[Handover]:
    rows = await connection.execute(select(_handover).where(*which).order_by(_handover.c.id))
    return [Handover.model_validate(dict(row._mapping)) for row in rows]


async def list_handovers(
    connection: AsyncConnection,
    model: str,
    *,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List a model's handovers, the newest first; with `person`, only theirs.

    Raises ValueError with a sentence for a bad cursor or limit.
    """
    size = page_size(limit)
    statement = select(_handover).where(_handover.c.model == model)
    if person is not None:
        statement = statement.where(
            (_handover.c.giver == person) | (_handover.c.receiver == person)
        )
    if cursor is not None:
        (before,) = read_cursor("handovers", cursor, 1)
        if not before.isascii() or not before.isdigit() or len(before) > 9:
            raise ValueError("The cursor is not one that this list gave; start again without it.")
        statement = statement.where(_handover.c.id < int(before))
    rows = (
        await connection.execute(statement.order_by(_handover.c.id.desc()).limit(size + 1))
    ).all()
    shown = rows[:size]
    following = write_cursor("handovers", [str(shown[-1].id)]) if len(rows) > size else None
    return Page(items=tuple(dict(row._mapping) for row in shown), next=following)
