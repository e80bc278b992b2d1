"""People with everybody above them."""

from collections.abc import Iterable

from sqlalchemy import TextClause, text
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


_STANDING_IN = text(
    """
    WITH RECURSIVE line (id) AS (
        SELECT unnest(CAST(:people AS text[]))
        UNION SELECT unnest(person.delegates) FROM line JOIN person USING (id)
    )
    SELECT person.id, person.file FROM person JOIN line USING (id) ORDER BY person.id
    """
)
_NAMED = text("SELECT id, file FROM person WHERE id = ANY (CAST(:people AS text[])) ORDER BY id")


async def people_named(connection: AsyncConnection, people: Iterable[str]) -> dict[str, PersonFile]:
    """Give these people; who is not known is left out."""
    return await _read(connection, _NAMED, people)


async def people_standing_in(
    connection: AsyncConnection, file: PersonFile
) -> dict[str, PersonFile]:
    """Give everybody who stands in for a person, for these in turn, and so on."""
    return await _read(connection, _STANDING_IN, (o.delegate for o in file.away if o.delegate))


async def people_upwards(
    connection: AsyncConnection, people: Iterable[str]
) -> dict[str, PersonFile]:
    """Give these people and their managers, all the way up; who is not known is left out."""
    return await _read(connection, _UPWARDS, people)


async def _read(
    connection: AsyncConnection, statement: TextClause, people: Iterable[str]
) -> dict[str, PersonFile]:
    rows = await connection.execute(statement, {"people": sorted(set(people))})
    return {row.id: PersonFile.model_validate(row.file) for row in rows}


_BASES = text(
    """
    WITH RECURSIVE line (name) AS (
        SELECT unnest(CAST(:models AS text[]))
        UNION SELECT base FROM line JOIN model USING (name)
            CROSS JOIN LATERAL jsonb_array_elements_text(
                coalesce(file -> 'built_on', CAST('[]' AS jsonb))) AS base
    )
    SELECT name, coalesce(file -> 'built_on', CAST('[]' AS jsonb)) AS built_on
    FROM model JOIN line USING (name) ORDER BY name
    """
)


async def bases_upwards(
    connection: AsyncConnection, models: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Give what these models are built on, and what that is built on, all the way."""
    rows = await connection.execute(_BASES, {"models": sorted(set(models))})
    return {row.name: tuple(row.built_on) for row in rows}
