"""When people are away and who stands in, whichever way they say it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.checking import checked_away
from api.deps import Composition
from api.problems import NotFound
from api.schemas_people import AwayShown
from integrations.database.ledger import lock_registry
from integrations.database.registry import get_person, put_person
from integrations.documents import Document
from lifecycle.roster import Away, PersonFile


@dataclass(frozen=True)
class Speaker:
    """Who says it: the principal as facts name it, and the person it belongs to."""

    id: str
    person: str | None


async def described(connection: AsyncConnection, person: str) -> PersonFile:
    """Give a person's description; raises NotFound."""
    known = await get_person(connection, person)
    if known is None:
        raise NotFound(f"Nobody is called {person}.")
    return known


async def put_away_periods(
    connection: AsyncConnection,
    composition: Composition,
    person: str,
    away: tuple[Away, ...],
    speaker: Speaker,
    document: Document | None = None,
) -> dict[str, Any]:
    """Take all of a person's away periods; raises NotFound, Invalid for who can't stand in.

    The caller tells the versions that it concerns, once the transaction is over.
    """
    await lock_registry(connection)
    file = (await described(connection, person)).model_copy(update={"away": away})
    now = composition.clock()
    sent = document or Document("away", {})
    warnings = await checked_away(connection, person, file, sent, now)
    changed = await put_person(
        connection, person, file, by=speaker.id, by_person=speaker.person, at=now
    )
    shown = AwayShown(id=person, away=away).model_dump(mode="json", by_alias=True)
    return {**shown, "changed": changed, "warnings": warnings}
