from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.registry_rows import identities_of, model_record
from integrations.database.rows import table_of
from lifecycle.registry import ModelRecord
from lifecycle.roster import Member, PersonFile, Roster

_model = table_of(tables.Model)
_owner = table_of(tables.ModelOwner)

# Two levels: an escalation may tell a manager, and the manager's own when that one owns too.
_PEOPLE = text(
    """
    WITH RECURSIVE wanted (id, level) AS (
        SELECT person, 0 FROM model_owner WHERE model = :model
        UNION SELECT unnest(CAST(:producers AS text[])), 0
        UNION SELECT person, 0 FROM identity WHERE identity = ANY (CAST(:producers AS text[]))
        UNION SELECT person.manager, wanted.level + 1
            FROM wanted JOIN person ON person.id = wanted.id
            WHERE person.manager IS NOT NULL AND wanted.level < 2
    )
    SELECT person.id, person.file, person.number,
        (SELECT coalesce(array_agg(identity ORDER BY identity), '{}') FROM identity
            WHERE identity.person = person.id) AS identities
    FROM person WHERE id IN (SELECT id FROM wanted) ORDER BY person.id
    """
)

_CONCERNED = text(
    """
    WITH RECURSIVE reports (id, level) AS (
        SELECT CAST(:person AS text), 0
        UNION SELECT person.id, reports.level + 1
            FROM reports JOIN person ON person.manager = reports.id WHERE reports.level < 2
    ), names (name) AS (
        SELECT id FROM reports
        UNION SELECT identity FROM identity JOIN reports ON person = reports.id
    ), concerned AS (
        SELECT version.model, version.version, version.registered_at
        FROM version JOIN (SELECT DISTINCT model FROM model_owner
            WHERE person IN (SELECT id FROM reports)) AS owned USING (model)
        WHERE is_open
        UNION SELECT model, version, registered_at FROM version
        WHERE is_open AND producers && ARRAY (SELECT name FROM names)
    )
    SELECT model, array_agg(version ORDER BY registered_at, version) AS versions
    FROM concerned GROUP BY model ORDER BY model
    """
)


async def read_roster(
    connection: AsyncConnection, model: str, producers: tuple[str, ...] = ()
) -> Roster | None:
    """Read everybody who matters to a model's versions; None when the model is unknown.

    Owners of every role, people whose id or identity is among the producers, and the managers of
    these two levels up. `number` is that of the newest registry fact about any of them.
    """
    rows = await connection.execute(
        select(_model.c.file, _model.c.given_by, _model.c.number).where(_model.c.name == model)
    )
    row = rows.first()
    if row is None:
        return None
    people = await connection.execute(_PEOPLE, {"model": model, "producers": list(producers)})
    return _roster(model_record(row), row.number, people.all())


def _roster(record: ModelRecord, number: int, people: Iterable[Any]) -> Roster:
    members = {row.id: (_member(row.id, row.file, row.identities), row.number) for row in people}
    return Roster(
        number=max([number, *(touched for _, touched in members.values())]),
        model=record.file.model,
        layer=record.file.layer,
        risk=record.file.risk,
        slack_channel=record.file.slack_channel,
        owners=dict(record.file.owners),
        given_by=record.given_by,
        people={id_: member for id_, (member, _) in members.items()},
    )


def _member(id_: str, stored: dict[str, Any], identities: list[str]) -> Member:
    file = PersonFile.model_validate(stored)
    return Member(
        id=id_,
        name=file.name or "",
        manager=file.manager,
        machine=file.machine,
        identities=tuple(dict.fromkeys((*identities_of(file), *identities))),
    )


async def models_of_person(
    connection: AsyncConnection, person: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Give the open versions, by model, whose roster a change of this person may concern.

    Those of models that they, or people who report to them, own, and those that they produced.
    """
    rows = await connection.execute(_CONCERNED, {"person": person})
    return [(row.model, tuple(row.versions)) for row in rows]


async def models_owned_by(connection: AsyncConnection, person: str) -> tuple[str, ...]:
    """Name the models where a person holds a role: what an owner's key may read."""
    rows = await connection.scalars(
        select(_owner.c.model).where(_owner.c.person == person).distinct().order_by(_owner.c.model)
    )
    return tuple(rows)
