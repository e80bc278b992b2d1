import json
import time
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import KEY, Invoke

BYTES = "sha256:" + "a" * 64
ASK = ("gate", "--digest", BYTES, "--for", "production")
APPROVAL = {
    "stage": "release", "round": 1, "role": "business_owner", "person": "eve", "name": "Eve",
    "statement": "I own the outcome.", "at": "2026-01-01T00:00:00Z", "right": "owner",
    "revision": "sha256:" + "1" * 64,
}  # fmt: skip


def answered(*, allowed: bool, **more: Any) -> Answer:
    reason = "Every stage stands approved." if allowed else "release: waits for Eve."
    body = {
        "allowed": allowed, "reasons": [reason], "gate": "production", "model": "fraud-scorer",
        "version": "14", "approvals": [APPROVAL] if allowed else [],
        "as_of": "2026-01-01T00:00:00Z", "valid_until": None, "certain": True,
    }  # fmt: skip
    return Answer(200, {**body, **more})


def test_yes_is_0_and_names_who_signed_what(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", answered(allowed=True))

    result = invoke(*ASK, "--model", "fraud-scorer")

    assert result.exit_code == 0
    assert result.stdout.startswith("production: yes for fraud-scorer 14\n")
    assert "I own the outcome." in result.stdout
    assert "Eve" in result.stdout
    asked = server.requests[0].query
    assert asked == f"digest={BYTES.replace(':', '%3A')}&for=production&model=fraud-scorer"


def test_no_is_1_with_the_reasons(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", answered(allowed=False))

    result = invoke(*ASK)

    assert result.exit_code == 1
    assert result.stdout == "production: no for fraud-scorer 14\n  release: waits for Eve.\n"


@pytest.mark.parametrize(
    "answer",
    [
        problem(500, "This is a fault of the server."),
        problem(503, "The database can't be reached."),
        problem(401, "The API key is unknown."),
        problem(403, "This needs a key with the scope gate."),
        Answer(200, {}),
        Answer(200, {"allowed": "yes"}),
        Answer(200, {"allowed": 1}),
        Answer(200, ["allowed"]),
        Answer(200, {"allowed": False, "certain": False, "reasons": ["Nobody could tell."]}),
        Answer(200, {"allowed": True}, is_lost=True),
    ],
)
def test_an_answer_that_is_neither_yes_nor_no_is_3(
    answer: Answer, server: Server, invoke: Invoke
) -> None:
    server.on("GET", "/v1/gate", answer)

    result = invoke(*ASK)

    assert result.exit_code == 3
    assert result.stdout == "production: can't tell\n"


@pytest.mark.usefixtures("place")
def test_nobody_there_and_no_key_are_3_and_never_a_no() -> None:
    away = CliRunner().invoke(app, [*ASK, "--url", "http://127.0.0.1:1", "--key", KEY])
    keyless = CliRunner().invoke(app, [*ASK])

    assert away.exit_code == keyless.exit_code == 3
    assert "undersigned run" in away.stderr
    assert "no API key" in keyless.stderr


@pytest.mark.usefixtures("hasty")
def test_waiting_asks_again_until_yes(server: Server, invoke: Invoke) -> None:
    server.on(
        "GET", "/v1/gate",
        answered(allowed=False), problem(503, "The database is away."), answered(allowed=True),
    )  # fmt: skip

    result = invoke(*ASK, "--wait", "30s")

    assert result.exit_code == 0
    assert len(server.requests) == 3
    assert result.stderr.splitlines() == [
        "Not yet: release: waits for Eve.",
        "Not yet: The database is away.",
    ]


def test_a_wait_that_ends_is_the_last_answer(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", answered(allowed=False))
    start = time.monotonic()

    result = invoke(*ASK, "--wait", "1s")

    assert result.exit_code == 1
    assert len(server.requests) == 2
    assert time.monotonic() - start < 5


def test_a_wait_that_ends_on_a_failure_is_3(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", answered(allowed=False), problem(503, "Away."))

    result = invoke(*ASK, "--wait", "1s")

    assert result.exit_code == 3


def test_waiting_does_not_help_a_key_that_may_not_ask(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", problem(403, "This needs a key with the scope gate."))

    result = invoke(*ASK, "--wait", "30m")

    assert result.exit_code == 3
    assert len(server.requests) == 1


def test_json_is_the_answer_and_can_not_tell_is_a_no(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/gate", answered(allowed=True), problem(500, "A fault."))

    yes, unknown = invoke(*ASK, "--json"), invoke(*ASK, "--json")

    assert json.loads(yes.stdout)["approvals"] == [APPROVAL]
    assert json.loads(unknown.stdout) == {"allowed": False, "reasons": ["A fault."]}
    assert unknown.exit_code == 3
