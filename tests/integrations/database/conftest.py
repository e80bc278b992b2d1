import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest_asyncio
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database.engine import open_engine
from integrations.database.migrate import upgrade
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.servers import throwaway_directory

TEMPLATE = "migrated"


def containers_are_wanted() -> bool:
    """Say whether to use containers: asked for, and a Docker engine answers."""
    if os.environ.get("UNDERSIGNED_TEST_CONTAINERS") != "1" or not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


@asynccontextmanager
async def server_url() -> AsyncIterator[str]:
    """Run a real PostgreSQL: in a container where that is asked for, otherwise from the wheel."""
    if containers_are_wanted():
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer("postgres:16-alpine", driver="asyncpg") as container:
            yield container.get_connection_url()
        return
    with throwaway_directory() as directory:
        # An autovacuum worker in a database that is dropped can't be sent away by its owner.
        async with PostgresServer(directory, {"fsync": "off", "autovacuum": "off"}) as server:
            yield server.url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template() -> AsyncIterator[URL]:
    """Run one server for all tests, with a migrated database to copy."""
    async with server_url() as url:
        home = make_url(url)
        await administer(home, f"CREATE DATABASE {TEMPLATE}")
        await upgrade(home.set(database=TEMPLATE).render_as_string(hide_password=False))
        yield home


async def administer(home: URL, statement: str) -> None:
    plain = home.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def url(template: URL) -> AsyncIterator[str]:
    database_name = f"test_{uuid4().hex}"
    await administer(template, f"CREATE DATABASE {database_name} TEMPLATE {TEMPLATE}")
    yield template.set(database=database_name).render_as_string(hide_password=False)
    await administer(template, f"DROP DATABASE {database_name} WITH (FORCE)")


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        yield connection
