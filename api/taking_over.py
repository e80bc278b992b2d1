"""Taking a role over that is offered, whichever way the receiver says it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.checking import checked_handover
from api.deps import Composition
from integrations.database import handovers
from integrations.database.reporting_lines import people_named
from lifecycle.handover import Handover, check_acceptance
from lifecycle.records import ModelRecord


async def take_over(
    connection: AsyncConnection,
    composition: Composition,
    record: ModelRecord,
    handover: Handover,
    *,
    person: str | None,
    by: str,
) -> None:
    """Let the receiver hold the role from here on; raises Refused.

    The caller holds the registry's lock, and tells the model's versions afterwards.
    """
    people = await people_named(connection, [handover.receiver])
    check_acceptance(record.file, handover, person, people)
    await checked_handover(connection, record, handover)
    model = record.file.model
    await handovers.accept(connection, model, handover.id, by=by, at=composition.clock())
