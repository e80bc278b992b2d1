import asyncio
import os
import signal
from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from api.lifecycles import NothingSent, OutcomeUnknown
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from tests.workflows.office import Office
from workflows.messages import Envelope


@pytest.mark.slow  # clients wait longer each time before they connect again
async def test_every_acknowledged_event_survives_when_temporal_is_killed(
    engine: AsyncEngine,
) -> None:
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            client = await Client.connect(server.address, data_converter=pydantic_data_converter)
            office = Office(engine, client)
            version = office.version(await office.describe())
            async with office.worker():
                await version.asked()
                acknowledged: list[str] = []

                async def tell(event: Envelope) -> None:
                    try:
                        await version.tell(event)
                    except (NothingSent, OutcomeUnknown):
                        return
                    acknowledged.append(event.id)
                    if len(acknowledged) == 60:
                        os.kill(server.process.pid, signal.SIGKILL)

                await asyncio.gather(
                    *(tell(version.evidence(f"extra{n % 20}")) for n in range(120))
                )
                await server.process.ended()
                async with TemporalServer(directory, SEARCH_ATTRIBUTES) as again:
                    assert again.address == server.address
                    facts = await version.settled(60)
    causes = Counter(fact.cause for fact in facts)
    assert len(acknowledged) >= 60
    assert all(causes[one] == 1 for one in acknowledged)
    assert all(count == 1 for cause, count in causes.items() if cause.startswith("event-1"))
    assert await office.is_intact()
