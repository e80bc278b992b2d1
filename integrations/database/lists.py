from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, func, literal, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.bottlenecks import WaitingBy, WaitingRow, waiting_by
from integrations.database.pages import Page, instant_in, page_size, read_cursor, write_cursor
from integrations.database.rows import table_of
from integrations.database.visibility import is_visible
from lifecycle.state import SignoffStatus
from lifecycle.values import Frozen, Instant

__all__ = [
    "SignoffQuery",
    "WaitingBy",
    "WaitingRow",
    "list_signoffs",
    "models_to_decide",
    "waiting_by",
]

_signoff = table_of(tables.Signoff).c
_NEVER: ColumnElement[datetime] = literal_column(tables.NEVER, tables.INSTANT)
_DUE = func.coalesce(_signoff.due, _NEVER)


class SignoffQuery(Frozen):
    """Which sign-offs are asked for, in which order."""

    status: SignoffStatus = SignoffStatus.PENDING
    owner: str | None = None
    """Only those where this person can still decide."""
    role: str | None = None
    model: str | None = None
    stage: str | None = None
    manager: str | None = None
    """Only those where somebody who can still decide has this manager."""
    risk: str | None = None
    overdue: bool | None = None
    due_before: Instant | None = None
    sort: Literal["due", "-age"] = "due"
    limit: int = 50
    cursor: str | None = None
    visible_models: tuple[str, ...] | None = None
    """Names or globs (`fraud-*`) of the models that the reader may see; None: all."""


async def models_to_decide(connection: AsyncConnection, person: str) -> tuple[str, ...]:
    """Name the models of the sign-offs that a person may still decide, by whatever right.

    A delegate, or whom an escalation asked, need not hold a role there.
    """
    pending: ColumnElement[str] = literal_column(f"'{SignoffStatus.PENDING.value}'")
    rows = await connection.scalars(
        select(_signoff.model)
        .where(_signoff.status == pending, _signoff.can_decide.contains([person]))
        .distinct()
        .order_by(_signoff.model)
    )
    return tuple(rows)


async def list_signoffs(connection: AsyncConnection, query: SignoffQuery, now: datetime) -> Page:
    """List sign-offs (SignoffView as JSON); raises ValueError for a bad cursor or limit."""
    size = page_size(query.limit)
    order = _DUE if query.sort == "due" else _signoff.asked_at
    kind = f"signoffs {query.status} {query.sort}"
    statement = (
        select(_signoff.id, _signoff.due, _signoff.asked_at, _signoff.doc)
        .where(*_conditions(query, now))
        .order_by(order, _signoff.id)
        .limit(size + 1)
    )
    if query.cursor is not None:
        at, id_ = read_cursor(kind, query.cursor, 2)
        after = _NEVER if at == "never" else literal(instant_in(at), tables.INSTANT)
        statement = statement.where(tuple_(order, _signoff.id) > tuple_(after, literal(id_)))
    rows = (await connection.execute(statement)).all()
    shown = rows[:size]
    following = None
    if len(rows) > size:
        place = shown[-1].due if query.sort == "due" else shown[-1].asked_at
        following = write_cursor(kind, [place.isoformat() if place else "never", shown[-1].id])
    return Page(items=tuple(row.doc for row in shown), next=following)


def _conditions(query: SignoffQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    # As a literal: the planner uses a partial index only where it can see the condition.
    yield _signoff.status == literal_column(f"'{query.status.value}'")
    if query.status is not SignoffStatus.PENDING:
        yield _signoff.status != literal_column(f"'{SignoffStatus.PENDING.value}'")
    for name in ("role", "model", "stage", "risk"):
        if (wanted := getattr(query, name)) is not None:
            yield _signoff[name] == wanted
    if query.owner is not None:
        yield _signoff.can_decide.contains([query.owner])
    if query.manager is not None:
        yield _signoff.managers.contains([query.manager])
    if query.overdue is True:
        yield now > _DUE
    if query.overdue is False:
        yield now <= _DUE
    if query.due_before is not None:
        yield query.due_before > _DUE
    if query.visible_models is not None:
        yield is_visible(_signoff.model, query.visible_models)
