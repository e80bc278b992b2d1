"""Gates that somebody opened without their stages, over all versions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, column, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.pages import Page, instant_in, page_size, read_cursor, write_cursor
from integrations.database.rows import table_of
from integrations.database.visibility import is_visible
from lifecycle.values import Frozen

_table = table_of(tables.Version)
_version = _table.c
_one = func.jsonb_array_elements(_version.doc["overrides"]).table_valued(
    column("value", JSONB), name="one", joins_implicitly=True
)
_value: ColumnElement[Any] = _one.c.value
_at = _value["at"].astext.cast(tables.INSTANT)
_until = _value["until"].astext.cast(tables.INSTANT)
_is_over = _value["is_over"].astext.cast(Boolean)
_is_reviewed = _value["is_reviewed"].astext.cast(Boolean)
_place = (_at, _version.model, _version.version, _value["id"].astext)


class OverrideQuery(Frozen):
    """Which overrides are asked for."""

    model: str | None = None
    gate: str | None = None
    person: str | None = None
    """Only those that this person gave."""
    open: bool | None = None
    """Whether it opens its gate now."""
    reviewed: bool | None = None
    limit: int = 50
    cursor: str | None = None
    visible_models: tuple[str, ...] | None = None
    """Names or globs (`fraud-*`) of the models that the reader may see; None: all."""


class Counted(Frozen):
    """How many overrides a query finds, over all its pages."""

    count: int
    open: int
    review_owed: int


async def list_overrides(connection: AsyncConnection, query: OverrideQuery, now: datetime) -> Page:
    """List overrides (OverrideView as JSON, with model and version), newest first.

    A version's view keeps its newest; the audit trail has all. Raises ValueError for a bad cursor
    or limit.
    """
    size = page_size(query.limit)
    statement = (
        select(_version.model, _version.version, _value.label("doc"), _at.label("at"))
        .select_from(_table, _one)
        .where(*_conditions(query, now))
        .order_by(*(one.desc() for one in _place))
        .limit(size + 1)
    )
    if query.cursor is not None:
        at, *rest = read_cursor("overrides", query.cursor, 4)
        after = (literal(instant_in(at), tables.INSTANT), *map(literal, rest))
        statement = statement.where(tuple_(*_place) < tuple_(*after))
    rows = (await connection.execute(statement)).all()
    shown = rows[:size]
    following = None
    if len(rows) > size:
        last = shown[-1]
        place = [last.at.isoformat(), last.model, last.version, last.doc["id"]]
        following = write_cursor("overrides", place)
    items = tuple({"model": row.model, "version": row.version, **row.doc} for row in shown)
    return Page(items=items, next=following)


async def count_overrides(
    connection: AsyncConnection, query: OverrideQuery, now: datetime
) -> Counted:
    """Count what a query finds, whatever its page."""
    is_open = _is_open(now)
    statement = select(
        func.count().label("count"),
        func.count().filter(is_open).label("open"),
        func.count().filter(~_is_reviewed).label("review_owed"),
    )
    found = statement.select_from(_table, _one).where(*_conditions(query, now))
    row = (await connection.execute(found)).one()
    return Counted(count=row.count, open=row.open, review_owed=row.review_owed)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return and_(~_is_over, _until > literal(now, tables.INSTANT))


def _conditions(query: OverrideQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    # As text: the planner uses a partial index only where it can see the condition.
    yield text("jsonb_array_length(version.doc -> 'overrides') > 0")  # type: ignore[misc]  # a text clause is a condition too
    if query.model is not None:
        yield _version.model == query.model
    for name in ("gate", "person"):
        if (wanted := getattr(query, name)) is not None:
            yield _value[name].astext == wanted
    if query.open is not None:
        yield _is_open(now) if query.open else ~_is_open(now)
    if query.reviewed is not None:
        yield _is_reviewed if query.reviewed else ~_is_reviewed
    if query.visible_models is not None:
        yield is_visible(_version.model, query.visible_models)
