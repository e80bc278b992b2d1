"""Which models are built on another one."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of

_model = table_of(tables.Model)
_version = table_of(tables.Version)


async def built_on(connection: AsyncConnection, model: str) -> list[tuple[str, str]]:
    """Name the open versions, as (model, version), of models that are built on this one."""
    rows = await connection.execute(
        select(_version.c.model, _version.c.version)
        .join(_model, _model.c.name == _version.c.model)
        .where(_version.c.is_open, _model.c.file["built_on"].contains([model]))
        .order_by(_version.c.model, _version.c.registered_at, _version.c.version)
    )
    return [(row.model, row.version) for row in rows]
