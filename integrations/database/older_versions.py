"""Versions beside one: those that came before it, those that hold the same bytes, those to come."""

from sqlalchemy import Boolean, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals, tables
from integrations.database.rows import table_of
from lifecycle.state import SignoffStatus, VersionStatus

_version = table_of(tables.Version)
_signoff = table_of(tables.Signoff)
_event = table_of(journals.Event)
_UNDECIDED = (VersionStatus.IN_REVIEW.value, VersionStatus.WITHDRAWN.value)


async def older_in_review(connection: AsyncConnection, model: str, version: str) -> list[str]:
    """Name a model's versions in review, or withdrawn, registered before this one; oldest first.

    A version whose row is not written yet is newer than all that are.
    """
    this = _version.alias("this")
    registered = (
        select(this.c.registered_at)
        .where(this.c.model == model, this.c.version == version)
        .scalar_subquery()
    )
    rows = await connection.scalars(
        select(_version.c.version)
        .where(
            _version.c.model == model,
            _version.c.version != version,
            _version.c.status.in_(_UNDECIDED),
            _version.c.registered_at
            < func.coalesce(registered, literal_column(tables.NEVER, tables.INSTANT)),
        )
        .order_by(_version.c.registered_at, _version.c.version)
    )
    return list(rows)


async def last_approved(connection: AsyncConnection, model: str, version: str) -> str | None:
    """Name the version of a model, beside this one, that stands approved and was signed last."""
    signed_last = (
        select(func.max(_signoff.c.decided_at))
        .where(
            _signoff.c.model == _version.c.model,
            _signoff.c.version == _version.c.version,
            _signoff.c.status == SignoffStatus.APPROVED.value,
        )
        .scalar_subquery()
    )
    found: str | None = await connection.scalar(
        select(_version.c.version)
        .where(
            _version.c.model == model,
            _version.c.version != version,
            _version.c.status == VersionStatus.APPROVED.value,
        )
        .order_by(signed_last.desc().nulls_last(), _version.c.registered_at.desc())
        .limit(1)
    )
    return found


async def versions_awaited(connection: AsyncConnection, model: str, type_: str) -> list[str]:
    """Name the versions of a model that unclaimed events of a type speak of."""
    rows = await connection.scalars(
        select(_event.c.version)
        .distinct()
        .where(
            _event.c.model == model,
            _event.c.type == type_,
            literal_column("event.status = 'unclaimed'", Boolean),
            _event.c.version.is_not(None),
        )
    )
    return sorted(rows)


async def open_among(
    connection: AsyncConnection, places: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Keep the versions, as (model, version), whose story has not ended."""
    rows = await connection.execute(
        select(_version.c.model, _version.c.version).where(
            _version.c.model.in_({model for model, _ in places}),
            _version.c.version.in_({version for _, version in places}),
            _version.c.is_open,
        )
    )
    is_open = {(row.model, row.version) for row in rows}
    return [place for place in places if place in is_open]
