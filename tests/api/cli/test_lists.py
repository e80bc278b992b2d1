import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.api.cli.answering import Answer, Server
from tests.api.cli.conftest import Invoke

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell "2 h ago" from an instant that stands still, however long the suite takes."""
    monkeypatch.setattr("api.cli.moments.now", lambda: NOW)


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat()


def signoff(number: int, **more: Any) -> dict[str, Any]:
    given = {
        "id": f"m:1:s:{number}:r", "can_decide": ["ana", "ben"], "statement": "I own it.",
        "asked_at": at(hours=2, minutes=10), "due": at(hours=-3, minutes=-10, seconds=-50),
    }  # fmt: skip
    return {**given, **more}


def page(*items: Any, following: str | None = None) -> Answer:
    return Answer(200, {"items": list(items), "next": following, "as_of": at()})


def test_pending_shows_who_is_asked_since_when_and_until_when(
    server: Server, invoke: Invoke
) -> None:
    server.on("GET", "/v1/signoffs", page(signoff(1), signoff(2, due=at(days=2, minutes=10))))

    lines = invoke("pending").stdout.splitlines()

    assert lines == [
        "ID         ASKS      ASKED    DEADLINE           STATEMENT",
        "m:1:s:1:r  ana, ben  2 h ago  due in 3 h 10 min  I own it.",
        "m:1:s:2:r  ana, ben  2 h ago  overdue by 2 d     I own it.",
    ]


def test_pending_passes_its_filters_on(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/signoffs", page())

    result = invoke(
        "pending", "--owner", "ana", "--role", "r", "--model", "m", "--stage", "s", "--manager",
        "dee", "--risk", "high", "--overdue", "--due-before", "2026-01-02T03:04:05", "--sort",
        "-age", "--status", "approved", "--limit", "7",
    )  # fmt: skip

    assert result.exit_code == 0
    asked = {name: value for name, (value,) in parse_qs(server.requests[0].query).items()}
    before = datetime.fromisoformat(asked.pop("due_before"))
    assert before == datetime.fromisoformat("2026-01-02T03:04:05").astimezone()
    assert asked == {
        "owner": "ana", "role": "r", "model": "m", "stage": "s", "manager": "dee", "risk": "high",
        "overdue": "true", "sort": "-age", "status": "approved", "limit": "7",
    }  # fmt: skip


def test_pages_are_followed_up_to_the_limit(server: Server, invoke: Invoke) -> None:
    server.on(
        "GET", "/v1/signoffs",
        page(*map(signoff, range(200)), following="two"),
        page(*map(signoff, range(50)), following="three"),
    )  # fmt: skip

    result = invoke("pending", "--limit", "250", "--json")

    told = json.loads(result.stdout)
    assert len(told["items"]) == 250
    assert told["next"] == "three"
    first, second = (parse_qs(request.query) for request in server.requests)
    assert first["limit"] == ["200"]
    assert (second["limit"], second["cursor"]) == (["50"], ["two"])


def test_what_is_left_out_is_said(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/signoffs", page(signoff(1), following="two"))

    result = invoke("pending", "--limit", "1")

    assert result.stderr == "There are more; --limit 2 shows more of them.\n"


def test_an_empty_list_is_a_sentence_beside_an_empty_output(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/signoffs", page())

    result = invoke("pending")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing is waited for.\n"


def test_text_from_outside_stays_text(server: Server, invoke: Invoke) -> None:
    statement = "[link=http://x]sign[/] :warning:\x1b]0;title\x07\u202e here\nfake  line"
    server.on("GET", "/v1/signoffs", page(signoff(1, statement=statement)))

    result = invoke("pending")

    assert result.stdout.splitlines()[1].endswith(
        "[link=http://x]sign[/] :warning:]0;title here fake  line"
    )


@pytest.mark.parametrize("by", ["owner", "role", "stage", "manager", "pipeline"])
def test_waiting_counts_by_what_is_asked(by: str, server: Server, invoke: Invoke) -> None:
    row = {
        "key": "ana", "name": "Ana Ruiz", "count": 3, "oldest": at(days=1, minutes=10),
        "overdue": 1, "p50": 7200.0, "p90": None, "versions_blocked": 2,
    }  # fmt: skip
    server.on("GET", "/v1/waiting", page(row))

    head, line = invoke("waiting", "--by", by).stdout.splitlines()

    assert head.split() == [by.upper(), "WAITING", "OLDEST", "OVERDUE", "MEDIAN", "P90", "BLOCKED"]
    assert line.split("  ")[0] == "Ana Ruiz (ana)"
    assert " ".join(line.split()) == "Ana Ruiz (ana) 3 1 d ago 1 2 h - 2"
    assert server.requests[0].query == f"by={by}"


def test_show_tells_where_a_version_is_and_why(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/models/fraud/versions/14", Answer(200, VERSION))

    result = invoke("show", "fraud", "14")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "fraud 14: in_review, classic-ml, risk high",
        "  model: sha256:" + "a" * 64 + "  s3://models/14",
        "  validate waits for Ana Ruiz.",
        "",
        "validate: asking, round 2, 2 h ago",
        "  Waits for Ana Ruiz.",
        "  - Ana Ruiz holds validator. (due in 3 h 10 min)",
        "  Next, in 1 h: Dee Park is told.",
        "  not met: vuln_scan: It is too old.",
        "  validator: pending, 1 of 2, due in 3 h 10 min  fraud:14:validate:2:validator",
        "    Ben approved 2 h ago: fine",
        "",
        "gate production: no",
        "  validate: Waits for Ana Ruiz.",
    ]


VERSION: dict[str, Any] = {
    "model": "fraud", "version": "14", "status": "in_review", "sequence": 12,
    "lifecycle": "classic-ml", "risk": "high",
    "artifacts": [{"name": "model", "uri": "s3://models/14", "digest": "sha256:" + "a" * 64}],
    "explanation": {"summary": "validate waits for Ana Ruiz."},
    "stages": [
        {
            "name": "validate", "status": "asking", "round": 2, "since": at(hours=2, minutes=10),
            "explanation": {
                "summary": "Waits for Ana Ruiz.",
                "waiting": [
                    {"kind": "owner", "who": "ana", "name": "Ana Ruiz", "stage": "validate",
                     "since": at(hours=2), "due": at(hours=-3, minutes=-10, seconds=-50),
                     "why": "Ana Ruiz holds validator."}
                ],
                "upcoming": {"at": at(hours=-1, minutes=-10), "what": "Dee Park is told."},
            },
            "evidence": [{"name": "vuln_scan", "is_met": False, "why": "It is too old."}],
            "signoffs": [
                {
                    "id": "fraud:14:validate:2:validator", "model": "fraud", "version": "14",
                    "stage": "validate", "round": 2, "role": "validator", "status": "pending",
                    "statement": "I reviewed it.", "revision": "sha256:" + "1" * 64,
                    "needed": 2, "approved": 1, "asked_at": at(hours=2),
                    "due": at(hours=-3, minutes=-10, seconds=-50),
                    "decisions": [
                        {"person": "ben", "name": "Ben", "decision": "approve", "round": 2,
                         "at": at(hours=2, minutes=10), "comment": "fine", "revision": "x"}
                    ],
                }
            ],
        }
    ],
    "gates": [
        {"gate": "production", "allowed": False, "reasons": ["validate: Waits for Ana Ruiz."]}
    ],
}  # fmt: skip
