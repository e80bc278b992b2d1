from typing import Any

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke
from tests.api.cli.test_lists import at, page, stopped_clock

__all__ = ["stopped_clock"]

AWAY = {"from": "2026-08-03T00:00:00Z", "until": "2026-08-24T00:00:00Z", "delegate": "ben"}
PLACE = "/v1/people/%40me/away"


def handover(**more: Any) -> dict[str, Any]:
    return {
        "model": "m", "id": 1, "role": "validator", "giver": "ben", "receiver": "cho",
        "status": "open", "offered_at": at(hours=2), "note": "", **more,
    }  # fmt: skip


def test_owners_shows_what_is_wrong_and_where(server: Server, invoke: Invoke) -> None:
    roles = [{"model": "m", "role": "validator", "through": "group:risk"}]
    one = {
        "person": "ben", "name": "Ben Ode", "problems": ["left", "silent"], "models": 1,
        "roles": roles, "open": 4, "oldest": at(days=3), "last_answer": None,
    }  # fmt: skip
    server.on("GET", "/v1/owners", page(one))

    lines = invoke("owners", "--problem", "silent", "--days", "60").stdout.splitlines()

    assert lines == [
        "PERSON         PROBLEM       MODELS  ROLES        OPEN  OLDEST   LAST ANSWER",
        "Ben Ode (ben)  left, silent  1       m:validator  4     3 d ago  -",
    ]
    assert "problem=silent" in server.requests[0].query
    assert "days=60" in server.requests[0].query


def test_no_owner_with_a_problem_is_said(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/owners", page())
    assert "Every owner is there" in invoke("owners").stderr


@pytest.mark.usefixtures("in_zone")
def test_away_adds_a_period_in_local_time(server: Server, invoke: Invoke, in_zone: Any) -> None:
    in_zone("Europe/Paris")
    server.on("GET", PLACE, Answer(200, {"id": "ana", "away": [AWAY]}))
    new = {"from": "2026-09-01T00:00:00+02:00", "until": "2026-09-03T12:30:00+02:00"}
    taken = [AWAY, {**new, "delegate": None}]
    server.on("PUT", PLACE, Answer(200, {"id": "ana", "away": taken, "warnings": []}))

    result = invoke("away", "--from", "2026-09-01", "--until", "2026-09-03T12:30:00")

    assert result.exit_code == 0
    assert server.requests[-1].body == {"away": [AWAY, {**new, "delegate": None}]}
    assert result.stdout.splitlines() == [
        "2026-08-03 02:00 CEST to 2026-08-24 02:00 CEST, ben answers",
        "2026-09-01 00:00 CEST to 2026-09-03 12:30 CEST, nobody answers",
    ]


def test_away_clears_and_shows(server: Server, invoke: Invoke) -> None:
    server.on("PUT", PLACE, Answer(200, {"id": "ana", "away": []}))
    server.on("GET", PLACE, Answer(200, {"id": "ana", "away": []}))
    assert invoke("away", "--clear").stdout == "Not away.\n"
    assert server.requests[-1].body == {"away": []}
    assert invoke("away").stdout == "Not away.\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--from", "2026-09-01"),
        ("--delegate", "ben"),
        ("--clear", "--from", "2026-09-01", "--until", "2026-09-02"),
    ],
)
def test_half_a_period_is_a_usage_error(
    options: tuple[str, ...], server: Server, invoke: Invoke
) -> None:
    assert invoke("away", *options).exit_code == 2
    assert not server.requests


@pytest.mark.parametrize(
    ("arguments", "below", "body", "status", "said"),
    [
        (("offer", "m", "validator", "--to", "cho", "--note", "n"), "",
         {"role": "validator", "to": "cho", "note": "n"}, "open",
         "Handover 1 of m: ben answers as validator until cho accepts."),
        (("offer", "m", "validator", "--to", "cho", "--from", "ben"), "",
         {"role": "validator", "to": "cho", "note": "", "from": "ben"}, "open",
         "Handover 1 of m: ben answers as validator until cho accepts."),
        (("accept", "m", "1"), "/1/acceptances", {}, "accepted",
         "Handover 1 of m: cho is validator now."),
        (("decline", "m", "1", "--reason", "no"), "/1/declines", {"reason": "no"}, "declined",
         "Handover 1 of m: ben stays validator."),
        (("withdraw", "m", "1"), "/1/withdrawals", {"reason": ""}, "withdrawn",
         "Handover 1 of m: ben stays validator."),
    ],
)  # fmt: skip
def test_a_handover_is_offered_and_answered(
    arguments: tuple[str, ...], below: str, body: dict[str, str], status: str, said: str,
    server: Server, invoke: Invoke,
) -> None:  # fmt: skip
    server.on("POST", f"/v1/models/m/handovers{below}", Answer(200, handover(status=status)))

    result = invoke("handover", *arguments)

    assert result.stdout == f"{said}\n"
    assert server.requests[0].body == body


def test_handovers_are_listed(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/models/m/handovers", page(handover()))
    assert invoke("handover", "list", "m").stdout.splitlines() == [
        "ID  ROLE       FROM  TO   STATE  OFFERED  NOTE",
        "1   validator  ben   cho  open   2 h ago  -",
    ]


def test_a_refused_handover_is_told(server: Server, invoke: Invoke) -> None:
    server.on("POST", "/v1/models/m/handovers/1/acceptances", problem(422, "cho has left."))
    result = invoke("handover", "accept", "m", "1")
    assert result.exit_code == 1
    assert "cho has left." in result.stderr
