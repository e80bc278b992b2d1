"""Rows of handovers: roles that were offered to somebody."""

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from lifecycle.registry import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverWithdrawn,
)

_handover = table_of(tables.Handover)


async def apply_offer(connection: AsyncConnection, fact: HandoverOffered) -> None:
    """Write an offer's row."""
    await connection.execute(
        insert(_handover).values(
            model=fact.model,
            id=int(fact.handover),
            role=fact.role,
            giver=fact.giver,
            receiver=fact.receiver,
            offered_by=fact.by_person or fact.by,
            note=fact.note,
            status="open",
            offered_at=fact.at,
            reason="",
        )
    )


async def end_offer(
    connection: AsyncConnection, fact: HandoverAccepted | HandoverDeclined | HandoverWithdrawn
) -> None:
    """Note what became of an offer."""
    status = fact.kind.removeprefix("Handover").lower()
    reason = "" if isinstance(fact, HandoverAccepted) else fact.reason
    await connection.execute(
        update(_handover)
        .where(_handover.c.model == fact.model, _handover.c.id == int(fact.handover))
        .values(status=status, reason=reason, ended_at=fact.at)
    )
