from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.pages import Page, instant_in, page_size, read_cursor, write_cursor
from integrations.database.rows import table_of
from integrations.database.visibility import is_visible

_version = table_of(tables.Version)
_signoff = table_of(tables.Signoff)
_LISTED = (
    _version.c.model, _version.c.version, _version.c.status, _version.c.sequence,
    _version.c.lifecycle, _version.c.risk, _version.c.layer, _version.c.digests,
    _version.c.registered_at, _version.c.summary, _version.c.next_deadline,
)  # fmt: skip


async def get_version(
    connection: AsyncConnection, model: str, version: str
) -> dict[str, Any] | None:
    """Give a version's view (VersionView as JSON), or None when it was never recorded."""
    found: dict[str, Any] | None = await connection.scalar(
        select(_version.c.doc).where(_version.c.model == model, _version.c.version == version)
    )
    return found


async def sequence_of(connection: AsyncConnection, model: str, version: str) -> int:
    """Say up to which fact a version's rows are; 0 before the first. `at_least` waits for it."""
    found: int | None = await connection.scalar(
        select(_version.c.sequence).where(_version.c.model == model, _version.c.version == version)
    )
    return found or 0


async def list_versions(
    connection: AsyncConnection,
    model: str | None = None,
    *,
    visible_models: tuple[str, ...] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List versions, newest first: all columns that a table of them shows, without their views.

    Raises ValueError for a bad cursor or limit.
    """
    size = page_size(limit)
    place = tuple_(_version.c.registered_at, _version.c.model, _version.c.version)
    statement = select(*_LISTED).where(_version.c.registered_at.is_not(None))
    if model is not None:
        statement = statement.where(_version.c.model == model)
    if visible_models is not None:
        statement = statement.where(is_visible(_version.c.model, visible_models))
    if cursor is not None:
        at, after_model, after_version = read_cursor("versions", cursor, 3)
        statement = statement.where(
            place < tuple_(literal(instant_in(at)), literal(after_model), literal(after_version))
        )
    statement = statement.order_by(*(one.desc() for one in place.clauses)).limit(size + 1)
    rows = (await connection.execute(statement)).all()
    items = tuple(dict(row._mapping) for row in rows[:size])
    last = items[-1] if len(rows) > size else None
    return Page(
        items=items,
        next=last
        and write_cursor(
            "versions", [last["registered_at"].isoformat(), last["model"], last["version"]]
        ),
    )


async def open_versions(connection: AsyncConnection, model: str) -> list[str]:
    """Name a model's versions whose story has not ended, oldest first."""
    rows = await connection.scalars(
        select(_version.c.version)
        .where(_version.c.model == model, _version.c.is_open)
        .order_by(_version.c.registered_at, _version.c.version)
    )
    return list(rows)


async def versions_with_digest(
    connection: AsyncConnection, digest: str, model: str | None = None
) -> list[tuple[str, str]]:
    """Find the versions, as (model, version), that have an artifact of these bytes now."""
    statement = select(_version.c.model, _version.c.version).where(
        _version.c.digests.contains([digest])
    )
    if model is not None:
        statement = statement.where(_version.c.model == model)
    rows = await connection.execute(statement.order_by(_version.c.model, _version.c.version))
    return [(row.model, row.version) for row in rows]


async def signoff(connection: AsyncConnection, id_: str) -> dict[str, Any] | None:
    """Give one role's request in one round (SignoffView as JSON), or None."""
    found: dict[str, Any] | None = await connection.scalar(
        select(_signoff.c.doc).where(_signoff.c.id == id_)
    )
    return found
