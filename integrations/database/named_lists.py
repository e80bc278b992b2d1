from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import page_size, read_cursor, write_cursor


async def page_by_name(
    connection: AsyncConnection,
    statement: Select[Any],
    name: ColumnElement[str],
    kind: str,
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Row[Any]], str | None]:
    """Read one page in the order of a unique name, and the cursor of the next.

    Raises ValueError with a sentence for a bad cursor or limit.
    """
    size = page_size(limit)
    if cursor is not None:
        statement = statement.where(name > read_cursor(kind, cursor, 1)[0])
    rows = (await connection.execute(statement.order_by(name).limit(size + 1))).all()
    shown = rows[:size]
    return shown, write_cursor(kind, [shown[-1][0]]) if len(rows) > size else None
