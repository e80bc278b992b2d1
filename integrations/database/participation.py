"""The open versions that one person has to do with, newest first."""

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.concerned import models_of_person
from integrations.database.rows import table_of
from lifecycle.values import Frozen

_version = table_of(tables.Version).c


class OpenVersion(Frozen):
    """A version whose story goes on."""

    model: str
    version: str
    status: str


async def open_versions_of(
    connection: AsyncConnection, person: str, limit: int
) -> tuple[OpenVersion, ...]:
    """Give the newest open versions that a person produced, or where they may have a say."""
    concerned = await models_of_person(connection, person)
    named = [(model, version) for model, versions in concerned for version in versions]
    rows = await connection.execute(
        select(_version.model, _version.version, _version.status)
        .where(tuple_(_version.model, _version.version).in_(named))
        .order_by(_version.registered_at.desc(), _version.model, _version.version)
        .limit(limit)
    )
    return tuple(OpenVersion.model_validate(dict(row._mapping)) for row in rows)
