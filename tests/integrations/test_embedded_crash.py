import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]  # it has no stubs
import pytest
from temporalio.client import Client

from integrations.embedded.data_directory import DataDirectory, DataDirectoryInUse
from integrations.embedded.postgres_home import remove_database
from integrations.embedded.servers import (
    embedded_postgres,
    embedded_temporal,
    throwaway_directory,
)

# Starts both, writes to both, says who runs, and waits to be killed.
PARENT = """
import asyncio, json, pathlib, sys, asyncpg
from temporalio.client import Client
from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.temporal_server import TemporalServer
async def main():
    with DataDirectory(pathlib.Path(sys.argv[1])) as data:
        async with PostgresServer(data) as postgres, TemporalServer(data) as temporal:
            connection = await asyncpg.connect(postgres.url.replace("+asyncpg", ""))
            await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
            client = await Client.connect(temporal.address)
            await client.start_workflow("Any", id="kept", task_queue="q")
            print(json.dumps([postgres.process.pid, temporal.process.pid]), flush=True)
            await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def path() -> Iterator[Path]:
    with throwaway_directory() as place:
        path = place.path / "data"
        if os.geteuid() == 0:  # else PostgreSQL's account stops here, and uses /var/lib
            place.path.chmod(0o711)
        yield path
        with DataDirectory(path) as data:
            remove_database(data)


@pytest.fixture
def killed(path: Path) -> tuple[int, int, int]:
    """Answer the process ids of a parent, just killed with SIGKILL, and of its two servers."""
    with subprocess.Popen([sys.executable, "-c", PARENT, str(path)], stdout=subprocess.PIPE) as run:
        assert run.stdout
        postgres, temporal = json.loads(run.stdout.readline())
        with pytest.raises(DataDirectoryInUse, match=rf"process {run.pid}\b"):
            DataDirectory(path).__enter__()
        run.send_signal(signal.SIGKILL)
    return run.pid, postgres, temporal


@asynccontextmanager
async def both(path: Path) -> AsyncIterator[tuple[str, str]]:
    with DataDirectory(path) as data:
        async with AsyncExitStack() as stack:
            url, address = await asyncio.gather(
                stack.enter_async_context(embedded_postgres(data)),
                stack.enter_async_context(embedded_temporal(data, search_attributes=())),
            )
            yield url, address


async def test_the_next_start_after_a_killed_parent_finds_everything_soon(
    path: Path, killed: tuple[int, int, int]
) -> None:
    async with asyncio.timeout(10), both(path) as (url, address):
        assert not [pid for pid in killed if psutil.pid_exists(pid)]
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        assert await connection.fetchval("SELECT n FROM kept") == 7
        await connection.close()
        client = await Client.connect(address)
        assert (await client.get_workflow_handle("kept").describe()).id == "kept"
        assert (path / "run.lock").read_text() == f"{os.getpid()}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels tie no child to its parent")
def test_the_servers_end_with_a_killed_parent(killed: tuple[int, int, int]) -> None:
    servers = [psutil.Process(pid) for pid in killed[1:] if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(servers, timeout=10)
    assert not alive


async def test_both_start_at_once_and_end_without_a_trace(path: Path) -> None:
    async with both(path):
        names = {child.name() for child in psutil.Process().children()}
        assert {"postgres", "temporal"} <= names
        children = psutil.Process().children(recursive=True)
    marked = [p for p in children if p.is_running() and p.name() in {"postgres", "temporal"}]
    # A session's shared server may run beside ours.
    assert not [p for p in marked if str(path) in " ".join(p.cmdline())]
