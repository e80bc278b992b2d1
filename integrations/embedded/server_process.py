import asyncio
import os
import pwd
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no stubs

TETHERED = Path(__file__).with_name("tethered.py")
STOP_PATIENCE = timedelta(seconds=10)
PROBE_INTERVAL = timedelta(milliseconds=25)
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is set aside at the next start
TAIL_LINES = 20


class ServerFailed(Exception):  # noqa: N818  # says what happened, as Refused does
    """An embedded server that doesn't start; its text ends with the last lines of its log."""


@dataclass(frozen=True)
class Account:
    """The operating system's user that a server runs as."""

    name: str
    uid: int
    gid: int


def own_account() -> Account:
    """Answer the user that this process runs as, who may lack a name in a container."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"user {uid}"
    return Account(name, uid, os.getegid())


@dataclass(frozen=True)
class Command:
    """A server to run: `stop_signal` asks for its clean shutdown, `marks` tell its processes."""

    name: str
    program: Sequence[str]
    marks: tuple[str, ...]
    log: Path
    stop_signal: signal.Signals
    account: Account
    environment: Mapping[str, str]


class ServerProcess:
    """A running server: a child of this process that ends when this process ends.

    The kernel ties it to the *thread* that started it, so start it in an event loop whose thread
    lives as long as the server shall.
    """

    def __init__(self, command: Command, process: asyncio.subprocess.Process, log_at: int) -> None:
        self._command = command
        self._process = process
        self._log_at = log_at

    @classmethod
    async def start(cls, command: Command) -> "ServerProcess":
        """Start the server, with its output appended to its log."""
        log_at = _make_room(command.log)
        descriptor = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        account = command.account
        tether = (os.getpid(), command.stop_signal.value, account.uid, account.gid)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", str(TETHERED)),
                *map(str, tether),
                *command.program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                # Only what is named: no secrets of ours, no PGPORT or TEMPORAL_* of the user's.
                env={"PATH": os.defpath, "LANG": "C", **command.environment},
                # Ctrl-C goes to the whole group; the servers stop last, when we say so.
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        return cls(command, process, log_at)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until the server ends by itself or is stopped; answer its exit status."""
        return await self._process.wait()

    async def ready(self, probe: Callable[[], Awaitable[bool]], within: timedelta) -> None:
        """Probe until the answer is yes; raise `ServerFailed` when it ends or takes longer."""
        ended = asyncio.ensure_future(self._process.wait())
        probing = asyncio.ensure_future(_until(probe))
        try:
            await asyncio.wait(
                (ended, probing),
                timeout=within.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if ended.done():
                raise ServerFailed(self._failure(f"ended with status {ended.result()}"))
            if not probing.done():
                raise ServerFailed(
                    self._failure(f"is not ready after {within.total_seconds():.0f} s")
                )
            probing.result()
        finally:
            ended.cancel()
            probing.cancel()
            await asyncio.gather(ended, probing, return_exceptions=True)

    async def stop(self) -> None:
        """Ask for a clean shutdown, then insist; when it returns, the process is gone."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(self._command.stop_signal)
        try:
            async with asyncio.timeout(STOP_PATIENCE.total_seconds()):
                await self._process.wait()
        except TimeoutError:
            await self._kill()
        except asyncio.CancelledError:
            await self._kill()
            raise

    def log_tail(self) -> str:
        """Answer the last lines that this run of the server wrote to its log."""
        with self._command.log.open(errors="replace") as log:
            log.seek(self._log_at)
            return "\n".join(log.read().splitlines()[-TAIL_LINES:])

    async def _kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _failure(self, what: str) -> str:
        tail = self.log_tail() or "(nothing)"
        return f"{self._command.name} {what}. The end of {self._command.log}:\n{tail}"


async def end_leftovers(command: Command) -> list[int]:
    """End what an earlier parent left running of this server, and answer the process ids.

    They are known by their whole command line, which names the data directory. Whoever calls this
    holds that directory's lock, so no live parent owns them; a recycled process id never matches.
    """
    return await asyncio.to_thread(_end_leftovers, command)


def _end_leftovers(command: Command) -> list[int]:
    leftovers = [process for process in psutil.process_iter() if _has_marks(process, command.marks)]
    for process in leftovers:
        _send(process, command.stop_signal)
    _, stubborn = psutil.wait_procs(leftovers, timeout=STOP_PATIENCE.total_seconds())
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=STOP_PATIENCE.total_seconds())
    return [process.pid for process in leftovers]


def _has_marks(process: psutil.Process, marks: tuple[str, ...]) -> bool:
    try:
        line = tuple(process.cmdline())
    except psutil.Error:  # it ended meanwhile, or belongs to someone else
        return False
    starts = range(len(line) - len(marks) + 1)
    return process.pid != os.getpid() and any(line[at : at + len(marks)] == marks for at in starts)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


async def _until(probe: Callable[[], Awaitable[bool]]) -> None:
    while not await probe():  # noqa: ASYNC110  # neither server announces that it is ready
        await asyncio.sleep(PROBE_INTERVAL.total_seconds())


def _make_room(log: Path) -> int:
    if not log.exists():
        return 0
    size = log.stat().st_size
    if size <= LOG_LIMIT:
        return size
    log.replace(log.with_suffix(".log.old"))
    return 0
