import json
from typing import Any

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke

ID = "fraud-scorer:1%2F2:validate:1:validator"
PATH = "/v1/signoffs/fraud-scorer%3A1%252F2%3Avalidate%3A1%3Avalidator"
REVISION = "sha256:" + "1" * 64
SIGNOFF: dict[str, Any] = {
    "id": ID, "model": "fraud-scorer", "version": "1/2", "stage": "validate", "round": 1,
    "role": "validator", "status": "pending", "revision": REVISION,
    "statement": "I reviewed the [bold]evaluation\x1b[2J independently.",
    "artifacts": [{"name": "model", "uri": "s3://models/1", "digest": "sha256:" + "a" * 64}],
    "evidence": [{"name": "evaluation", "is_met": True, "why": "passed"}],
    "needed": 2, "approved": 1, "asked_at": "2026-01-01T00:00:00Z",
    "due": "2026-01-08T00:00:00Z",
    "decisions": [
        {"person": "ben", "name": "Ben\nfake: line", "decision": "approve",
         "at": "2026-01-02T00:00:00Z", "comment": "fine", "revision": REVISION, "round": 1}
    ],
}  # fmt: skip
DECIDED = Answer(200, {"sequence": 9, "recorded": True})


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim a terminal: the test runner replaces the streams."""
    monkeypatch.setattr("api.cli.signing.is_terminal", lambda: True)


def test_a_script_signs_the_revision_that_it_names(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{PATH}/decisions", DECIDED)

    result = invoke(
        "sign", ID, "request-changes", "--revision", REVISION, "--comment", "No.",
        "--send-back-to", "data",
    )  # fmt: skip

    assert result.exit_code == 0
    assert result.stdout == "Changes requested.\n"
    (sent,) = server.requests
    assert sent.body == {
        "decision": "request_changes",
        "revision": REVISION,
        "comment": "No.",
        "send_back_to": "data",
    }


def test_a_script_that_names_no_revision_signs_nothing(server: Server, invoke: Invoke) -> None:
    result = invoke("sign", ID, "approve", typed="y\n")

    assert result.exit_code == 2
    assert "--revision" in result.stderr
    assert not server.requests


def test_yes_signs_the_revision_that_stands(server: Server, invoke: Invoke) -> None:
    server.on("GET", PATH, Answer(200, SIGNOFF))
    server.on("POST", f"{PATH}/decisions", DECIDED)

    result = invoke("sign", ID, "approve", "--yes")

    assert result.exit_code == 0
    assert server.requests[1].body == {"decision": "approve", "revision": REVISION}


@pytest.mark.usefixtures("at_a_terminal")
def test_a_person_reads_the_request_before_confirming(server: Server, invoke: Invoke) -> None:
    server.on("GET", PATH, Answer(200, SIGNOFF))
    server.on("POST", f"{PATH}/decisions", DECIDED)

    result = invoke("sign", ID, "approve", typed="y\n")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "  “I reviewed the [bold]evaluation[2J independently.”" in lines
    assert any("sha256:" + "a" * 64 in line for line in lines)
    assert "  met: evaluation: passed" in lines
    assert any(line.startswith("    Ben fake: line approved") for line in lines)
    assert f"  revision {REVISION}" in lines
    assert server.requests[-1].body["revision"] == REVISION


@pytest.mark.usefixtures("at_a_terminal")
def test_a_person_who_does_not_confirm_signs_nothing(server: Server, invoke: Invoke) -> None:
    server.on("GET", PATH, Answer(200, SIGNOFF))

    result = invoke("sign", ID, "approve", typed="n\n")

    assert result.exit_code == 1
    assert [request.method for request in server.requests] == ["GET"]


@pytest.mark.usefixtures("at_a_terminal")
def test_a_comment_is_asked_for_where_one_is_needed(server: Server, invoke: Invoke) -> None:
    server.on("GET", PATH, Answer(200, {**SIGNOFF, "confirm": True}))
    server.on("POST", f"{PATH}/decisions", DECIDED)

    invoke("sign", ID, "approve", typed="I read it.\ny\n")

    assert server.requests[-1].body["comment"] == "I read it."


@pytest.mark.usefixtures("hasty")
def test_an_unknown_outcome_is_repeated_under_the_same_key(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{PATH}/decisions", problem(504, "Not known."), DECIDED)

    result = invoke("sign", ID, "approve", "--revision", REVISION)

    assert result.exit_code == 0
    first, second = server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.usefixtures("hasty")
def test_an_outcome_that_stays_unknown_says_how_to_repeat_it(
    server: Server, invoke: Invoke
) -> None:
    server.on("POST", f"{PATH}/decisions", problem(504, "Not known."))

    result = invoke("sign", ID, "approve", "--revision", REVISION)

    assert result.exit_code == 1
    (key,) = {request.headers["idempotency-key"] for request in server.requests}
    assert len(server.requests) == 4
    assert f"--revision {REVISION} --idempotency-key {key}" in result.stderr
    invoke("sign", ID, "approve", "--revision", REVISION, "--idempotency-key", key)
    assert server.requests[-1].headers["idempotency-key"] == key


def test_a_refusal_is_the_sentence_of_the_rules(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{PATH}/decisions", problem(403, "You are not asked to sign here."))

    result = invoke("sign", ID, "approve", "--revision", REVISION)

    assert result.exit_code == 1
    assert result.stderr == "You are not asked to sign here.\n"
    assert len(server.requests) == 1


def test_an_answer_before_its_recording_says_so(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{PATH}/decisions", Answer(200, {"sequence": 9, "recorded": False}))

    plain = invoke("sign", ID, "approve", "--revision", REVISION)
    told = invoke("sign", ID, "approve", "--revision", REVISION, "--json")

    assert "your answer stands" in plain.stdout
    assert json.loads(told.stdout)["recorded"] is False


def test_a_server_of_another_release_is_a_sentence(server: Server, invoke: Invoke) -> None:
    server.on("GET", PATH, Answer(200, {"id": ID}))

    result = invoke("sign", ID, "approve", "--yes")

    assert result.exit_code == 1
    assert "isn't what this release knows" in result.stderr
