from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database.engine import open_engine
from integrations.database.migrate import upgrade
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from tests.api.house import NOWHERE, Clock, House, client_of, open_house, worker_of
from tests.integrations.database.conftest import administer, server_url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[URL]:
    """Run one server, with a migrated database to copy."""
    async with server_url() as url:
        home = make_url(url)
        await administer(home, "CREATE DATABASE blank")
        await upgrade(home.set(database="blank").render_as_string(hide_password=False))
        yield home


@asynccontextmanager
async def new_database(postgres: URL) -> AsyncIterator[AsyncEngine]:
    name = f"api_{uuid4().hex}"
    await administer(postgres, f"CREATE DATABASE {name} TEMPLATE blank")
    engine = open_engine(postgres.set(database=name).render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        await engine.dispose()
        await administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def office(postgres: URL, clock: Clock) -> AsyncIterator[House]:
    """Open the application with a database of its own and a Temporal that nobody reaches."""
    client = await client_of(NOWHERE, lazy=True)
    async with new_database(postgres) as engine, open_house(engine, client, clock) as house:
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def front(postgres: URL) -> AsyncIterator[House]:
    """Open the application for tests that change nothing, without a database for each."""
    client = await client_of(NOWHERE, lazy=True)
    async with new_database(postgres) as engine, open_house(engine, client) as house:
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(postgres: URL) -> AsyncIterator[House]:
    """Open the application with everything running; tests share it and make models of new names."""
    with throwaway_directory() as directory:
        async with (
            TemporalServer(directory, SEARCH_ATTRIBUTES) as server,
            new_database(postgres) as engine,
        ):
            client = await client_of(server.address)
            async with worker_of(client, engine), open_house(engine, client) as opened:
                yield opened
