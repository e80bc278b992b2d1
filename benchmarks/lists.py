"""Listing fifty pending sign-offs: rows as the API reads them, beside the ORM, in one run."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.database import tables
from integrations.database.engine import open_engine
from integrations.database.lists import SignoffQuery, list_signoffs
from integrations.database.migrate import migrate
from integrations.embedded.servers import embedded_postgres, throwaway_directory

ROUNDS = 200
PAGE = 50
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILL = text(
    """
    INSERT INTO signoff (id, model, version, stage, round, role, status, asked_at, due,
                         can_decide, managers, deciders, doc)
    SELECT 'm:' || n || ':validate:1:validator', 'm', n::text, 'validate', 1, 'validator',
           CASE WHEN n % 4 = 0 THEN 'pending' ELSE 'approved' END,
           timestamptz '2026-01-01' + n * interval '1 minute',
           timestamptz '2026-02-01' + n * interval '1 minute',
           ARRAY['ana'], ARRAY['dee'], ARRAY[]::text[],
           jsonb_build_object('id', n, 'statement', repeat('I reviewed it. ', 40))
    FROM generate_series(1, 20000) AS n
    """
)


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """Give the median seconds of many calls."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


async def compare(engine: AsyncEngine) -> None:
    """Print both medians and their ratio."""
    query = SignoffQuery(status="pending", limit=PAGE)

    async def rows() -> None:
        async with engine.connect() as connection:
            page = await list_signoffs(connection, query, NOW)
        if len(page.items) != PAGE:
            raise RuntimeError(f"{len(page.items)} rows")

    async def objects() -> None:
        async with AsyncSession(engine) as session:
            wanted = select(tables.Signoff).where(tables.Signoff.status == "pending")
            found = await session.exec(wanted.order_by(col(tables.Signoff.due)).limit(PAGE))
            if len([one.model_dump() for one in found.all()]) != PAGE:
                raise RuntimeError("too few objects")

    ours, orm = await timed(rows), await timed(objects)
    print(f"rows by keyset page      {ours * 1000:6.2f} ms")
    print(f"objects by the ORM       {orm * 1000:6.2f} ms")
    print(f"ORM / rows               {orm / ours:6.1f}")


async def main() -> None:
    """Fill a table with 20,000 sign-offs and compare."""
    with throwaway_directory() as data:
        async with embedded_postgres(data) as url:
            engine = open_engine(url)
            await migrate(engine)
            async with engine.begin() as connection:
                await connection.execute(FILL)
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text("ANALYZE signoff"))
            await compare(engine)
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
