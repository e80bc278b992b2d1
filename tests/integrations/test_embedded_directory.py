import os
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.embedded.data_directory import (
    DataDirectory,
    DataDirectoryInUse,
    DataDirectoryRefused,
)

HOLD = """
import sys, pathlib
from integrations.embedded.data_directory import DataDirectory
with DataDirectory(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_new_directory_is_closed_to_others(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "new" / "data") as data:
        assert data.path.stat().st_mode & 0o777 == 0o700
        assert (data.path / "run.lock").read_text() == f"{os.getpid()}\n"


def test_a_second_run_is_told_who_holds_the_directory_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataDirectoryInUse, match=rf"process {holder.pid}\b.*--data-dir"):
            DataDirectory(path).__enter__()
        holder.kill()
    with DataDirectory(path) as data:
        assert (data.path / "run.lock").read_text() == f"{os.getpid()}\n"


def test_the_same_process_may_not_hold_it_twice_but_again(tmp_path: Path) -> None:
    with DataDirectory(tmp_path), pytest.raises(DataDirectoryInUse):
        DataDirectory(tmp_path).__enter__()
    with DataDirectory(tmp_path):
        pass


def test_a_child_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    with DataDirectory(tmp_path):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with DataDirectory(tmp_path):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_directory_that_everyone_may_write_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(DataDirectoryRefused, match="chmod o-w"):
        DataDirectory(tmp_path).__enter__()
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DataDirectoryRefused, match="is a file"):
        DataDirectory(tmp_path / "data").__enter__()
