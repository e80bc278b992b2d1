import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app

SCRIPT = Path(sys.executable).with_name("undersigned")

COMMANDS = (
    "run", "api", "worker", "migrate", "lint", "apply", "digest", "register", "attach", "request",
    "gate", "pending", "show", "sign", "waiting", "key create", "key list", "key revoke",
    "withdraw", "delegate", "ack", "snooze", "ask", "answer", "override", "overrides", "release",
    "migrate-version", "finding open", "finding close", "finding accept", "condition met",
    "slack manifest", "slack check", "rebuild", "verify", "demo",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert re.search(r"Examples?:\n", result.stdout)
    assert f"undersigned {command}" in result.stdout.split("Example")[1]


def test_the_list_of_commands_is_complete() -> None:
    shown = CliRunner().invoke(app, ["--help"]).stdout.split("Commands:\n")[1]

    names = {line.split()[0] for line in shown.splitlines() if line.startswith("  ")}
    assert {command.split()[0] for command in COMMANDS} <= names


@pytest.mark.parametrize(
    "wrong",
    [
        ["no-such-command"],
        ["gate"],
        ["gate", "--digest", "sha256:ABC", "--for", "production"],
        ["gate", "--digest", "sha256:" + "a" * 64, "--for", "production", "--wait", "soon"],
        ["sign", "some:id:stage:1:role", "maybe"],
        ["waiting", "--by", "colour"],
        ["key", "create", "--scope", "everything"],
        ["pending", "--limit", "0"],
        ["digest", "/no/such/file"],
        ["register", "m", "1"],
        ["pending", "--url", "ftp://example.com"],
        ["pending", "--url", "http://[::1"],
        ["pending", "--url", "http://localhost:port"],
        ["pending", "--url", "localhost:8080"],
    ],
)
def test_wrong_usage_is_exit_code_2_and_not_a_traceback(wrong: list[str]) -> None:
    result = CliRunner().invoke(app, wrong)

    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.output


def test_the_installed_script_tells_its_version() -> None:
    result = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=True)

    assert re.fullmatch(r"undersigned \d+\.\d+\.\d+\S*\n", result.stdout)


def test_help_loads_nothing_slow() -> None:
    heavy = "httpx", "fastapi", "sqlalchemy", "temporalio", "pydantic_settings", "slack_sdk"
    program = (
        "import sys\nfrom api.cli.main import app\n"
        "app(['--help'], standalone_mode=False)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.splitlines()[-1] == "[]"


def test_help_takes_little_work() -> None:
    # Its processor time, since a machine that does other things too makes it wait.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([SCRIPT, "--help"], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.4
