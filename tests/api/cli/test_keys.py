import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import KEY, Invoke

MADE = "und_4f9a1c22b7e0_" + "n" * 43


def test_a_new_key_is_alone_on_stdout_this_once(server: Server, invoke: Invoke) -> None:
    server.on("POST", "/v1/keys", Answer(201, {"id": "4f9a1c22b7e0", "key": MADE}))

    result = invoke(
        "key", "create", "--scope", "pipeline", "--scope", "gate", "--model", "fraud-*",
        "--event", "*", "--source", "training", "--source", "ci", "--expires-in", "90 days",
    )  # fmt: skip

    assert result.exit_code == 0
    assert result.stdout == MADE + "\n"
    assert "4f9a1c22b7e0, for pipeline, gate" in result.stderr
    assert MADE not in result.stderr
    body = server.requests[0].body
    expires = datetime.fromisoformat(body.pop("expires_at"))
    now = datetime.now(UTC)  # noqa: TID251 - the command counts from the real clock
    assert abs(expires - now - timedelta(days=90)) < timedelta(minutes=1)
    assert body == {
        "scopes": ["pipeline", "gate"],
        "models": ["fraud-*"],
        "events": ["*"],
        "sources": ["training", "ci"],
    }


def test_an_owners_key_names_the_person(server: Server, invoke: Invoke) -> None:
    server.on("POST", "/v1/keys", Answer(201, {"id": "4f9a1c22b7e0", "key": MADE}))

    result = invoke("key", "create", "--scope", "owner", "--person", "ana", "--json")

    assert json.loads(result.stdout) == {"id": "4f9a1c22b7e0", "key": MADE}
    assert server.requests[0].body == {"scopes": ["owner"], "person": "ana"}


@pytest.mark.usefixtures("hasty")
def test_a_key_whose_text_got_lost_is_not_called_done(server: Server, invoke: Invoke) -> None:
    lost = Answer(201, {"id": "4f9a1c22b7e0", "key": MADE}, is_lost=True)
    server.on("POST", "/v1/keys", lost, Answer(201, {"id": "4f9a1c22b7e0", "key": None}))

    result = invoke("key", "create", "--scope", "gate")

    assert result.exit_code == 1
    assert "undersigned key revoke 4f9a1c22b7e0" in result.stderr


def test_keys_are_listed_with_their_state(server: Server, invoke: Invoke) -> None:
    key = {"id": "a1", "scopes": ["gate"], "person": None, "models": [], "sources": [],
           "expires_at": None, "revoked_at": None}  # fmt: skip
    old = {**key, "id": "b2", "expires_at": "2020-01-01T00:00:00Z"}
    gone = {**key, "id": "c3", "person": "ana", "revoked_at": "2020-01-01T00:00:00Z"}
    server.on("GET", "/v1/keys", Answer(200, {"items": [key, old, gone], "next": None}))

    head, live, expired, revoked = invoke("key", "list").stdout.splitlines()

    assert head.split() == ["ID", "SCOPES", "PERSON", "MODELS", "SOURCES", "STATE"]
    assert live.split() == ["a1", "gate", "-", "-", "-", "live"]
    assert "expired" in expired
    assert "revoked" in revoked


def test_a_key_is_revoked_by_its_id(server: Server, invoke: Invoke) -> None:
    server.on("DELETE", "/v1/keys/a1", Answer(204))
    server.on("DELETE", "/v1/keys/b2", problem(404, "No live key has the id b2."))

    done, unknown = invoke("key", "revoke", "a1"), invoke("key", "revoke", "b2")

    assert (done.exit_code, done.stdout) == (0, "Key a1 is no longer accepted.\n")
    assert (unknown.exit_code, unknown.stderr) == (1, "No live key has the id b2.\n")
    assert KEY not in done.output + unknown.output
