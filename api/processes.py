"""What each process is made of: the one place where everything is wired together."""

import asyncio
import logging
import os
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from api import slack_sandbox
from api.auth import ensure_admin_key
from api.deps import utc_now
from api.serving import PortTaken, Served, serving
from api.slack_installing import seal_of
from api.slack_sandbox import Play, sandbox_page
from api.slack_uninstalling import reseal
from api.workers import running_worker
from integrations.database.engine import is_unreachable, open_engine
from integrations.database.migrate import migrate
from integrations.database.rebuild import rebuild
from integrations.database.verify import verify
from integrations.embedded.data_directory import DataDirectory, DataDirectoryRefused
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.server_process import ServerFailed
from integrations.embedded.servers import embedded_postgres
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.settings import Settings
from integrations.slack.sealing import KeysUnusable, SealBroken
from integrations.temporal import connect, register_search_attributes

ADMIN_KEY_FILE = "admin.key"
_log = logging.getLogger(__name__)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


class SetUpIncomplete(RuntimeError):  # noqa: N818 - it names the state
    """A process can't start as it is set up; says what to set."""


def run(settings: Settings) -> int:
    """Run everything in one process tree until Ctrl-C."""
    return _run(lambda stop: _everything(settings, stop))


def serve_api(settings: Settings) -> int:
    """Run the API alone."""
    return _run(lambda stop: _api_alone(settings, stop))


def work(settings: Settings) -> int:
    """Run a worker alone."""
    return _run(lambda stop: _worker_alone(settings, stop))


def migrate_database(settings: Settings) -> int:
    """Bring the database's tables up to this release."""
    return _run(lambda _: _migrate(settings))


def rebuild_projections(settings: Settings) -> int:
    """Make every list and view again from the ledger."""
    return _run(lambda _: _rebuild(settings))


def verify_ledger(settings: Settings) -> int:
    """Check every hash chain; 1 when one is broken."""
    return _run(lambda _: _verify(settings))


def reseal_slack_tokens(settings: Settings) -> int:
    """Encrypt the tokens of Slack workspaces by the newest key."""
    return _run(lambda _: _reseal(settings))


def play_slack(play: Play) -> int:
    """Serve a stand-in Slack workspace alone."""
    return _run(lambda stop: slack_sandbox.play(play, stop))


def _run(main: Callable[[asyncio.Event], Awaitable[int]]) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")

    async def until_stopped() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await main(stop)

    try:
        return asyncio.run(until_stopped())
    except (SetUpIncomplete, PortTaken, DataDirectoryRefused, ServerFailed) as error:
        _err.print(str(error), markup=False)
    except Exception as error:  # the edge of the process: an absent database is said in a sentence
        if not is_unreachable(error):
            raise
        _err.print(f"PostgreSQL can't be reached: {error}", markup=False)
    return 1


class Components:
    """PostgreSQL and Temporal, embedded where the settings name none."""

    def __init__(self, settings: Settings, data: DataDirectory) -> None:
        url, address = settings.database_url, settings.temporal_address
        self._postgres = PostgresServer(data) if url is None else None
        self._temporal = TemporalServer(data, SEARCH_ATTRIBUTES) if address is None else None
        self._url = url.get_secret_value() if url is not None else ""
        self._address = address or ""

    @property
    def embedded(self) -> dict[str, PostgresServer | TemporalServer]:
        """The servers that run inside this process tree, by name."""
        both = {"PostgreSQL": self._postgres, "Temporal": self._temporal}
        return {name: server for name, server in both.items() if server is not None}

    @property
    def url(self) -> str:
        """Where the database is."""
        return self._postgres.url if self._postgres is not None else self._url

    @property
    def address(self) -> str:
        """Where Temporal is."""
        return self._temporal.address if self._temporal is not None else self._address

    async def enter(self, stack: AsyncExitStack) -> None:
        """Start what is embedded, side by side."""
        servers = self.embedded.values()
        await asyncio.gather(*(stack.enter_async_context(server) for server in servers))


@asynccontextmanager
async def _engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _connect(settings: Settings, address: str) -> Client:
    try:
        client = await connect(settings, address)
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise SetUpIncomplete(f"Temporal can't be reached at {address}: {error}") from error
    try:
        await register_search_attributes(client)
    except RPCError as error:
        # Temporal Cloud has it done in its console or by tcld.
        _log.warning("search attributes could not be registered: %s", error.message)
    return client


async def _everything(settings: Settings, stop: asyncio.Event) -> int:
    async with AsyncExitStack() as stack:
        data = stack.enter_context(DataDirectory(settings.data_dir))
        components = Components(settings, data)
        await components.enter(stack)
        engine = await stack.enter_async_context(_engine(components.url))
        await migrate(engine)
        client = await _connect(settings, components.address)
        key = await _admin_key(settings, engine, data.path)
        await stack.enter_async_context(running_worker(settings, client, engine))
        server = await stack.enter_async_context(serving(settings, client, engine))
        _say_where(server, components, data.path, settings, key)
        ended = await _stopped(stop, server, components)
        _out.print("Stopping …")
        if ended:
            _err.print(f"{ended} ended by itself; its log is in {data.path}.", markup=False)
    return 1 if ended else 0


async def _stopped(
    stop: asyncio.Event, server: Served, components: Components | None = None
) -> str:
    """Wait for Ctrl-C; give the name of a part that ended by itself instead."""
    waiting = {
        asyncio.create_task(embedded.process.ended()): name
        for name, embedded in (components.embedded if components else {}).items()
    }
    stopping = asyncio.create_task(stop.wait())
    everything = {stopping, server.task, *waiting}
    done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *waiting):
        task.cancel()
    if stopping in done:
        return ""
    return next((name for task, name in waiting.items() if task in done), "The API")


def _say_where(
    server: Served, components: Components, data: Path, settings: Settings, new_key: str | None
) -> None:
    _out.print(f"Undersigned is up at [bold]{server.url}[/] (API: {server.url}/openapi.json)")
    embedded = components.embedded
    _out.print(f"  Temporal    {components.address}", markup=False)
    _out.print(f"  PostgreSQL  {'embedded' if 'PostgreSQL' in embedded else 'by its URL'}")
    _out.print(f"  data        {data}", markup=False)
    if page := sandbox_page(settings):
        _out.print(f"  Slack       the sandbox, {page}", markup=False)
    if new_key is not None:
        _out.print(f"  admin key   {new_key}", markup=False)
        _out.print(f"              kept in {data / ADMIN_KEY_FILE}", markup=False)
    _out.print("Ctrl-C stops it.")


async def _admin_key(settings: Settings, engine: AsyncEngine, data: Path) -> str | None:
    """See that there is an admin key; give its text when it was made just now."""
    path = data / ADMIN_KEY_FILE
    if settings.admin_key is not None:
        await _install(engine, settings.admin_key)
        return None
    is_new = not path.exists()
    text = (
        f"und_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
        if is_new
        else path.read_text().strip()
    )
    if is_new:
        _write_secret(path, text)
    await _install(engine, SecretStr(text))
    return text if is_new else None


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")


async def _install(engine: AsyncEngine, text: SecretStr) -> None:
    try:
        async with engine.begin() as connection:
            await ensure_admin_key(connection, text, at=utc_now())
    except ValueError as error:
        raise SetUpIncomplete(f"The admin key can't be used: {error}") from error


def _needed(settings: Settings) -> tuple[str, str]:
    if settings.database_url is None or settings.temporal_address is None:
        raise SetUpIncomplete(
            "Set UNDERSIGNED_DATABASE_URL and UNDERSIGNED_TEMPORAL_ADDRESS; "
            "`undersigned run` brings both with it."
        )
    return settings.database_url.get_secret_value(), settings.temporal_address


async def _api_alone(settings: Settings, stop: asyncio.Event) -> int:
    url, address = _needed(settings)
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_engine(url))
        client = await _connect(settings, address)
        if settings.admin_key is not None:
            await _install(engine, settings.admin_key)
        server = await stack.enter_async_context(serving(settings, client, engine))
        _out.print(f"The API is up at {server.url}", markup=False)
        ended = await _stopped(stop, server)
    return 1 if ended else 0


async def _worker_alone(settings: Settings, stop: asyncio.Event) -> int:
    url, address = _needed(settings)
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_engine(url))
        client = await _connect(settings, address)
        await stack.enter_async_context(running_worker(settings, client, engine))
        _out.print("The worker is up", markup=False)
        await stop.wait()
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Reach the database that the settings name, or the embedded one of the data directory."""
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value() if settings.database_url else None
        if url is None:
            data = stack.enter_context(DataDirectory(settings.data_dir))
            url = await stack.enter_async_context(embedded_postgres(data))
        yield await stack.enter_async_context(_engine(url))


async def _migrate(settings: Settings) -> int:
    async with _database(settings) as engine:
        await migrate(engine)
    _out.print("The database is up to date.")
    return 0


async def _rebuild(settings: Settings) -> int:
    async with _database(settings) as engine:
        done = await rebuild(engine)
    _out.print(f"Made again: {done.versions} versions, {done.registry_facts} registry facts.")
    return 0


async def _verify(settings: Settings) -> int:
    async with _database(settings) as engine, engine.connect() as connection:
        found = await verify(connection)
    for broken in found.broken:
        _err.print(str(broken), markup=False)
    if not found.broken:
        _out.print(f"{found.chains} chains with {found.entries} facts are whole.")
    return 1 if found.broken else 0


async def _reseal(settings: Settings) -> int:
    try:
        seal = seal_of(settings)
        if seal is None:
            raise SetUpIncomplete("Set UNDERSIGNED_SLACK_STORE_KEYS, the newest key first.")
        async with _database(settings) as engine:
            done = await reseal(engine, seal)
    except (KeysUnusable, SealBroken) as error:
        raise SetUpIncomplete(f"Nothing was changed. {error}") from error
    _out.print(f"{done} tokens are encrypted by the newest key now; the others were already.")
    return 0
