import json
from typing import Any

from tests.api.cli.answering import Answer, Server
from tests.api.cli.conftest import Invoke
from tests.api.cli.test_lists import at, stopped_clock

__all__ = ["stopped_clock"]


def page(*items: dict[str, Any], lost: tuple[dict[str, Any], ...] = ()) -> Answer:
    body = {"items": list(items), "next": None, "as_of": at(), "tokens_lost": list(lost)}
    return Answer(200, body)


def card(**more: Any) -> dict[str, Any]:
    return {
        "model": "m", "version": "1", "stage": "validate", "role": "validator", "person": None,
        "channel": "#m", "error": "is_archived", "advice": "Unarchive the channel.", **more,
    }  # fmt: skip


def test_undelivered_shows_whose_card_why_and_what_to_do(server: Server, invoke: Invoke) -> None:
    person = {"person": "ana", "channel": None, "error": "user_disabled", "advice": ""}
    server.on("GET", "/v1/undelivered", page(card(), card(**person)))

    lines = invoke("undelivered", "--model", "m").stdout.splitlines()

    assert lines == [
        "REQUEST                 FOR  ERROR          WHAT TO DO",
        "m 1 validate:validator  #m   is_archived    Unarchive the channel.",
        "m 1 validate:validator  ana  user_disabled  -",
    ]
    assert "model=m" in server.requests[0].query


def test_a_lost_token_is_said_before_anything_else(server: Server, invoke: Invoke) -> None:
    lost = {"workspace": "T1", "since": at(hours=2), "code": "token_revoked", "advice": "Again."}
    server.on("GET", "/v1/undelivered", page(lost=(lost,)))

    result = invoke("undelivered")

    assert result.stderr.splitlines() == [
        "Slack refuses the token in T1, 2 h ago: token_revoked. Again.",
        "There is no pending request whose card Slack refused.",
    ]
    assert json.loads(invoke("undelivered", "--json").stdout)["tokens_lost"] == [lost]
