"""People with everybody above them."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.roster import PersonFile

# UNION drops who was met before, so that managers in a circle end.
_UPWARDS = text(
    """
    WITH RECURSIVE line (id) AS (
        SELECT unnest(CAST(:people AS text[]))
        UNION SELECT person.manager FROM line JOIN person USING (id)
            WHERE person.manager IS NOT NULL
    )
    SELECT person.id, person.file FROM person JOIN line USING (id) ORDER BY person.id
    """
)


async def people_upwards(
    connection: AsyncConnection, people: Iterable[str]
) -> dict[str, PersonFile]:
    """Give these people and their managers, all the way up; who is not known is left out."""
    rows = await connection.execute(_UPWARDS, {"people": sorted(set(people))})
    return {row.id: PersonFile.model_validate(row.file) for row in rows}
