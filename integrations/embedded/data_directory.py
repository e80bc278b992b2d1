import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self


class DataDirectoryRefused(Exception):  # noqa: N818  # says what happened, as Refused does
    """A data directory that can't be used; its text says why and what to do."""


class DataDirectoryInUse(DataDirectoryRefused):
    """A data directory that another running process holds."""


class DataDirectory:
    """The directory that one `undersigned run` keeps its servers' data in, held while entered.

    The kernel gives the lock back when the process dies, however it dies, so nothing stale can
    be left. Entering raises `DataDirectoryInUse` when another process holds the directory, and
    `DataDirectoryRefused` when it can't be kept safe.
    """

    def __init__(self, path: Path) -> None:
        # Resolved once: servers run in other working directories, and leftovers are found by path.
        self.path = path.expanduser().resolve()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self._create()
        self._lock = self._take_lock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            # The file stays: removing it would let two processes lock two files of one name.
            os.close(self._lock)
            self._lock = None

    def _create(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError:
            raise DataDirectoryRefused(
                f"{self.path} is a file. Name a directory with --data-dir."
            ) from None
        except PermissionError:
            raise DataDirectoryRefused(
                f"{self.path} can't be created: permission denied. "
                "Name a directory of yours with --data-dir."
            ) from None
        # An existing directory keeps its mode: `--data-dir /tmp` must not close /tmp to others.
        if self.path.stat().st_mode & stat.S_IWOTH:
            raise DataDirectoryRefused(
                f"Everyone may write to {self.path}, so what is in it can't be trusted. "
                f"Name another directory with --data-dir, or run: chmod o-w {self.path}"
            )

    def _take_lock(self) -> int:
        lock = self.path / "run.lock"
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except PermissionError:
            raise DataDirectoryRefused(
                f"{self.path} belongs to another user. "
                "Run as that user, or name another directory with --data-dir."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DataDirectoryInUse(_in_use(self.path, holder)) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return descriptor


def _in_use(path: Path, holder: str) -> str:
    who = f"process {holder}" if holder else "another process"
    stop = f"Stop that one first (kill {holder})" if holder else "Stop that one first"
    return (
        f"{path} is in use by {who}: Undersigned already runs there. "
        f"{stop}, or name another directory with --data-dir."
    )
