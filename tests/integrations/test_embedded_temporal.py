import asyncio
import logging
import socket
import subprocess
from collections.abc import Iterator

import psutil  # type: ignore[import-untyped]  # it has no stubs
import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.server_process import ServerFailed
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer

MODEL = SearchAttributeKey.for_keyword("UndersignedModel")
FRAUD = SearchAttributePair(MODEL, "fraud")
OF_FRAUD = "UndersignedModel = 'fraud'"
STAGE = SearchAttributeKey.for_keyword("UndersignedStage")
ATTRIBUTES = (("UndersignedModel", "Keyword"),)


@pytest.fixture
def data() -> Iterator[DataDirectory]:
    with throwaway_directory() as directory:
        yield directory


async def start_workflow(
    address: str, workflow_id: str, attribute: SearchAttributePair[str] = FRAUD
) -> None:
    client = await Client.connect(address)
    attributes = TypedSearchAttributes([attribute])
    await client.start_workflow("Any", id=workflow_id, task_queue="q", search_attributes=attributes)


async def found(address: str, query: str, expected: set[str]) -> bool:
    """Tell whether the query comes to find these workflows; the server indexes them later."""
    client = await Client.connect(address)
    try:
        async with asyncio.timeout(10):
            while True:
                if {each.id async for each in client.list_workflows(query)} == expected:
                    return True
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False


async def test_workflows_and_port_survive_a_clean_restart_and_no_process_is_left(
    data: DataDirectory,
) -> None:
    async with TemporalServer(data, ATTRIBUTES) as server:
        address, pid = server.address, server.process.pid
        await start_workflow(address, "first")  # at once: the attributes are registered
        assert await found(address, OF_FRAUD, {"first"})
    assert not psutil.pid_exists(pid)
    async with TemporalServer(data, ATTRIBUTES) as server:
        assert server.address == address
        assert await found(address, OF_FRAUD, {"first"})


async def test_a_search_attribute_that_a_new_release_brings_is_added(data: DataDirectory) -> None:
    async with TemporalServer(data, ATTRIBUTES):
        pass
    async with TemporalServer(data, (*ATTRIBUTES, ("UndersignedStage", "Keyword"))) as server:
        await start_workflow(server.address, "first", SearchAttributePair(STAGE, "data"))
        assert await found(server.address, "UndersignedStage = 'data'", {"first"})


async def test_a_search_attribute_of_another_type_is_refused(data: DataDirectory) -> None:
    async with TemporalServer(data, ATTRIBUTES):
        pass
    with pytest.raises(ServerFailed, match=r"UndersignedModel .* another type"):
        await TemporalServer(data, [("UndersignedModel", "Int")]).__aenter__()
    assert not processes_of(data)


async def test_another_port_is_taken_when_the_last_one_is_in_use(data: DataDirectory) -> None:
    async with TemporalServer(data) as server:
        before = server.address
    with socket.create_server(("127.0.0.1", int(before.rpartition(":")[2]))):
        async with TemporalServer(data) as server:
            assert server.address != before
            await Client.connect(server.address)


async def test_it_listens_on_this_machine_only(data: DataDirectory) -> None:
    async with TemporalServer(data) as server:
        connections = psutil.Process(server.process.pid).net_connections("tcp")
    listening = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


async def test_a_server_left_running_is_ended_and_its_workflows_kept(
    data: DataDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    async with TemporalServer(data, ATTRIBUTES) as server:
        await start_workflow(server.address, "first")
        command = psutil.Process(server.process.pid).cmdline()
    leftover = untied(command)
    with caplog.at_level(logging.WARNING):
        async with TemporalServer(data, ATTRIBUTES) as server:
            assert await found(server.address, OF_FRAUD, {"first"})
            assert str(leftover.pid) in caplog.text
            assert not psutil.pid_exists(leftover.pid)
    leftover.wait()


async def test_a_failed_start_shows_the_log_and_leaves_nothing_running(data: DataDirectory) -> None:
    (data.path / "temporal.db").write_text("this is no database" * 1000)
    with pytest.raises(ServerFailed, match=r"(?s)Temporal ended .*temporal\.log.*not a database"):
        await TemporalServer(data).__aenter__()
    assert not processes_of(data)


async def test_a_cancelled_start_leaves_nothing_running(data: DataDirectory) -> None:
    starting = asyncio.create_task(TemporalServer(data).__aenter__())
    while not processes_of(data):  # noqa: ASYNC110  # nobody announces that it began
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not processes_of(data)


def untied(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def processes_of(data: DataDirectory) -> list[psutil.Process]:
    file = str(data.path / "temporal.db")
    return [p for p in psutil.process_iter(["cmdline"]) if file in (p.info["cmdline"] or ())]
