"""Which models and versions a change of people, groups or rotations concerns."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# What stands behind a name: the people, who they stand in for, who reports to them (two levels,
# and more where owners are managers of a role's people), and the crews that these are in.
_CONCERNED = text(
    """
    WITH RECURSIVE around (id, level) AS (
        SELECT unnest(CAST(:people AS text[])), 0
        UNION SELECT person.id, around.level + 1
            FROM around JOIN person ON person.manager = around.id
                OR person.delegates @> ARRAY [around.id]
            WHERE around.level < 4
    ), refs (ref) AS (
        SELECT unnest(CAST(:crews AS text[]))
        UNION SELECT id FROM around
        UNION SELECT crew FROM crew_member JOIN around ON crew_member.person = around.id
    ), named (ref) AS (
        SELECT '"' || ref || '"' FROM refs WHERE ref LIKE '%:%'
        UNION SELECT '"person:' || id || '"' FROM around
    ), names (name) AS (
        SELECT id FROM around
        UNION SELECT identity FROM identity JOIN around ON person = around.id
    ), concerned AS (
        SELECT version.model, version.version, version.registered_at
        FROM version JOIN (SELECT DISTINCT model FROM model_owner
            WHERE person IN (SELECT ref FROM refs)) AS owned USING (model)
        WHERE is_open
        UNION SELECT model, version, registered_at FROM version
        WHERE is_open AND producers && ARRAY (SELECT name FROM names)
        UNION SELECT model, version, registered_at FROM version
        WHERE is_open AND lifecycle IN (SELECT lifecycle.name FROM lifecycle JOIN named
            ON strpos(CAST(lifecycle.definition -> 'escalations' AS text), named.ref) > 0)
    )
    SELECT model, array_agg(version ORDER BY registered_at, version) AS versions
    FROM concerned GROUP BY model ORDER BY model
    """
)

_OWNED = text(
    """
    WITH RECURSIVE line (id) AS (
        SELECT CAST(:person AS text)
        UNION SELECT person.id FROM line JOIN person ON person.delegates @> ARRAY [line.id]
    ), refs (ref) AS (
        SELECT id FROM line
        UNION SELECT crew FROM crew_member JOIN line ON crew_member.person = line.id
    ), reports (ref) AS (
        SELECT person.id FROM person JOIN line ON person.manager = line.id
        UNION SELECT crew FROM crew_member JOIN person ON person.id = crew_member.person
            JOIN line ON person.manager = line.id
    )
    SELECT model FROM model_owner WHERE person IN (SELECT ref FROM refs)
    UNION SELECT above.model FROM model_owner AS above
        JOIN model_owner AS below ON below.model = above.model
            AND above.person = 'manager of ' || below.role
        WHERE below.person IN (SELECT ref FROM reports)
    ORDER BY model
    """
)


async def models_concerned(
    connection: AsyncConnection, *, people: Sequence[str] = (), crews: Sequence[str] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    """Give the open versions, by model, whose roster a change of these may concern."""
    rows = await connection.execute(_CONCERNED, {"people": list(people), "crews": list(crews)})
    return [(row.model, tuple(row.versions)) for row in rows]


async def models_of_person(
    connection: AsyncConnection, person: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Give the open versions, by model, whose roster a change of this person may concern.

    Those of models that they own, directly or through a group or rotation, that people own who
    report to them or whom they stand in for, whose escalations name them, and that they produced.
    """
    return await models_concerned(connection, people=[person])


async def models_owned_by(connection: AsyncConnection, person: str) -> tuple[str, ...]:
    """Name the models where a person holds a role: what an owner's key may read.

    Also through groups and rotations, as manager of a role's people, and for whom they stand in.
    """
    return tuple(await connection.scalars(_OWNED, {"person": person}))
