import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.connection import is_local
from api.cli.main import app
from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import KEY, Invoke

EMPTY = Answer(200, {"items": [], "next": None, "as_of": "2026-01-01T00:00:00Z"})
NOWHERE = "http://127.0.0.1:1"


@pytest.mark.usefixtures("place")
def test_a_server_that_is_away_is_a_sentence_that_says_how_to_start_it() -> None:
    result = CliRunner().invoke(app, ["pending", "--url", NOWHERE, "--key", KEY])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(
        f"Nothing answers at {NOWHERE}. Start it with `undersigned run`"
    )


@pytest.mark.usefixtures("place")
def test_without_a_key_it_says_where_it_looked() -> None:
    local = CliRunner().invoke(app, ["pending"])
    remote = CliRunner().invoke(app, ["pending", "--url", "https://undersigned.example.com"])

    assert local.exit_code == remote.exit_code == 1
    assert ".undersigned/admin.key doesn't exist" in local.stderr
    assert "admin.key" not in remote.stderr
    assert "UNDERSIGNED_KEY" in remote.stderr


def test_the_key_of_the_data_directory_is_used_on_this_machine(server: Server, place: Path) -> None:
    server.on("GET", "/v1/signoffs", EMPTY)
    (place / "kept").mkdir()
    (place / "kept" / "admin.key").write_text(KEY + "\n")

    result = CliRunner().invoke(
        app, ["pending", "--url", server.url], env={"UNDERSIGNED_DATA_DIR": "kept"}
    )

    assert result.exit_code == 0
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_address_and_key_are_read_from_dotenv_and_the_environment_wins(
    server: Server, place: Path
) -> None:
    server.on("GET", "/v1/signoffs", EMPTY)
    (place / ".env").write_text(f"UNDERSIGNED_URL={server.url}\nUNDERSIGNED_KEY=from-the-file\n")

    CliRunner().invoke(app, ["pending"], catch_exceptions=False)
    CliRunner().invoke(app, ["pending"], env={"UNDERSIGNED_KEY": KEY}, catch_exceptions=False)

    sent = [request.headers["authorization"] for request in server.requests]
    assert sent == ["Bearer from-the-file", f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("api.localhost", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_only_this_machine_is_given_the_admin_key(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_a_problem_is_told_with_every_place(server: Server, invoke: Invoke) -> None:
    errors = [
        {"path": "stages[0].due", "line": 4, "column": 10, "message": "no such unit"},
        {"path": "gates", "message": "[red]names[/red] an unknown\x1b[2J stage"},
    ]
    server.on("GET", "/v1/signoffs", problem(422, "The body can't be used.", errors=errors))

    result = invoke("pending")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "The body can't be used.",
        "  4:10 stages[0].due: no such unit",
        "  gates: [red]names[/red] an unknown[2J stage",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(502, "gateway", {"content-type": "text/html"}),
        Answer(301, None, {"location": "https://elsewhere.example.com"}),
        Answer(200, ["a list"]),
        Answer(200, None),
        Answer(500, {"unexpected": True}),
    ],
)
def test_another_server_at_the_address_is_told_apart(
    answer: Answer, server: Server, invoke: Invoke
) -> None:
    server.on("GET", "/v1/signoffs", answer)

    result = invoke("pending")

    assert result.exit_code == 1
    assert server.url in result.stderr


def test_a_key_is_never_printed(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/signoffs", problem(401, "The API key is unknown."))

    assert KEY not in invoke("pending").output
    assert KEY not in invoke("pending", env={"UNDERSIGNED_URL": NOWHERE}).output
    assert KEY not in invoke("--help").output
    broken = invoke("pending", env={"UNDERSIGNED_KEY": KEY + "\té"})
    assert broken.exit_code == 1
    assert KEY not in broken.output


def test_a_wrong_setting_is_named_without_its_value(place: Path) -> None:
    (place / ".env").write_text("UNDERSIGNED_PORT=secret-typed-in-the-wrong-line\n")

    result = CliRunner().invoke(app, ["slack", "check"])

    assert result.exit_code == 2
    assert result.stderr.startswith("UNDERSIGNED_PORT: ")
    assert "secret" not in result.output


def test_the_installed_script_ends_with_the_exit_code_of_the_failure(place: Path) -> None:
    script = Path(sys.executable).with_name("undersigned")

    result = subprocess.run(
        [script, "waiting", "--url", NOWHERE, "--key", KEY],
        capture_output=True, text=True, check=False, cwd=place,
    )  # fmt: skip

    assert result.returncode == 1
    assert result.stderr.startswith("Nothing answers at")
