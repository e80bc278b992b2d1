import json

from sqlalchemy import ColumnElement, Table, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import journals, tables
from integrations.database.ledger import lock_chain, lock_registry, read_entries
from integrations.database.projection_rows import write_projection
from integrations.database.registry_rows import apply_fact
from integrations.database.rows import table_of
from integrations.database.slack_tables import SlackAccount
from lifecycle.facts import parse_fact
from lifecycle.projecting import replay
from lifecycle.recording import parse_version_subject, version_subject
from lifecycle.registry import parse_registry_fact
from lifecycle.values import Frozen

_fact = table_of(tables.Fact)
_version = table_of(tables.Version)
_event = table_of(journals.Event)
_REGISTRY = (
    tables.Lifecycle, tables.Person, tables.PersonIdentity, SlackAccount, tables.Model,
    tables.ModelOwner, tables.ModelAlias, tables.ApiKey, tables.Group, tables.Rotation,
    tables.CrewMember, tables.Handover,
)  # fmt: skip
_VERSIONS = (tables.Version, tables.Stage, tables.Signoff, tables.Waiting)
_IS_VERSION = _fact.c.subject.startswith("version/")


class Rebuilt(Frozen):
    """How much was made again from the ledger."""

    versions: int
    registry_facts: int


async def rebuild(engine: AsyncEngine) -> Rebuilt:
    """Make all projections again from the ledger, row for row, while others go on recording.

    The registry in one transaction, then each version in one of its own.
    """
    async with engine.begin() as connection:
        registry_facts = await _rebuild_registry(connection)
    async with engine.begin() as connection:
        known = {(row.model, row.version) for row in await connection.execute(
            select(_version.c.model, _version.c.version))}  # fmt: skip
        await _without_time_limit(connection)
        subjects = await connection.scalars(
            select(_fact.c.subject).where(_IS_VERSION, _fact.c.sequence == 1)
        )
        recorded = sorted(parse_version_subject(subject) for subject in subjects)
    for model, version in [*recorded, *sorted(known.difference(recorded))]:
        async with engine.begin() as connection:
            await _rebuild_version(connection, model, version)
    return Rebuilt(versions=len(recorded), registry_facts=registry_facts)


async def _without_time_limit(connection: AsyncConnection) -> None:
    # Reading all of the ledger may take longer than a statement usually may.
    await connection.execute(text("SET LOCAL statement_timeout = 0"))


async def _rebuild_registry(connection: AsyncConnection) -> int:
    await _without_time_limit(connection)
    await lock_registry(connection)
    for row in _REGISTRY:
        await connection.execute(delete(table_of(row)))
    # In the order in which they were recorded: identities and accounts pass between people.
    facts = await connection.execute(
        select(_fact.c.body, _fact.c.number).where(~_IS_VERSION).order_by(_fact.c.number)
    )
    count = 0
    for fact in facts:
        await apply_fact(
            connection, parse_registry_fact(json.loads(fact.body)["fact"]), fact.number
        )
        count += 1
    return count


async def _rebuild_version(connection: AsyncConnection, model: str, version: str) -> None:
    subject = version_subject(model, version)
    await lock_chain(connection, subject)
    entries = await read_entries(connection, subject)
    for row in _VERSIONS:
        table = table_of(row)
        await connection.execute(delete(table).where(*_of(table, model, version)))
    await connection.execute(
        update(_event)
        .where(*_of(_event, model, version), _event.c.sequence > 0)
        .values(status="accepted", why="", sequence=0)
    )
    if entries:
        facts = (parse_fact(json.loads(entry.body)["fact"]) for entry in entries)
        await write_projection(connection, replay(model, version, facts))


def _of(table: Table, model: str, version: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.model == model, table.c.version == version
