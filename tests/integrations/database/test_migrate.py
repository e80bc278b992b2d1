import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import SQLModel

from integrations.database import journals, slack_tables, tables  # noqa: F401 - importing them defines the tables
from integrations.database.engine import open_engine
from integrations.database.migrate import migrate


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    found: list[object] = compare_metadata(context, SQLModel.metadata)
    return found


async def test_the_migrations_make_the_tables_of_the_code(connection: AsyncConnection) -> None:
    assert await connection.run_sync(differences) == []


async def test_two_that_start_at_once_both_find_a_migrated_database(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    url = engine.url.render_as_string(hide_password=False)
    others = [open_engine(url) for _ in range(3)]
    await asyncio.gather(*(migrate(one) for one in others))
    await migrate(engine)
    for one in others:
        async with one.connect() as connection:
            assert await connection.run_sync(differences) == []
        await one.dispose()


@pytest.mark.parametrize(
    "change", ["UPDATE fact SET body = 'x'", "DELETE FROM fact", "TRUNCATE fact"]
)
async def test_the_ledger_refuses_to_be_changed(connection: AsyncConnection, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await connection.execute(text(change))
