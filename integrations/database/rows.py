import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Executable,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    column,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def table_of(row: type[SQLModel]) -> Table:
    """Give the Core table of a table class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def any_in(values: Iterable[str]) -> ColumnElement[str]:
    """Build `ANY` over texts, as one parameter whatever their number."""
    return func.any(literal(list(values), ARRAY(Text)))


def json_text(value: Any) -> str:
    """Write JSON that a jsonb column takes: PostgreSQL refuses U+0000 in it.

    Only derived rows and documents pass here; the ledger keeps the exact bytes.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text:
        text = json.dumps(_without_nul(value), ensure_ascii=False, separators=(",", ":"))
    return text


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", REPLACEMENT)
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nul(item) for item in value]
    return value


def recordset(row: type[SQLModel], columns: Sequence[Column[Any]], name: str) -> TableValuedAlias:
    """Read one JSON array, the parameter `rows`, as rows of a table's type.

    One statement text for any number of rows, so that it is compiled, prepared and sent once.
    """
    rows = func.jsonb_populate_recordset(
        literal_column(f'NULL::"{table_of(row).name}"'), bindparam("rows", type_=JSONB)
    )
    return rows.table_valued(*[column(one.name, one.type) for one in columns], name=name)


def insert_rows(row: type[SQLModel]) -> Insert:
    """Build an insertion of any number of rows."""
    columns = written_columns(row)
    new = recordset(row, columns, "new")
    return insert(table_of(row)).from_select(
        [one.name for one in columns], select(*[new.c[one.name] for one in columns])
    )


def written_columns(row: type[SQLModel]) -> list[Column[Any]]:
    """Give the columns that PostgreSQL does not fill by itself."""
    return [
        one for one in table_of(row).columns if one.identity is None and one.server_default is None
    ]


def upsert_rows(row: type[SQLModel], *, newer_by: str | None = None) -> Insert:
    """Build an insertion that overwrites rows of the same primary key.

    With `newer_by`, only those whose value in that column is smaller.
    """
    table = table_of(row)
    statement = insert_rows(row)
    keys = [one.name for one in table.primary_key.columns]
    new = {
        one.name: statement.excluded[one.name]
        for one in written_columns(row)
        if one.name not in keys
    }
    newer = table.c[newer_by] < statement.excluded[newer_by] if newer_by else None
    return statement.on_conflict_do_update(index_elements=keys, set_=new, where=newer)


async def write(
    connection: AsyncConnection, statement: Executable, rows: Sequence[dict[str, Any]]
) -> int:
    """Run a statement over `rows`; give how many it wrote. No rows, no statement."""
    if not rows:
        return 0
    result = await connection.execute(statement, {"rows": rows})
    return result.rowcount
