"""Confirming Slack accounts at the command line."""

from typing import Any

import pytest

from tests.api.cli.answering import Answer, Server, problem
from tests.api.cli.conftest import Invoke
from tests.api.cli.test_lists import at, page, stopped_clock

__all__ = ["stopped_clock"]


def link(person: str, **more: Any) -> dict[str, Any]:
    return {
        "person": person, "name": person.title(), "state": "proposed", "how": "email",
        "enterprise": None, "team": "T1", "user": f"U-{person}", "slack_name": person.title(),
        "email": f"{person}@example.com", "by": "system", "at": at(hours=2), **more,
    }  # fmt: skip


def confirming(server: Server, *people: str) -> None:
    for person in people:
        server.on("PUT", f"/v1/people/{person}/slack/T1/U-{person}", Answer(200, {"changed": True}))


def sent(server: Server) -> list[str]:
    return [one.path for one in server.requests if one.method == "PUT"]


def test_links_show_the_names_on_both_sides(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/slack/accounts", page(link("ana", slack_name="Mallory \u202e\x1b[2J")))
    lines = invoke("slack", "links", "--proposed").stdout.splitlines()
    assert lines == [
        "PERSON  NAME  STATE     ACCOUNT   NAME IN SLACK  E-MAIL           SINCE",
        "ana     Ana   proposed  T1/U-ana  Mallory [2J    ana@example.com  2 h ago",
    ]
    assert "state=proposed" in server.requests[0].query


def test_none_that_waits_is_said(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/slack/accounts", page())
    assert "No account waits to be confirmed." in invoke("slack", "links", "--proposed").stderr


def test_the_one_account_that_is_proposed_is_confirmed(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/slack/accounts", page(link("ana")))
    confirming(server, "ana")
    result = invoke("people", "confirm", "ana")
    assert result.stdout == "T1/U-ana is ana's from now on.\n"
    assert "person=ana" in server.requests[0].query


def test_an_account_that_is_named_is_confirmed(server: Server, invoke: Invoke) -> None:
    confirming(server, "ana")
    assert invoke("people", "confirm", "ana", "--slack", "T1/U-ana").exit_code == 0
    assert sent(server) == ["/v1/people/ana/slack/T1/U-ana"]


@pytest.mark.parametrize(
    ("found", "words"),
    [((), "undersigned slack link"), ((link("ana"), link("ana", team="T2")), "T1/U-ana, T2/U-ana")],
)
def test_none_or_several_proposals_ask_for_the_account(
    server: Server, invoke: Invoke, found: tuple[dict[str, Any], ...], words: str
) -> None:
    server.on("GET", "/v1/slack/accounts", page(*found))
    result = invoke("people", "confirm", "ana")
    assert result.exit_code == 1
    assert words in result.stderr
    assert sent(server) == []


def test_all_are_confirmed_by_one_command(server: Server, invoke: Invoke) -> None:
    server.on("GET", "/v1/slack/accounts", page(link("ana"), link("ben")))
    confirming(server, "ana", "ben")
    assert invoke("people", "confirm", "--all", "--yes").exit_code == 0
    assert sent(server) == ["/v1/people/ana/slack/T1/U-ana", "/v1/people/ben/slack/T1/U-ben"]


@pytest.mark.parametrize(("answer", "confirmed"), [("y", 1), ("n", 0)])
def test_all_are_shown_before_somebody_says_yes(
    server: Server, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, answer: str, confirmed: int
) -> None:
    monkeypatch.setattr("api.cli.accounts.is_terminal", lambda: True)
    server.on("GET", "/v1/slack/accounts", page(link("ana")))
    confirming(server, "ana")
    result = invoke("people", "confirm", "--all", typed=f"{answer}\n")
    assert "ana@example.com" in result.stdout
    assert len(sent(server)) == confirmed


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("ana", "--all"),
        ("--all",),
        ("--all", "--yes", "--slack", "T1/U1"),
        ("ana", "--slack", "U1"),
    ],
)
def test_what_can_not_be_meant_is_a_usage_error(invoke: Invoke, words: tuple[str, ...]) -> None:
    assert invoke("people", "confirm", *words).exit_code == 2


def test_an_account_is_taken_back(server: Server, invoke: Invoke) -> None:
    server.on("DELETE", "/v1/people/ana/slack/T1/U1", Answer(204, {}))
    result = invoke("people", "unlink", "ana", "--slack", "T1/U1")
    assert result.stdout == "T1/U1 is not ana's any more.\n"


def test_what_is_refused_is_said(server: Server, invoke: Invoke) -> None:
    refused = problem(409, "It is confirmed as Ben's.")
    server.on("PUT", "/v1/people/ana/slack/T1/U1", refused)
    result = invoke("people", "confirm", "ana", "--slack", "T1/U1")
    assert (result.exit_code, "confirmed as Ben's" in result.stderr) == (1, True)


def test_a_code_is_alone_on_stdout_with_what_to_do_beside(server: Server, invoke: Invoke) -> None:
    made = {"code": "7QK4-M2ZP-9WT3", "person": "ana", "expires_at": at(hours=0)}
    server.on("POST", "/v1/people/%40me/slack-codes", Answer(201, made))
    result = invoke("slack", "link")
    assert result.stdout == "7QK4-M2ZP-9WT3\n"
    assert "/undersigned link 7QK4-M2ZP-9WT3" in result.stderr
    assert "decides as ana" in result.stderr


def test_what_keeps_an_account_from_deciding_is_listed(server: Server, invoke: Invoke) -> None:
    shown = link("ana", state="confirmed", how="code", barred="guest")
    server.on("GET", "/v1/slack/accounts", page(shown))
    assert "confirmed (code), guest" in invoke("slack", "links").stdout
