import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.api.cli.answering import Server, serving

KEY = "und_0123456789ab_" + "s" * 43

Invoke = Callable[..., Result]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with serving(server) as url:
        server.url = url
        yield server


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty directory, without settings from outside, in a fixed zone."""
    monkeypatch.chdir(tmp_path)
    for name in ("URL", "KEY", "DATA_DIR", "SOURCE", "PUBLIC_URL", "SLACK_BOT_TOKEN", "ADMIN_KEY"):
        monkeypatch.delenv(f"UNDERSIGNED_{name}", raising=False)
    return tmp_path


@pytest.fixture
def invoke(server: Server, place: Path) -> Invoke:
    """Run a command in the test's directory against the test's server."""
    assert Path.cwd() == place

    def run(*arguments: str, env: dict[str, str] | None = None, typed: str = "") -> Result:
        given = {"UNDERSIGNED_URL": server.url, "UNDERSIGNED_KEY": KEY, **(env or {})}
        return CliRunner().invoke(
            app, list(arguments), env=given, input=typed, catch_exceptions=False
        )

    return run


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Stand in a zone, as TZ does for a process, until the end of the test."""

    def stand(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield stand
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat without the pauses that spare a server."""
    monkeypatch.setattr("api.cli.client.FIRST_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr("api.cli.gate.FIRST_PAUSE", timedelta(milliseconds=1))
