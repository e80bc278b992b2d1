"""The sign-offs that a version's view has left behind, whose cards may still have buttons."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.slack.plan import signoffs
from lifecycle.view import SignoffView, VersionView

_EARLIER = text(
    "SELECT doc FROM signoff WHERE model = :model AND version = :version"
    " AND NOT (id = ANY(:current)) ORDER BY id"
)


async def earlier_signoffs(
    connection: AsyncConnection, view: VersionView
) -> tuple[SignoffView, ...]:
    """Read the version's sign-offs that the view no longer has, as they were last recorded."""
    current = [each.id for each in signoffs(view)]
    asked = {"model": view.model, "version": view.version, "current": current}
    rows = await connection.execute(_EARLIER, asked)
    return tuple(SignoffView.model_validate(row.doc) for row in rows)
