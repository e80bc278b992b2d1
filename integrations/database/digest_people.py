"""Who is to get a digest: people at work for whom something waits, managers of people."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Integer, Text, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.tables import INSTANT
from integrations.mornings import Hours
from lifecycle.values import Frozen

_AT_WORK = """
    coalesce(file ->> 'machine', 'false') <> 'true' AND coalesce(file ->> 'left', 'false') <> 'true'
"""
_HOURS = """
    coalesce(file ->> 'zone', '') AS zone, coalesce(file ->> 'hours', '') AS hours,
    coalesce(file ->> 'holidays', '') AS holidays
"""

_KINDS_OF_HOURS = text(
    f"SELECT DISTINCT {_HOURS} FROM person WHERE {_AT_WORK} ORDER BY 1, 2, 3"  # noqa: S608 - constants
)

_PEOPLE = f"""
    SELECT known.id, known.zone, known.hours, known.holidays
    FROM (SELECT id, file, {_HOURS} FROM person
            WHERE {_AT_WORK} AND id > :after AND id IN ({{among}})) AS known
        JOIN jsonb_to_recordset(:hours) AS begun (zone text, hours text, holidays text)
            USING (zone, hours, holidays)
    WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(coalesce(known.file -> 'away', '[]')) AS period
        WHERE CAST(period ->> 'from' AS timestamptz) <= :now
            AND CAST(period ->> 'until' AS timestamptz) > :now
    )
    ORDER BY known.id LIMIT :limit
"""  # noqa: S608 - constants


def _statement(among: str) -> TextClause:
    return text(_PEOPLE.format(among=among)).bindparams(
        bindparam("after", type_=Text),
        bindparam("hours", type_=JSONB),
        bindparam("now", type_=INSTANT),
        bindparam("limit", type_=Integer),
    )


# Once over all that is pending: a look-up for each person would be one for each who has nothing.
_OWNERS = _statement("SELECT unnest(can_decide) FROM signoff WHERE status = 'pending'")
_MANAGERS = _statement("SELECT manager FROM person WHERE manager IS NOT NULL")


class ToTell(Frozen):
    """Somebody who may get a digest, and their hours."""

    person: str
    hours: Hours


async def kinds_of_hours(connection: AsyncConnection) -> tuple[Hours, ...]:
    """Give every zone, hours and holidays that somebody has, each combination once."""
    rows = await connection.execute(_KINDS_OF_HOURS)
    return tuple(Hours.model_validate(dict(row._mapping)) for row in rows)


async def hours_of(connection: AsyncConnection, person: str) -> Hours | None:
    """Give what is on file of when somebody works; None when nobody is called so."""
    row = (
        await connection.execute(
            text(f"SELECT {_HOURS} FROM person WHERE id = :person"),  # noqa: S608 - constants
            {"person": person},
        )
    ).first()
    return Hours.model_validate(dict(row._mapping)) if row else None


async def owners_to_tell(
    connection: AsyncConnection, begun: Iterable[Hours], now: datetime, after: str, limit: int
) -> tuple[ToTell, ...]:
    """Give people of these hours for whom a request waits and who are not away, by id."""
    return await _people(connection, _OWNERS, begun, now, after, limit)


async def managers_to_tell(
    connection: AsyncConnection, begun: Iterable[Hours], now: datetime, after: str, limit: int
) -> tuple[ToTell, ...]:
    """Give managers of these hours who are not away, by id."""
    return await _people(connection, _MANAGERS, begun, now, after, limit)


async def _people(
    connection: AsyncConnection,
    statement: TextClause,
    begun: Iterable[Hours],
    now: datetime,
    after: str,
    limit: int,
) -> tuple[ToTell, ...]:
    hours = [one.model_dump() for one in begun]
    values = {"after": after, "hours": hours, "now": now, "limit": limit}
    rows = await connection.execute(statement, values)
    return tuple(
        ToTell(person=row.id, hours=Hours(zone=row.zone, hours=row.hours, holidays=row.holidays))
        for row in rows
    )
