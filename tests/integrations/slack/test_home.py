"""The home tab as blocks, and that Slack takes the largest there can be."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.database.person_overview import (
    Decided,
    Delegated,
    HeldRole,
    Offered,
    OwnedModel,
    PersonOverview,
    Report,
    Requested,
)
from integrations.slack import controls
from integrations.slack.away_form import away_form
from integrations.slack.home import (
    MORE,
    MOST_REQUESTS,
    Mark,
    home_view,
    start_of,
    statement_in,
    stranger_view,
)
from integrations.slack.home_lists import list_view
from integrations.slack.sandbox.view_rules import check_view
from lifecycle.roster import Away
from lifecycle.values import signoff_id
from lifecycle.view import AskedView, Upcoming
from lifecycle.view_parts import DelegationView
from tests.integrations.slack.examples import DIGEST, NOON, STATEMENT, WORST, signoff
from tests.integrations.slack.test_cards import formatted, words

DAY = timedelta(days=1)
SMILE = "\N{GRINNING FACE}"


def requested(number: int = 0, **fields: Any) -> Requested:
    known: dict[str, Any] = {
        "model": "fraud-scorer",
        "version": str(number),
        "stage": "validate",
        "round": 1,
        "role": "validator",
        "asked_at": NOON,
        "due": NOON + DAY,
        "statement": STATEMENT,
        "revision": DIGEST,
        "place": number,
        **fields,
    }
    parts = (known["model"], known["version"], known["stage"], known["round"], known["role"])
    return Requested(**{"id": signoff_id(*parts), **known})


def overview(*requests: Requested, **fields: Any) -> PersonOverview:
    known = {"person": "ana", "name": "Ana Ruiz", "requests": requests, "total": len(requests)}
    return PersonOverview(**{**known, **fields})


def largest(count: int = MOST_REQUESTS) -> PersonOverview:
    """Reach every limit at once, in awkward characters."""
    name, label = "n" * 100, (WORST * 20)[:200]
    hard: dict[str, Any] = {
        "model": name,
        "version": SMILE * 100,
        "stage": name,
        "role": name,
        "round": 99_999,
        "risk": "critical",
        "statement": (WORST * 100)[:900] + SMILE * 100,
        "send_back_to": tuple(f"{'t' * 97}{number:02}" for number in range(50)),
        "reasons": tuple(f"{'r' * 97}{number:02}" for number in range(50)),
        "needed": 500,
        "evidence": 64,
        "unmet": 64,
        "asked": AskedView(person="p", name=label, right="delegation", on_behalf_of=name),
        "changed": (label * 10,) * 64,
        "upcoming": Upcoming(at=NOON, what=WORST * 100),
        "blocks": 99,
    }
    given = DelegationView(person="ana", name=label, to=name, to_name=label, until=NOON)
    thing = {"id": "x" * 1600, "model": name, "version": SMILE * 100, "role": name}
    away = Away.model_validate({"from": NOON, "until": NOON + DAY, "delegate": name})
    return overview(
        *(requested(1_000 + number, **hard) for number in range(count)),
        total=100_000,
        overdue=99_999,
        is_manager=True,
        away=(away,) * 100,
        names={name: label},
        delegated=tuple(Delegated(**thing, due=NOON, given=given) for _ in range(10)),
        delegated_in_all=10_000,
        owned=tuple(
            OwnedModel(model=name, roles=(HeldRole(role=name, through=f"group:{name}"),) * 50)
            for _ in range(10)
        ),
        owned_in_all=10_000,
        offered=(Offered(model=name, role=name, giver=name),) * 10,
        decided=tuple(
            Decided(**thing, status="changes_requested", decision="request_changes", at=NOON)
            for _ in range(10)
        ),
        reports=(Report(person=name, name=label, waiting=9_999, overdue=9_999, due=NOON),) * 10,
        reports_in_all=500,
    )


def buttons(view: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in view["blocks"]:
        if block["type"] == "actions":
            yield from block["elements"]


def shown(view: dict[str, Any]) -> str:
    return "\n".join(words(view["blocks"]))


def test_the_largest_home_is_one_that_slack_takes() -> None:
    found = largest()
    refused = {
        one.id: Mark(
            signoff=one.id, model=one.model, version=one.version, role=one.role, refusal=WORST * 99
        )
        for one in found.requests
    }
    gone = {
        str(number): Mark(
            signoff=f"gone-{number}",
            model="n" * 100,
            version=SMILE * 100,
            role="n" * 100,
            refusal=WORST * 99,
        )
        for number in range(50)
    }
    for marks in ({}, refused, {**refused, **gone}):
        view = home_view(found, NOON, marks)
        check_view(view, "home")
        assert "more" in shown(view)


def test_a_page_of_small_requests_is_full_and_within_the_blocks() -> None:
    view = home_view(overview(*(requested(n) for n in range(MOST_REQUESTS)), total=80), NOON)
    check_view(view, "home")
    approvals = [one for one in buttons(view) if one["action_id"] == "approve"]
    assert len(approvals) == MOST_REQUESTS
    [more] = [one for one in buttons(view) if one["action_id"] == MORE]
    assert (more["text"]["text"], more["value"]) == ("50 more", "30")


def test_a_page_that_size_cuts_short_goes_on_where_it_ended() -> None:
    found = largest()
    view = home_view(found, NOON)
    taken = [one for one in buttons(view) if one["action_id"] == "approve"]
    [more] = [one for one in buttons(view) if one["action_id"] == MORE]
    assert 0 < len(taken) < MOST_REQUESTS
    assert more["value"] == str(1_000 + len(taken))


def test_nothing_from_outside_is_parsed() -> None:
    view = home_view(largest(), NOON)
    for text in formatted(view["blocks"]):
        assert "<!channel>" not in text
        assert "\u202e" not in text


def test_the_buttons_are_those_of_a_card() -> None:
    one = requested(send_back_to=("data", "validate"), reasons=("bias",))
    view = home_view(overview(one), NOON)
    on_card = controls.buttons(
        signoff(version="0", send_back_to=one.send_back_to, reasons={"bias": "It is biased."}),
        is_open=True,
    )
    [acts] = [block for block in view["blocks"] if block.get("block_id") == "decide-0"]
    assert acts["elements"] == on_card["elements"]


def test_an_approval_with_words_is_confirmed_and_its_statement_is_read_exactly() -> None:
    statement = "I <accept> *this* & \n more."
    view = home_view(overview(requested(3, is_confirmed=True, statement=statement)), NOON)
    assert next(buttons(view))["action_id"] == "approve_confirm"
    assert statement_in(view["blocks"], "decide-3") == statement
    assert statement_in(view["blocks"], "decide-4") is None
    assert start_of(view) == 3
    assert start_of({"private_metadata": "[1]"}) == start_of({"private_metadata": "{"}) == 0


def test_an_item_that_is_being_recorded_has_no_buttons_and_one_refused_says_why() -> None:
    first, second = requested(0), requested(1)
    named = {"model": "fraud-scorer", "version": "x", "role": "validator"}
    marks = {
        first.id: Mark(signoff=first.id, **named),
        second.id: Mark(signoff=second.id, refusal="You produced it.", **named),
        "gone": Mark(signoff="gone", refusal="Round 1 is over.", **named),
    }
    view = home_view(overview(first, second), NOON, marks)
    values = [one["value"] for one in buttons(view) if one["action_id"] == "approve"]
    assert values == [f"{second.id}|{DIGEST}"]
    assert "Recording…" in shown(view)
    assert "Not recorded: You produced it." in shown(view)
    assert "Round 1 is over." in shown(view)


def test_who_is_on_it_or_snoozed_reads_so() -> None:
    asked = AskedView(person="ana", name="Ana", has_acknowledged=True, snoozed_until=NOON + DAY / 2)
    view = home_view(overview(requested(asked=asked)), NOON)
    assert "you are on it" in shown(view)
    assert "snoozed until" in shown(view)
    assert "snoozed until" not in shown(home_view(overview(requested(asked=asked)), NOON + DAY))


def test_an_empty_home_says_so() -> None:
    view = home_view(overview(), NOON)
    check_view(view, "home")
    assert "Nothing waits for you." in shown(view)
    assert "You are not away." in shown(view)


def test_the_largest_form_for_a_time_away_is_one_that_slack_takes() -> None:
    found = largest()
    check_view(away_form(found.away, found.names, NOON), "modal")


@pytest.mark.parametrize("name", ["owned", "delegated", "reports"])
def test_a_list_that_is_too_long_is_shown_in_a_modal_as_far_as_slack_takes_it(name: str) -> None:
    small = largest()
    whole = small.model_copy(
        update={
            "owned": small.owned * 30,
            "delegated": small.delegated * 30,
            "reports": small.reports * 30,
        }
    )
    view = list_view(whole, name, NOON)
    check_view(view, "modal")
    assert "more; the API lists them all." in shown(view)
    [all_] = [
        block["accessory"]
        for block in home_view(small, NOON)["blocks"]
        if block.get("accessory", {}).get("value") == name
    ]
    assert all_["action_id"] == "home_all"


def test_a_stranger_reads_what_to_do() -> None:
    view = stranger_view("Ask an administrator.")
    check_view(view, "home")
    assert "Ask an administrator." in json.dumps(view)
