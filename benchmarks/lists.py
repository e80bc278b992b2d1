"""Listing pending sign-offs and troubled owners as the API does, beside the ORM, in one run."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from integrations.database import tables
from integrations.database.engine import open_engine
from integrations.database.lists import SignoffQuery, list_signoffs
from integrations.database.migrate import migrate
from integrations.database.owner_problems import OwnerQuery, list_owner_problems
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


FILL_OWNERS = (
    """
    INSERT INTO person (id, manager, delegates, file, given_by, number)
    SELECT 'p' || n, CASE WHEN n % 20 <> 0 THEN 'p' || (n / 20 * 20) END, ARRAY[]::text[],
           jsonb_build_object('name', 'Person ' || n, 'left', n % 97 = 0,
               'away', CASE WHEN n % 41 = 0 THEN jsonb_build_array(jsonb_build_object(
                   'from', timestamptz '2025-12-01', 'until', timestamptz '2026-02-01'))
                   ELSE '[]'::jsonb END), '{}', n
    FROM generate_series(0, 1999) AS n
    """,
    """
    INSERT INTO people_group (name, file, given_by, number)
    SELECT 'g' || n, '{}', '{}', n FROM generate_series(0, 49) AS n
    """,
    """
    INSERT INTO crew_member (crew, person)
    SELECT 'group:g' || g, 'p' || (g * 40 + n)
    FROM generate_series(0, 49) AS g, generate_series(0, 9) AS n
    """,
    """
    INSERT INTO model_owner (model, role, person)
    SELECT 'm' || m, 'role' || r,
           CASE WHEN r = 4 AND k = 0 THEN 'group:g' || m % 50
                WHEN r = 5 AND k = 0 THEN 'manager of role0'
                ELSE 'p' || (m * 37 + r * 211 + k * 5) % 2000 END
    FROM generate_series(0, 499) AS m, generate_series(0, 5) AS r, generate_series(0, 2) AS k
    """,
    """
    INSERT INTO signoff (id, model, version, stage, round, role, status, asked_at, due, decided_at,
                         can_decide, managers, deciders, doc)
    SELECT 'o' || n, 'm' || n % 500, n::text, 'validate', 1, 'role' || n % 4,
           CASE WHEN n % 10 = 0 THEN 'pending' ELSE 'approved' END,
           asked, asked + interval '5 days',
           CASE WHEN n % 10 <> 0 THEN asked + interval '1 day' END,
           ARRAY['p' || a, 'p' || b], ARRAY[]::text[], ARRAY['p' || a],
           jsonb_build_object('id', n, 'statement', repeat('I reviewed it. ', 40),
               'asked', jsonb_build_array(jsonb_build_object('person', 'p' || a),
                                          jsonb_build_object('person', 'p' || b)),
               'decisions', CASE WHEN n % 10 = 0 THEN '[]'::jsonb ELSE jsonb_build_array(
                   jsonb_build_object('person', 'p' || a, 'at', asked + interval '1 day')) END)
    FROM generate_series(1, 30000) AS n,
         LATERAL (SELECT n * 7 % 1000 AS a, n * 13 % 2000 AS b,
                         timestamptz '2025-01-01' + n * interval '17 minutes' AS asked) AS made
    """,
)
"""Two thousand people, 500 models with six roles, 30,000 requests within a year."""


async def timed(call: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> float:
    """Give the median seconds of many calls."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


async def compare(engine: AsyncEngine) -> None:
    """Print both medians of pending sign-offs and their ratio."""
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

    tell("pending sign-offs", await timed(rows), await timed(objects))


async def compare_owners(engine: AsyncEngine) -> None:
    """Print both medians of owners with whom something is wrong, and their ratio."""

    async def rows() -> None:
        async with engine.connect() as connection:
            page = await list_owner_problems(connection, OwnerQuery(limit=PAGE), NOW)
        if len(page.items) != PAGE:
            raise RuntimeError(f"{len(page.items)} rows")

    async def objects() -> None:
        """Load what the answer depends on: the owners, and what was asked of them lately."""
        since = NOW - timedelta(days=30)
        async with AsyncSession(engine) as session:
            (await session.exec(select(tables.ModelOwner))).all()
            (await session.exec(select(tables.Person))).all()
            lately = (col(tables.Signoff.asked_at) >= since) | (tables.Signoff.status == "pending")
            (await session.exec(select(tables.Signoff).where(lately))).all()

    tell("troubled owners", await timed(rows, 20), await timed(objects, 20))


def tell(what: str, ours: float, orm: float) -> None:
    """Print what a page takes, and how many times longer objects take."""
    print(f"{what}: rows by keyset page {ours * 1000:8.2f} ms")
    print(f"{what}: objects by the ORM  {orm * 1000:8.2f} ms")
    print(f"{what}: ORM / rows          {orm / ours:8.1f}")


async def main() -> None:
    """Fill the tables, with 20,000 sign-offs and then with 2,000 people, and compare."""
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
            async with engine.begin() as connection:
                await connection.execute(text("TRUNCATE signoff"))
                for statement in FILL_OWNERS:
                    await connection.execute(text(statement))
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text("ANALYZE"))
            await compare_owners(engine)
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
