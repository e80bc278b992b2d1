"""What people ask for at a terminal beside signing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke

ID = "fraud-scorer:14:validate:1:validator"
SIGNOFF = "/v1/signoffs/fraud-scorer%3A14%3Avalidate%3A1%3Avalidator"
VERSION = "/v1/models/fraud-scorer/versions/rc%2F14"
MODEL = ("fraud-scorer", "rc/14")
NEW = "sha256:" + "2" * 64


def told(**view: Any) -> Answer:
    said = {"explanation": {"summary": "Waiting for Ben Ode."}, **view}
    return Answer(200, {"sequence": 9, "recorded": True, "changed": True, "view": said})


VERBS: list[tuple[list[str], str, dict[str, Any], str]] = [
    (
        ["withdraw", ID, "--reason", "Wrong report."],
        f"{SIGNOFF}/withdrawals",
        {"reason": "Wrong report."},
        "Your answer is withdrawn.",
    ),
    (
        ["withdraw", *MODEL],
        f"{VERSION}/withdrawals",
        {"reason": ""},
        "The request for review of fraud-scorer rc/14 is withdrawn.",
    ),
    (
        ["delegate", ID, "--to", "cho", "--until", "2026-12-01T00:00:00+00:00"],
        f"{SIGNOFF}/delegations",
        {"to": "cho", "until": "2026-12-01T00:00:00+00:00", "reason": ""},
        "cho may answer in your place.",
    ),
    (
        ["delegate", ID, "--back"],
        f"{SIGNOFF}/delegations",
        {"reason": ""},
        "The delegation is taken back.",
    ),
    (["ack", ID], f"{SIGNOFF}/acknowledgements", {}, "You are not reminded again"),
    (
        ["snooze", ID, "--until", "2026-12-01T08:00:00Z"],
        f"{SIGNOFF}/snoozes",
        {"until": "2026-12-01T08:00:00+00:00"},
        "You are not reminded before 2026-12-01 08:00 UTC.",
    ),
    (
        ["ask", ID, "Which slice?"],
        f"{SIGNOFF}/questions",
        {"text": "Which slice?"},
        "The producers are asked",
    ),
    (
        ["answer", *MODEL, "1", "The new accounts."],
        f"{VERSION}/answers",
        {"question": "1", "text": "The new accounts."},
        "Question 1 is answered.",
    ),
    (
        ["override", *MODEL, "--gate", "production", "--hours", "4", "--reason", "Fraud wave."],
        f"{VERSION}/overrides",
        {"gate": "production", "hours": 4, "reason": "Fraud wave."},
        "production is open for 4 h (override 10).",
    ),
    (
        ["override", *MODEL, "--end", "1"],
        f"{VERSION}/overrides",
        {"end": "1", "reason": ""},
        "Override 1 is over.",
    ),
    (
        ["release", *MODEL, "validate", "--reason", "Fixed."],
        f"{VERSION}/releases",
        {"stage": "validate", "reason": "Fixed."},
        "validate of fraud-scorer rc/14 goes on.",
    ),
    (
        ["finding", "open", *MODEL, "Recall drops", "--severity", "high", "--stage", "validate"],
        f"{VERSION}/findings",
        {"title": "Recall drops", "severity": "high", "stage": "validate"},
        "Finding 2 is open.",
    ),
    (
        ["finding", "close", *MODEL, "2", "Retrained."],
        f"{VERSION}/resolutions",
        {"finding": "2", "resolution": "Retrained."},
        "Finding 2 is closed.",
    ),
    (
        ["finding", "accept", *MODEL, "2", "--reason", "Small."],
        f"{VERSION}/acceptances",
        {"finding": "2", "reason": "Small."},
        "The risk of finding 2",
    ),
    (
        ["condition", "met", *MODEL, "1", "--comment", "Live."],
        f"{VERSION}/conditions",
        {"condition": "1", "comment": "Live."},
        "Condition 1 is met.",
    ),
    (
        ["migrate-version", *MODEL, "--to", NEW, "--yes", "--json"],
        f"{VERSION}/migrations",
        {"lifecycle_digest": NEW, "reason": ""},
        '"sequence": 9',
    ),
]


def name_of(case: object) -> str | None:
    return " ".join(case[:2]) if isinstance(case, list) else ""


@pytest.mark.parametrize(("command", "path", "body", "said"), VERBS, ids=name_of)
def test_a_verb_is_sent_once_under_a_key_and_told(
    server: Server,
    invoke: Invoke,
    in_zone: Any,
    command: list[str],
    path: str,
    body: dict[str, Any],
    said: str,
) -> None:
    in_zone("UTC")
    view = {"findings": [{"id": "1"}, {"id": "2"}], "overrides": [{"id": "10"}, {"id": "9"}]}
    server.on("POST", path, told(**view))

    result = invoke(*command, "--idempotency-key", "mine")

    assert result.exit_code == 0, result.output
    (sent,) = server.requests
    assert sent.body == body
    assert sent.headers["idempotency-key"] == "mine"
    assert said in result.stdout
    assert "Waiting for Ben Ode." in result.stdout


@pytest.mark.parametrize(("command", "path", "body", "said"), VERBS, ids=name_of)
def test_a_refused_verb_is_the_sentence_of_the_rules(
    server: Server,
    invoke: Invoke,
    command: list[str],
    path: str,
    body: dict[str, Any],
    said: str,
) -> None:
    del body, said
    server.on("POST", path, problem(422, "Nobody asked you."))

    result = invoke(*command)

    assert (result.exit_code, result.stderr) == (1, "Nobody asked you.\n")


@pytest.mark.parametrize(
    "command",
    [
        ["delegate", ID],
        ["delegate", ID, "--to", "cho", "--back"],
        ["delegate", ID, "--to", "cho", "--until", "soon"],
        ["snooze", ID],
        ["snooze", ID, "--for", "4h", "--until", "2026-12-01"],
        ["snooze", ID, "--until", "9999-99-99"],
        ["override", *MODEL],
        ["override", *MODEL, "--gate", "production", "--hours", "4"],
        ["override", *MODEL, "--gate", "production", "--hours", "0", "--reason", "x"],
        ["override", *MODEL, "--end", "1", "--gate", "production"],
        ["finding", "open", *MODEL, "Wrong."],
        ["finding", "open", *MODEL, "Wrong.", "--severity", "awful"],
        ["migrate-version", *MODEL],
        ["migrate-version", *MODEL, "--to", "abc", "--yes"],
        ["sign", ID, "approve", "--yes", "--condition", "Watched"],
        ["sign", ID, "approve", "--yes", "--due", "2026-12-01"],
        ["condition", "met", *MODEL],
    ],
    ids=name_of,
)
def test_a_verb_without_what_it_needs_is_usage_and_sends_nothing(
    server: Server, invoke: Invoke, command: list[str]
) -> None:
    result = invoke(*command)

    assert result.exit_code == 2, result.output
    assert not server.requests


def test_a_snooze_for_a_while_ends_that_long_from_now(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{SIGNOFF}/snoozes", told())

    result = invoke("snooze", ID, "--for", "4h")

    assert result.exit_code == 0
    until = datetime.fromisoformat(server.requests[0].body["until"])
    left = until - datetime.now(UTC)  # noqa: TID251 - the command reads the real clock too
    assert timedelta(hours=3, minutes=59) < left <= timedelta(hours=4)


@pytest.mark.usefixtures("hasty")
def test_a_verb_of_unknown_outcome_says_how_to_repeat_it(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{SIGNOFF}/questions", problem(504, "Not known."))

    result = invoke("ask", ID, "Which slice?")

    assert result.exit_code == 1
    (key,) = {request.headers["idempotency-key"] for request in server.requests}
    assert f"add --idempotency-key {key}" in result.stderr


FORESEEN = Answer(
    200,
    {"lifecycle": "classic-ml", "lifecycle_digest": NEW, "sequence": 8,
     "changes": ["validate begins round 2: The lifecycle changed."]},
)  # fmt: skip


def test_the_difference_is_printed_before_a_version_is_moved(
    server: Server, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.migrating.is_terminal", lambda: True)
    server.on("POST", f"{VERSION}/migrations", FORESEEN, told())

    result = invoke("migrate-version", *MODEL, typed="y\n")

    assert result.exit_code == 0, result.output
    look, move = server.requests
    assert look.body == {"reason": "", "dry_run": True}
    assert move.body == {"reason": "", "lifecycle_digest": NEW}
    shown = result.stdout
    assert shown.index("validate begins round 2") < shown.index("Move it?")


@pytest.mark.parametrize("arguments", [["--dry-run"], []])
def test_a_version_is_not_moved_by_looking_or_by_saying_no(
    server: Server, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("api.cli.migrating.is_terminal", lambda: True)
    server.on("POST", f"{VERSION}/migrations", FORESEEN, told())

    result = invoke("migrate-version", *MODEL, *arguments, typed="n\n")

    assert result.exit_code == (0 if arguments else 1)
    assert [one.body.get("dry_run") for one in server.requests] == [True]
    assert "validate begins round 2" in result.stdout


def test_an_approval_on_conditions_names_their_dates(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{SIGNOFF}/decisions", told())
    on = ("--condition", "Watched", "--condition", "Documented")

    one = invoke("sign", ID, "approve", "--revision", "r", *on, "--due", "2026-12-01T00:00Z")
    two = invoke(
        "sign", ID, "approve", "--revision", "r", *on, "--due", "2026-12-01T00:00Z",
        "--due", "2026-12-02T00:00Z",
    )  # fmt: skip

    assert (one.exit_code, two.exit_code) == (0, 0), one.output + two.output
    for request, second in zip(server.requests, ("01", "02"), strict=True):
        first_due, second_due = [one["due"] for one in request.body["conditions"]]
        assert datetime.fromisoformat(first_due) == datetime(2026, 12, 1, tzinfo=UTC)
        assert datetime.fromisoformat(second_due) == datetime(2026, 12, int(second), tzinfo=UTC)


def test_a_request_for_changes_names_its_reasons(server: Server, invoke: Invoke) -> None:
    server.on("POST", f"{SIGNOFF}/decisions", told())

    invoke(
        "sign", ID, "request-changes", "--revision", "r", "--comment", "No.",
        "--reason", "bias", "--reason", "leakage",
    )  # fmt: skip

    assert server.requests[0].body["reasons"] == ["bias", "leakage"]


def test_a_request_and_a_registration_carry_what_is_new(
    server: Server, invoke: Invoke, tmp_path: Any
) -> None:
    (tmp_path / "model").write_text("bytes")
    server.on("POST", "/v1/models/fraud-scorer/versions/14/requests", told())
    server.on("POST", "/v1/models/fraud-scorer/versions", told())

    invoke("request", "fraud-scorer", "14", "--effective-at", "2026-12-01T00:00:00Z")
    invoke(
        "register", "fraud-scorer", "14", "--artifact", str(tmp_path / "model"),
        "--commit-author", "git:ana-r", "--commit-author", "git:ben-o",
    )  # fmt: skip

    asked, registered = server.requests
    assert datetime.fromisoformat(asked.body["effective_at"]) == datetime(2026, 12, 1, tzinfo=UTC)
    assert registered.body["commit_authors"] == ["git:ana-r", "git:ben-o"]
