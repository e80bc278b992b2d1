from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_346_021_885
"""Any number that nothing else in this database locks."""


async def migrate(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the database to this code's schema, or an earlier one; safe when two start at once.

    Does nothing when it is there already. All or nothing: one transaction. Raises alembic's
    CommandError on a database that is newer.
    """
    async with engine.begin() as connection:
        # A lock on a big table, or the other one's migration, may take its time.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        await connection.run_sync(_upgrade, revision)


async def upgrade(url: str) -> None:
    """Bring the database at a URL to this code's schema."""
    engine = open_engine(url)
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
