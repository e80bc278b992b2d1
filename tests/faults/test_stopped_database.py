import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.client import Client

from integrations.database.engine import open_engine
from integrations.database.ledger import record
from integrations.database.migrate import upgrade
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.servers import throwaway_directory
from lifecycle.canonical import append
from lifecycle.commands import Refused
from lifecycle.recording import Recording
from tests.workflows.office import Office, kinds, troubles
from workflows.messages import workflow_id


class Database:
    """A PostgreSQL that can be stopped and started again."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    async def stop(self) -> None:
        await self._server.__aexit__(None, None, None)

    async def start(self) -> None:
        await self._server.__aenter__()


@pytest_asyncio.fixture
async def stoppable(client: Client) -> AsyncIterator[tuple[Office, Database]]:
    with throwaway_directory() as directory:
        async with PostgresServer(directory, {"fsync": "off"}) as server:
            await upgrade(server.url)
            engine = open_engine(server.url)
            office = Office(engine, client)
            yield office, Database(server)
            await office.close()
            await engine.dispose()


async def test_decisions_are_answered_while_the_database_is_away_and_recorded_afterwards(
    stoppable: tuple[Office, Database],
) -> None:
    office, database = stoppable
    version = office.version(await office.describe())
    async with office.worker():
        stage = await version.asked()
        await database.stop()
        took = []
        unknown = {"surface": "slack", "team": "T1", "slack_user": "U9"}
        for person in ("ana", "ben"):
            began = time.monotonic()
            answer = await version.ask(version.decision(stage.signoffs[0], person))
            took.append(time.monotonic() - began)
            assert not answer.recorded
            await version.tell(version.click(stage.signoffs[0], "", via=unknown))
        assert answer.view["stages"][0]["status"] == "approved"
        began = time.monotonic()
        late = await version.request()
        took.append(time.monotonic() - began)
        assert not late.recorded
        reply = await version.gate()
        assert reply.recorded < reply.sequence
        await database.start()
        facts = await version.settled()
    assert max(took) < 3.5
    assert took[1] < 1.5
    assert kinds(facts).count("SignedOff") == 2
    assert "StageApproved" in kinds(facts)
    assert await office.is_intact()


async def test_a_ledger_that_holds_another_story_stops_the_version_and_says_so(
    office: Office,
) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        stage = await version.asked()
        first, second = stage.signoffs[0], version.decision(stage.signoffs[0], "ben")
        await version.settled()
        entries = await version.entries()
        other = append(entries[-1].subject, entries[-1].head, {"kind": "Other"})
        async with office.engine.begin() as connection:
            await record(connection, Recording(subject=other.subject, entries=(other,)))
        with pytest.raises(Refused, match="Nothing can be recorded") as caught:
            await version.ask(version.decision(first, "ana"))
        assert caught.value.code == "ledger-conflict"
        with pytest.raises(Refused, match="Nothing can be recorded"):
            await version.ask(second)
        await version.tell(version.evidence("extra"))
        reply = await version.gate()
        runs = await version.runs()
        description = await version.handle.describe()
        after = await version.entries()
    assert not reply.answer.allowed
    assert "is recorded as" in reply.answer.reasons[0]
    assert [entry.hash for entry in after] == [entry.hash for entry in (*entries, other)]
    assert not troubles(runs)
    assert description.status is not None
    assert description.status.name == "RUNNING"
    assert description.id == workflow_id(version.model, version.version)
