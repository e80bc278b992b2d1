import contextlib
import logging
import os
import re
import shutil
import stat
import uuid
from hashlib import sha256
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no stubs

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_account import POSTGRES_MAJOR, make_system_directory, may_enter
from integrations.embedded.server_process import Account, ServerFailed

logger = logging.getLogger(__name__)

LINK_NAME = "postgres"
# A socket's whole path has 104 bytes on macOS, 108 on Linux, with its final zero.
SOCKET_PATH_LIMIT = 103
SOCKET_NAME = ".s.PGSQL.5432"
# PostgreSQL and SQLAlchemy split lists of hosts at commas and ports at colons.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def postgres_home(data: DataDirectory, account: Account) -> Path:
    """Answer where this data directory's database lies or shall lie: `postgres` in it.

    For root, PostgreSQL's account must reach it. Where it can't without opening a directory such
    as /root to others, `postgres` is a link to a directory of its own under /var/lib/undersigned.
    """
    link = data.path / LINK_NAME
    if link.is_symlink() and not link.exists():
        raise ServerFailed(
            f"The database of {data.path} was in {link.readlink()}, which is gone. "
            f"Bring it back, or remove {data.path} to start anew."
        )
    if link.exists():
        return _checked(link.resolve(), account)
    if account.uid == os.geteuid() or _let_in(data.path, account):
        return link
    home = make_system_directory() / f"database-{uuid.uuid4()}"
    link.symlink_to(_make_private(home, account))
    logger.warning("PostgreSQL's account can't enter %s: its data is in %s.", data.path, home)
    return home


def needs_initialising(home: Path) -> bool:
    """Tell whether there is no database yet; raise `ServerFailed` on one of another version."""
    version = home / "PG_VERSION"
    if not version.exists():
        return True
    major = version.read_text().strip()
    if major != str(POSTGRES_MAJOR):
        raise ServerFailed(
            f"{home} was written by PostgreSQL {major}, and this is PostgreSQL {POSTGRES_MAJOR}. "
            "Dump it with the release of Undersigned that wrote it, or start anew elsewhere."
        )
    return False


def make_part(home: Path, account: Account) -> Path:
    """Make the empty directory that is filled first and renamed to `home` when complete."""
    part = home.with_name(home.name + ".part")
    if part.exists():  # an earlier start was killed half-way
        shutil.rmtree(part)
    return _make_private(part, account)


def socket_directory(home: Path, account: Account) -> Path:
    """Answer a directory for the socket, entered by the account only: `home` where it fits."""
    fits = len(os.fsencode(home / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    if fits and PLAIN_PATH.fullmatch(str(home)):
        return home
    digest = sha256(os.fsencode(home)).hexdigest()[:16]
    # The same each time, so that starts leave one empty directory and not many.
    short = Path("/tmp") / f"undersigned-{account.uid}-{digest}"  # noqa: S108  # checked below
    return _make_private(short, account)


def release_socket_directory(sockets: Path) -> None:
    """Remove the directory of a stopped server's socket, if it held nothing else."""
    with contextlib.suppress(OSError):  # it is the home itself, or another start uses it
        sockets.rmdir()


def disown_lock_file(home: Path) -> None:
    """Make `postmaster.pid` ours when its process id now belongs to an unrelated process.

    Called when no server of this home runs any more. PostgreSQL takes its parent's id as stale
    and goes on to check the shared memory, which it could not do if the file were removed.
    """
    lock = home / "postmaster.pid"
    if not lock.exists():
        return
    first, _, rest = lock.read_text().partition("\n")
    if first.isdigit() and psutil.pid_exists(int(first)):
        # The directory is the account's, which may be less trusted than we are: follow no link.
        descriptor = os.open(lock, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{os.getpid()}\n{rest}")


def remove_database(data: DataDirectory) -> None:
    """Remove the stopped database, also where it lies outside of the data directory."""
    link = data.path / LINK_NAME
    if link.exists():
        shutil.rmtree(link.resolve())
    if link.is_symlink():
        link.unlink()


def _checked(home: Path, account: Account) -> Path:
    if home.stat().st_uid != account.uid:
        raise ServerFailed(
            f"{home} belongs to another user than {account.name}. "
            "Run as the user who made it, or name another directory with --data-dir."
        )
    if account.uid != os.geteuid() and not may_enter(home, account):
        raise ServerFailed(
            f"The account {account.name} can't enter {home} any more. Let it pass through the "
            "directories above, or name another directory with --data-dir."
        )
    return home


def _let_in(directory: Path, account: Account) -> bool:
    """Let the account pass through root's private data directory, if it gets that far."""
    if may_enter(directory, account):
        return True
    found = directory.stat()
    is_private_of_root = found.st_uid == 0 and not found.st_mode & 0o077
    if not is_private_of_root or not may_enter(directory.parent, account):
        return False
    os.chown(directory, -1, account.gid)
    directory.chmod(0o710)
    return True


def _make_private(directory: Path, account: Account) -> Path:
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    owners = (account.uid, os.geteuid())  # ours, if a start was killed before it changed hands
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise ServerFailed(
            f"{directory} is in the way: it is open to others or belongs to someone else. Remove "
            "it, or name another directory with --data-dir (short, without commas and colons)."
        )
    if found.st_uid != account.uid:
        os.chown(directory, account.uid, account.gid)
    return directory
