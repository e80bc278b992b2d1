"""The installed script from `run` to `verify`, on real Temporal and PostgreSQL."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from integrations.artifacts import digest_of
from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_home import remove_database

SCRIPT = Path(sys.executable).with_name("undersigned")
SETTINGS = {name for name in os.environ if name.startswith("UNDERSIGNED_")}

FILES = """\
lifecycle: tiny
roles: [validator]
evidence:
  evaluation: {from: [evaluation], require: "value.auc >= 0.9"}
stages:
  - name: validate
    evidence: [evaluation]
    signoffs:
      - {role: validator, statement: I reviewed the evaluation.}
    due: 5 days
gates: {production: [validate]}
---
people:
  ana: {name: Ana Ruiz, email: ana@example.com}
  trainer: {machine: true, identities: ["mlflow:svc-train"]}
---
model: fraud-scorer
lifecycle: tiny
risk: high
owners: {validator: [ana]}
"""


@dataclass(frozen=True)
class Machine:
    """A directory to stand in, and the data directory of `undersigned run`."""

    place: Path
    data: Path

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        return {**kept, "UNDERSIGNED_DATA_DIR": str(self.data)}

    def call(self, *arguments: str, expect: int = 0, env: dict[str, str] | None = None) -> Result:
        """Run a command in this process; fails on another exit code."""
        given: dict[str, str | None] = dict.fromkeys(SETTINGS)
        given |= {"UNDERSIGNED_DATA_DIR": str(self.data), **(env or {})}
        result = CliRunner().invoke(app, arguments, env=given, catch_exceptions=False)
        assert result.exit_code == expect, (arguments, result.output)
        return result

    def script(self, *arguments: str) -> str:
        """Run the installed script to its end; give what it printed."""
        return subprocess.run(
            [SCRIPT, *arguments], env=self.environment(), cwd=self.place,
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout  # fmt: skip


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.chdir(tmp_path)
    # Not in tmp_path: PostgreSQL, which never runs as root, must get at its data.
    with tempfile.TemporaryDirectory(prefix="undersigned-cli-") as data:
        yield Machine(tmp_path, Path(data))
        with DataDirectory(Path(data)) as held:
            remove_database(held)


@pytest.fixture
def running(machine: Machine) -> Iterator[str]:
    """Run everything, as `make run` does; give the address of the API."""
    with subprocess.Popen(
        [SCRIPT, "run", "--port", "0"], env=machine.environment(), cwd=machine.place,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            found = re.search(r"http://[0-9.:]+", told)
            assert found, told
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(timeout=30)
    assert code == 0


@pytest.mark.slow
def test_the_whole_story_can_be_told_by_commands(machine: Machine, running: str) -> None:
    at = {"UNDERSIGNED_URL": running}
    _describe(machine, at)
    digest = _present(machine, at)
    assert machine.call("gate", "--digest", digest, "--for", "production", expect=1, env=at)

    (asked,) = json.loads(machine.call("pending", "--owner", "ana", "--json", env=at).stdout)[
        "items"
    ]
    assert "Ana Ruiz (ana)" in machine.call("waiting", env=at).stdout
    _sign(machine, asked["id"], at)

    allowed = machine.call(
        "gate", "--digest", digest, "--for", "production", "--wait", "10s", env=at
    )
    assert "I reviewed the evaluation." in allowed.stdout
    assert "gate production: yes" in machine.call("show", "fraud-scorer", "14", env=at).stdout
    other = "sha256:" + "0" * 64
    machine.call("gate", "--digest", other, "--for", "production", expect=1, env=at)
    assert machine.call("pending", env=at).stdout == ""

    in_use = machine.call("verify", expect=1)
    assert "is in use by process" in in_use.stderr


def _describe(machine: Machine, at: dict[str, str]) -> None:
    """Upload lifecycle, people and model, twice: the second time nothing changes."""
    (machine.place / "all.yaml").write_text(FILES)
    first = machine.call("apply", "all.yaml", env=at).stdout.splitlines()
    again = machine.call("apply", "all.yaml", env=at).stdout.splitlines()
    assert again[0] == first[0]
    assert again[1:] == [f"{line}  unchanged" for line in first[1:]]


def _present(machine: Machine, at: dict[str, str]) -> str:
    """Register a version, ask for review and attach its evidence; give the digest."""
    model = machine.place / "model"
    model.mkdir()
    (model / "weights.bin").write_bytes(b"weights")
    (machine.place / "report.json").write_text('{"auc": 1}')
    digest = digest_of(model).digest
    as_pipeline = {
        **at,
        "UNDERSIGNED_KEY": _key(
            machine, at, "pipeline", "--model", "fraud-*", "--event", "*", "--source", "evaluation"
        ),
    }
    machine.call(
        "register", "fraud-scorer", "14", "--artifact", "model", "--producer", "mlflow:svc-train",
        env=as_pipeline,
    )  # fmt: skip
    machine.call("request", "fraud-scorer", "14", env=as_pipeline)
    attach: Sequence[str] = (
        "attach", "fraud-scorer", "14", "evaluation", "--file", "report.json",
        "--subject", digest, "--value", '{"auc": 1}',
    )  # fmt: skip
    refused = machine.call(*attach, "--source", "elsewhere", expect=1, env=as_pipeline)
    assert "source: this key may speak as evaluation" in refused.stderr
    attached = machine.call(*attach, "--source", "evaluation", env=as_pipeline)
    assert attached.stdout == "evaluation (pass) of fraud-scorer 14 is attached.\n"
    return digest


def _sign(machine: Machine, signoff: str, at: dict[str, str]) -> None:
    machine.call("sign", signoff, "approve", "--yes", expect=1, env=at)  # no owner's key
    as_owner = {**at, "UNDERSIGNED_KEY": _key(machine, at, "owner", "--person", "ana")}
    machine.call("sign", signoff, "approve", expect=2, env=as_owner)  # no revision
    stale = machine.call("sign", signoff, "approve", "--revision", "old", expect=1, env=as_owner)
    assert "not what stands now" in stale.stderr
    done = machine.call("sign", signoff, "approve", "--yes", env=as_owner)
    assert "“I reviewed the evaluation.”" in done.stdout
    assert done.stdout.endswith("Approved.\n")
    again = machine.call("sign", signoff, "approve", "--yes", expect=1, env=as_owner)
    assert "decided already" in again.stderr


def _key(machine: Machine, at: dict[str, str], scope: str, *more: str) -> str:
    """Make a key, see that it is listed without its text, and give the text."""
    text = machine.call("key", "create", "--scope", scope, *more, env=at).stdout.strip()
    listed = machine.call("key", "list", env=at).stdout
    _, id_, secret = text.split("_", 2)
    assert id_ in listed
    assert secret not in listed
    return text


@pytest.mark.slow
def test_the_record_is_looked_after_without_a_server(machine: Machine) -> None:
    assert machine.script("migrate") == "The database is up to date.\n"
    assert machine.script("rebuild") == "Made again: 0 versions, 0 registry facts.\n"
    assert machine.script("verify") == "0 chains with 0 facts are whole.\n"


@pytest.mark.parametrize("command", ["api", "worker"])
def test_a_part_alone_says_which_settings_it_needs(command: str, machine: Machine) -> None:
    result = machine.call(command, expect=1)

    assert "UNDERSIGNED_DATABASE_URL" in result.stderr
