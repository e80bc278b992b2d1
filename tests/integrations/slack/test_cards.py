import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.slack import cards, controls, modals
from integrations.slack.clicks import Choice
from integrations.slack.sandbox.content import refuse_blocks, refuse_text_of_update
from integrations.slack.sandbox.view_rules import check_view
from lifecycle.state import SignoffStatus
from lifecycle.view_parts import DelegationView
from tests.integrations.slack.examples import (
    DIGEST,
    NOON,
    STATEMENT,
    WORST,
    approval,
    asked,
    condition,
    dissent,
    largest,
    question,
    signoff,
)


def words(found: Any) -> Iterator[str]:
    """Every text in blocks, but not ids and values."""
    if isinstance(found, dict):
        if isinstance(found.get("text"), str):
            yield found["text"]
        for item in found.values():
            yield from words(item)
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from words(item)


def shown(message: cards.Message) -> str:
    return "\n".join(words(list(message.blocks)))


def shown_modal(view: dict[str, Any]) -> str:
    return "\n".join(words(view["blocks"]))


def formatted(found: Any) -> Iterator[str]:
    """Every text that Slack parses."""
    if isinstance(found, dict):
        if found.get("type") == "mrkdwn":
            yield found["text"]
        for item in found.values():
            yield from formatted(item)
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from formatted(item)


def actions(message: cards.Message) -> list[str]:
    return [
        element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def accept(message: cards.Message) -> None:
    assert message.text
    refuse_text_of_update(message.text)
    refuse_blocks(json.loads(json.dumps(message.blocks)))


def test_a_card_says_what_is_signed_about_what_by_whom_until_when() -> None:
    card = shown(cards.owner_card(signoff(others=("security: Dee Park must sign.",)), "ana"))
    for expected in (
        STATEMENT,
        "`fraud-scorer` version `14`",
        "stage `validate`, round 1",
        "risk `high`",
        "`abababababab`",
        ":white_check_mark: `evaluation` (`value.auc &gt;= 0.9`): passed",
        "1 of validator needed",
        "Ana Ruiz, Ben Ode",
        "security: Dee Park must sign.",
        f"Due <!date^{int((NOON + timedelta(days=3)).timestamp())}^",
        "Ana Ruiz is reminded.",
    ):
        assert expected in card


def test_a_card_begins_with_the_statement_and_then_says_who_is_asked_and_why() -> None:
    statement, heading = cards.owner_card(signoff(), "ana").blocks[:2]
    assert STATEMENT in words(statement)
    assert heading["text"]["text"].endswith("You are asked as owner of `validator`.")
    channel = cards.channel_card(signoff(any_of=("security", "ciso"), advisory=True))
    assert "Asked of owner of `security` or `ciso`. It is advice" in shown(channel)
    assert "in the place of `validator`" in shown(cards.owner_card(signoff(fallback="ciso"), "ana"))


def test_evidence_shows_what_was_measured_and_links_its_report() -> None:
    report = {
        "name": "evaluation",
        "is_met": False,
        "why": "value.auc is too low",
        "require": "value.auc >= 0.9 && value.bias.gap < 0.1",
        "value": {"auc": 0.85, "bias": {"gap": 0.02}},
        "uri": "https://ci.example/reports/7?a=1&b=2|3",
    }
    card = shown(cards.owner_card(signoff(evidence=(report,)), "ana"))
    assert "`auc` = `0.85` · `bias.gap` = `0.02`" in card
    assert "<https://ci.example/reports/7?a=1&amp;b=2%7C3|report at ci.example>" in card


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "s3://models/report.json",
        "https://bank.example@evil.example/",
        "https://evil.example/> <!channel>",
        "https://ex\u00e4mple.org/",
        "https://[broken/",
        "https:///nowhere",
        "https://long.example/" + "x" * 500,
    ],
)
def test_an_address_that_is_not_safe_or_short_is_not_linked(uri: str) -> None:
    report = {"name": "evaluation", "is_met": True, "why": "passed", "uri": uri}
    card = cards.owner_card(signoff(evidence=(report,)), "ana")
    for text in formatted(card.blocks):
        assert "|report" not in text
        assert "<!channel" not in text
    accept(card)


def test_an_artifact_that_the_web_serves_is_linked() -> None:
    there = {"name": "model", "uri": "https://models.example/14", "digest": DIGEST}
    elsewhere = {"name": "weights", "uri": "s3://models/14", "digest": None}
    card = shown(cards.channel_card(signoff(artifacts=(there, elsewhere))))
    assert "`model` `abababababab` <https://models.example/14|open at models.example>" in card
    assert "`weights` digest not known yet\n" in f"{card}\n"


def test_each_reader_sees_what_changed_since_their_own_last_approval() -> None:
    changed = {"ana": ("artifact model changed from 5ffd to c4de.",), "ben": ()}
    view = signoff(changed_since=changed, asked=asked("ana", "ben", "cho"))
    assert "artifact model changed from 5ffd to c4de." in shown(cards.owner_card(view, "ana"))
    assert "nothing of what you sign for has changed" in shown(cards.owner_card(view, "ben"))
    for card in (cards.owner_card(view, "cho"), cards.channel_card(view)):
        assert "your last approval" not in shown(card)


def test_objections_and_questions_are_on_the_card_and_the_clock_stands() -> None:
    answered = question(answer="May and June.", answered_by="cho", answered_at=NOON)
    view = signoff(
        dissents=(dissent(), dissent(comment="Solved.", approved_since=True)),
        questions=(question(), answered),
        paused_since=NOON,
        due=None,
    )
    card = shown(cards.channel_card(view))
    assert "Ben Ode objects: The holdout leaks." in card
    assert "Solved." not in card
    assert "Ana Ruiz asked: Which months are in the holdout?" in card
    assert "May and June." in card
    assert "The clock stands since <!date^" in card


def test_the_reader_sees_their_own_state_and_others_that_somebody_is_on_it() -> None:
    first, second = asked("ana", "ben")
    on_it = first.model_copy(update={"has_acknowledged": True, "snoozed_until": NOON})
    given = DelegationView(person="ana", name="Ana Ruiz", to="cho", to_name="Cho Min", until=NOON)
    view = signoff(asked=(on_it, second), delegations=(given,))
    mine = shown(cards.owner_card(view, "ana"))
    assert "You said that you are on it" in mine
    assert "You asked for a reminder at <!date^" in mine
    assert "You delegated this to Cho Min until <!date^" in mine
    theirs = shown(cards.owner_card(view, "ben"))
    assert "You said" not in theirs
    assert "Ana Ruiz (on it, snoozed until <!date^" in theirs
    assert "Cho Min may sign for Ana Ruiz until <!date^" in shown_modal(modals.details(view))


def test_everybody_sees_for_whom_a_delegate_can_sign() -> None:
    ana, dee = asked("ana", "dee")
    stand_in = dee.model_copy(update={"right": "delegation", "on_behalf_of": "ana"})
    view = signoff(asked=(ana, stand_in), can_decide=("ana", "dee"))
    assert "*Asked:* Ana Ruiz, Dee Park (for Ana Ruiz)" in shown(cards.channel_card(view))


def test_an_approval_says_for_whom_by_what_right_and_on_which_condition() -> None:
    given = approval("cho", on_behalf_of="ana", right="escalation", conditions=(condition(),))
    view = signoff(status=SignoffStatus.APPROVED, decisions=(given,), can_decide=())
    card = shown(cards.channel_card(view))
    assert "Approved by Cho Min on behalf of Ana Ruiz (escalated), <!date^" in card
    assert "• Repeat the fairness test, by <!date^" in card


def test_unmet_evidence_says_why() -> None:
    view = signoff(evidence=({"name": "vuln_scan", "is_met": False, "why": "is 9 days old"},))
    assert ":x: `vuln_scan`: is 9 days old" in shown(cards.channel_card(view))


def test_who_can_decide_gets_buttons_and_who_cannot_gets_details_only() -> None:
    view = signoff(can_decide=("ben",))
    offered = ["approve", "approve_with", "request_changes", "more"]
    assert actions(cards.owner_card(view, "ben")) == offered
    assert actions(cards.owner_card(view, "ana")) == ["details"]
    assert actions(cards.channel_card(view)) == offered


def test_a_statement_to_confirm_has_another_button() -> None:
    offered = ["approve_confirm", "request_changes", "more"]
    assert actions(cards.owner_card(signoff(confirm=True), "ana")) == offered
    assert actions(cards.owner_card(signoff(comment_required=True), "ana")) == offered


def test_the_menu_offers_what_there_is_beside_an_answer() -> None:
    controls_of = cards.owner_card(signoff(), "ana").blocks[-1]["elements"]
    menu = controls_of[-1]
    values = [option["value"] for option in menu["options"]]
    assert (menu["type"], values) == (
        "overflow",
        ["delegate", "snooze", "on_it", "ask", "details"],
    )
    assert all(each["accessibility_label"] for each in controls_of[:-1])


def test_one_of_two_approvals_says_how_many_more() -> None:
    view = signoff(
        role="security", needed=2, approved=1, decisions=(approval("ana"),), can_decide=("ben",)
    )
    card = shown(cards.owner_card(view, "ana"))
    assert "Approved by Ana Ruiz, <!date^" in card
    assert "; 1 more of security needed." in card


def test_a_decided_card_names_who_decided_and_has_no_decision_buttons() -> None:
    view = signoff(
        status=SignoffStatus.APPROVED, approved=1, decisions=(approval("ana"),), can_decide=()
    )
    card = cards.owner_card(view, "ana")
    assert "Approved by Ana Ruiz" in shown(card)
    assert actions(card) == ["details"]


def test_requested_changes_show_the_reason() -> None:
    refusal = approval("ben", decision="request_changes", comment="The holdout leaks.")
    view = signoff(status=SignoffStatus.CHANGES_REQUESTED, decisions=(refusal,), can_decide=())
    assert "Changes requested by Ben Ode" in shown(cards.channel_card(view))
    assert "The holdout leaks." in shown(cards.channel_card(view))


def test_a_void_card_says_why() -> None:
    view = signoff(status=SignoffStatus.VOID, why="the bytes of model changed", can_decide=())
    card = cards.channel_card(view)
    assert "Void: the bytes of model changed" in shown(card)
    assert actions(card) == ["details"]


def test_who_is_asked_by_escalation_reads_why() -> None:
    view = signoff(asked=asked("dee", right="escalation"), can_decide=("dee",))
    assert "recorded as escalated" in shown(cards.owner_card(view, "dee"))


@pytest.mark.parametrize("field", ["why", "role", "explanation"])
def test_names_from_outside_neither_mention_nor_link_nor_format(field: str) -> None:
    hostile = "<!channel> <@U1> <https://evil|x> *bold* `code`"
    view = signoff(**{field: hostile, "others": (hostile,), "asked": asked(hostile)})
    for found in (cards.channel_card(view).blocks, modals.details(view)["blocks"]):
        for text in formatted(found):
            assert "<!channel" not in text
            assert "<@U1" not in text
            assert "<https" not in text
            assert "*bold*" not in text
    assert "<" not in cards.channel_card(view).text


def test_no_text_is_searched_for_links() -> None:
    for block in cards.channel_card(signoff(others=("see https://evil.example",))).blocks:
        for text in [block.get("text"), *block.get("elements", [])]:
            if isinstance(text, dict) and text.get("type") == "mrkdwn":
                assert text["verbatim"] is True


def test_hidden_and_turning_characters_are_taken_out() -> None:
    card = shown(
        cards.channel_card(signoff(asked=asked("a\u202eb\u200bc"), can_decide=("a\u202eb\u200bc",)))
    )
    assert "abc" in card


def test_the_statement_is_shown_whole_and_exactly() -> None:
    statement = (WORST * 100)[:1000]
    card = cards.channel_card(signoff(statement=statement))
    quoted = next(block for block in card.blocks if block.get("block_id") == "statement")
    assert quoted["elements"][0]["elements"][0]["text"] == statement


def test_button_values_carry_sign_off_revision_and_where_to() -> None:
    view = signoff(send_back_to=("data", "validate"))
    values = {
        element["action_id"]: Choice.parse(element["value"])
        for block in cards.channel_card(view).blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    }
    assert values["approve"] == Choice(signoff=view.id, revision=DIGEST)
    assert values["request_changes"].send_back_to == ("data", "validate")


def test_button_values_carry_the_reasons_that_a_lifecycle_lists_even_without_stages() -> None:
    view = signoff(send_back_to=(), reasons={"bias": "It shows bias.", "data": "No lineage."})
    assert Choice.parse(controls.choice(view).value()).reasons == ("bias", "data")
    many = {f"reason-{number:02}" + "x" * 80: "Because." for number in range(40)}
    assert Choice.parse(controls.choice(signoff(reasons=many)).value()).is_cut


def test_the_same_view_has_the_same_hash_and_another_another() -> None:
    assert cards.channel_card(signoff()).hash == cards.channel_card(signoff()).hash
    assert cards.channel_card(signoff()).hash != cards.channel_card(signoff(round=2)).hash


@pytest.mark.parametrize("status", list(SignoffStatus))
def test_the_largest_view_fits_every_limit_of_slack(status: SignoffStatus) -> None:
    view = largest().model_copy(update={"status": status, "why": (WORST * 99)[:1000]})
    accept(cards.owner_card(view, view.can_decide[0]))
    accept(cards.channel_card(view))
    accept(cards.told_card(view, (WORST * 300)[:2000]))
    check_view(modals.details(view), "modal")
