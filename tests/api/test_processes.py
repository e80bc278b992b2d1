import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]  # it has no stubs
import pytest

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_home import remove_database
from integrations.embedded.servers import throwaway_directory

COMMAND = [sys.executable, "-c", "from api.cli.main import main; main()"]
UP = "Undersigned is up at "


@pytest.fixture
def data() -> Iterator[Path]:
    with throwaway_directory() as place:
        path = place.path / "data"
        if os.geteuid() == 0:  # else PostgreSQL's account stops here, and uses /var/lib
            place.path.chmod(0o711)
        yield path
        with DataDirectory(path) as held:
            remove_database(held)


class Run:
    """A running `undersigned run`, as a user sees it."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, said: list[str]) -> None:
        self.process = process
        self.url = url
        self.said = said

    def children(self) -> list[Any]:
        found: list[Any] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def call(self, method: str, path: str, key: str, **arguments: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.request(
            method, self.url + path, headers=headers, timeout=15, trust_env=False, **arguments
        )


@contextmanager
def running(data: Path) -> Iterator[Run]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSIGNED_")}
    with subprocess.Popen(
        [*COMMAND, "run", "--port", "0", "--data-dir", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        cwd=data.parent,
    ) as process:
        try:
            assert process.stdout
            said = []
            for line in process.stdout:
                said.append(line.strip())
                if line.startswith("Ctrl-C"):
                    break
            first = next(line for line in said if line.startswith(UP))
            yield Run(process, first.removeprefix(UP).split()[0], said)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(30)


def gone(processes: list[Any]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=15)
    return not alive


def test_everything_is_ready_and_ctrl_c_leaves_nothing_behind(data: Path) -> None:
    with running(data) as run:
        ready = httpx.get(f"{run.url}/readyz", trust_env=False)
        children = run.children()
        key = (data / "admin.key").read_text().strip()
        assert ready.json()["status"] == "ready"
        assert any(key in line for line in run.said), "the first start prints the admin key"
        assert run.call("GET", "/v1/keys", key).status_code == 200
        slack = httpx.post(f"{run.url}/slack/events", content=b"{}", trust_env=False)
        assert slack.status_code == 503
        assert "UNDERSIGNED_SLACK_SIGNING_SECRET" in slack.json()["detail"]

    assert run.process.returncode == 0
    assert len(children) >= 2
    assert gone(children)
    assert (data / "admin.key").stat().st_mode & 0o777 == 0o600


def test_a_second_run_on_the_same_data_directory_says_who_holds_it(data: Path) -> None:
    with running(data) as run:
        second = subprocess.run(
            [*COMMAND, "run", "--port", "0", "--data-dir", str(data)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert second.returncode == 1
        assert f"in use by process {run.process.pid}" in second.stderr


def test_after_sigkill_the_next_run_takes_over_with_everything_that_was_there(data: Path) -> None:
    with running(data) as run:
        key = (data / "admin.key").read_text().strip()
        person = {"name": "Ana Ruiz", "email": "ana@example.com"}
        assert run.call("PUT", "/v1/people/ana", key, json=person).status_code in {200, 201}
        left = run.children()
        run.process.kill()

    started = time.monotonic()
    with running(data) as run:
        took = time.monotonic() - started
        people = run.call("GET", "/v1/people", key).json()["items"]

    assert [one["id"] for one in people] == ["ana"]
    assert took < 20
    assert gone(left)
    assert not any(key in line for line in run.said), "the key is shown once"


def test_a_port_in_use_is_said_in_a_sentence(data: Path) -> None:
    with running(data) as run:
        port = run.url.rsplit(":", 1)[1]
        other = data.parent / "other"
        second = subprocess.run(
            [*COMMAND, "run", "--port", port, "--data-dir", str(other)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        with DataDirectory(other) as held:
            remove_database(held)

    assert second.returncode == 1
    assert "Choose another --port" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("command", ["api", "worker"])
def test_a_part_alone_says_what_to_set(command: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSIGNED_")}
    told = subprocess.run(
        [*COMMAND, command],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment,
        cwd=tmp_path,
    )

    assert told.returncode == 1
    assert "Set UNDERSIGNED_DATABASE_URL and UNDERSIGNED_TEMPORAL_ADDRESS" in told.stderr


def test_an_unreachable_temporal_is_said_in_a_sentence(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSIGNED_")}
    told = subprocess.run(
        [*COMMAND, "worker"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env=environment
        | {
            "UNDERSIGNED_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "UNDERSIGNED_TEMPORAL_ADDRESS": "127.0.0.1:1",
        },
    )

    assert told.returncode == 1
    assert "Temporal can't be reached at 127.0.0.1:1" in told.stderr
    assert "Traceback" not in told.stderr
