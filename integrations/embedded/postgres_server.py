import asyncio
import logging
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlencode

import asyncpg

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_account import postgres_account, postgres_programs
from integrations.embedded.postgres_home import (
    disown_lock_file,
    make_part,
    needs_initialising,
    postgres_home,
    release_socket_directory,
    socket_directory,
)
from integrations.embedded.server_process import (
    Account,
    Command,
    ServerFailed,
    ServerProcess,
    end_leftovers,
)

logger = logging.getLogger(__name__)

DATABASE = "undersigned"
OWNER = "undersigned"  # owns the database and may create more; not a superuser
SUPERUSER = "postgres"
PORT = 5432  # names the socket's file only: PostgreSQL listens on no network
READY_WITHIN = timedelta(seconds=15)  # recovery after a crash under load takes some seconds
INITIALISED_WITHIN = timedelta(seconds=60)
# After the postmaster was killed, its children hold the shared memory a moment longer.
NOT_YET = "is still in use"
ATTEMPTS = 25
RETRY_INTERVAL = timedelta(milliseconds=200)
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class PostgresServer:
    """PostgreSQL from the wheel, running while entered, with its data kept in the data directory.

    It is reached through a Unix socket that only its own account, and root, can open. Starting
    raises `ServerFailed`. `settings` are PostgreSQL's own, as in `{"fsync": "off"}` for tests.
    """

    def __init__(self, data: DataDirectory, settings: Mapping[str, str] = NO_SETTINGS) -> None:
        self._data = data
        self._settings = settings
        self._process: ServerProcess | None = None
        self._sockets: Path | None = None

    async def __aenter__(self) -> Self:
        account = await postgres_account()
        programs = await postgres_programs(account)
        home = postgres_home(self._data, account)
        if needs_initialising(home):
            await self._initialise(programs, home, account)
        self._sockets = socket_directory(home, account)
        command = self._serving(programs, home, account)
        leftovers = await end_leftovers(command)
        if leftovers:
            logger.warning("Ended PostgreSQL of an earlier run: process %s.", leftovers)
        disown_lock_file(home)
        for attempt in range(1, ATTEMPTS + 1):
            if await self._try_start(command, is_last=attempt == ATTEMPTS):
                break
            # The kernel tells nobody when the last process lets go.
            await asyncio.sleep(RETRY_INTERVAL.total_seconds())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            await self._process.stop()
            self._process = None
        if self._sockets is not None:
            release_socket_directory(self._sockets)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the `undersigned` database, for asyncpg."""
        return self.url_of(DATABASE)

    def url_of(self, database: str, user: str = OWNER) -> str:
        """Answer the SQLAlchemy URL of any database of this server."""
        query = urlencode({"host": str(self._sockets), "port": PORT})
        return f"postgresql+asyncpg://{user}@/{database}?{query}"

    @property
    def process(self) -> ServerProcess:
        """The running server."""
        if self._process is None:
            raise RuntimeError("PostgreSQL is not running here.")
        return self._process

    async def _initialise(self, programs: Path, home: Path, account: Account) -> None:
        # Filled aside, so that a start that is killed half-way leaves no half database.
        marks = ("-D", str(home.with_name(home.name + ".part")))
        program = (
            *(str(programs / "initdb"), *marks, "--username", SUPERUSER, "--no-instructions"),
            *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
            # The same order of text on every machine, whatever locales it has.
            *("--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"),
        )
        command = self._command("initdb", program, marks, account)
        await end_leftovers(command)
        part = make_part(home, account)
        process = await ServerProcess.start(command)
        try:
            async with asyncio.timeout(INITIALISED_WITHIN.total_seconds()):
                status = await process.ended()
        except TimeoutError:
            status = None
        finally:
            await process.stop()
        if status != 0:
            raise ServerFailed(f"PostgreSQL's initdb failed or hung:\n{process.log_tail()}")
        part.rename(home)

    def _serving(self, programs: Path, home: Path, account: Account) -> Command:
        marks = ("-D", str(home))
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self._settings,
        }
        options = (f"--{name}={value}" for name, value in settings.items())
        program = (str(programs / "postgres"), *marks, *options)
        return self._command("PostgreSQL", program, marks, account)

    def _command(
        self, name: str, program: tuple[str, ...], marks: tuple[str, ...], account: Account
    ) -> Command:
        log = self._data.path / "postgres.log"
        # SIGINT is its fast shutdown: clients are let go, everything is written.
        return Command(name, program, marks, log, signal.SIGINT, account, environment={})

    async def _try_start(self, command: Command, *, is_last: bool) -> bool:
        self._process = process = await ServerProcess.start(command)
        try:
            await process.ready(self._has_database, READY_WITHIN)
        except ServerFailed:
            await process.stop()
            if NOT_YET in process.log_tail() and not is_last:
                return False
            raise
        except BaseException:  # a cancelled start leaves no server
            await process.stop()
            raise
        return True

    async def _has_database(self) -> bool:
        """Create role and database when missing; answer no while connections are refused."""
        try:
            connection = await asyncpg.connect(
                host=str(self._sockets), port=PORT, user=SUPERUSER, database="postgres"
            )
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        try:
            role = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", OWNER)
            if role is None:
                await connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
            found = await connection.fetchval(
                "SELECT 1 FROM pg_database WHERE datname = $1", DATABASE
            )
            if found is None:
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()
        return True
