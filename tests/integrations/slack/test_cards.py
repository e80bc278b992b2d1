import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.database.open_requests import OpenRequest
from integrations.slack import cards, digests, modals, notices
from integrations.slack.clicks import Choice, ReplyTo
from integrations.slack.sandbox.content import refuse_blocks, refuse_text_of_update
from integrations.slack.sandbox.view_rules import check_view
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView
from tests.integrations.slack.examples import (
    DIGEST,
    NOON,
    STATEMENT,
    WORST,
    approval,
    asked,
    largest,
    notice,
    signoff,
    version,
)

HERE = ReplyTo(team="T0SANDBOX01", channel="C0SBX000001", user="U0SBX000001", message_ts="1.000001")


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


def test_unmet_evidence_says_why() -> None:
    view = signoff(evidence=({"name": "vuln_scan", "is_met": False, "why": "is 9 days old"},))
    assert ":x: `vuln_scan`: is 9 days old" in shown(cards.channel_card(view))


def test_who_can_decide_gets_buttons_and_who_cannot_gets_details_only() -> None:
    view = signoff(can_decide=("ben",))
    assert actions(cards.owner_card(view, "ben")) == ["approve", "request_changes", "details"]
    assert actions(cards.owner_card(view, "ana")) == ["details"]
    assert actions(cards.channel_card(view)) == ["approve", "request_changes", "details"]


def test_a_statement_to_confirm_has_another_button() -> None:
    assert "approve_confirm" in actions(cards.owner_card(signoff(confirm=True), "ana"))


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
    }
    assert values["approve"] == Choice(signoff=view.id, revision=DIGEST)
    assert values["request_changes"].send_back_to == ("data", "validate")


def test_button_values_carry_the_reasons_that_a_lifecycle_lists_even_without_stages() -> None:
    view = signoff(send_back_to=(), reasons={"bias": "It shows bias.", "data": "No lineage."})
    assert Choice.parse(cards.choice(view).value()).reasons == ("bias", "data")
    many = {f"reason-{number:02}" + "x" * 80: "Because." for number in range(40)}
    assert Choice.parse(cards.choice(signoff(reasons=many)).value()).is_cut


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


def test_the_largest_modals_fit_every_limit_of_slack() -> None:
    view = largest()
    choice = Choice.parse(cards.choice(view).value())
    check_view(modals.confirm_approval(choice, view.statement, HERE), "modal")
    assert choice.is_cut
    whole = choice.model_copy(update={"send_back_to": view.send_back_to})
    check_view(modals.request_changes(whole, HERE), "modal")


def test_the_largest_notice_fits_every_limit_of_slack() -> None:
    view = largest()
    long = notice("reminder", "ana", text=(WORST * 300)[:3000])
    accept(notices.notice_message(long, version(view, model=view.model, version=view.version)))


def test_request_changes_offers_a_choice_only_when_there_is_one() -> None:
    one = modals.request_changes(
        Choice(signoff=signoff().id, revision="r", send_back_to=("a",)), HERE
    )
    two = modals.request_changes(
        Choice(signoff=signoff().id, revision="r", send_back_to=("a", "b")), HERE
    )
    assert [block.get("block_id") for block in one["blocks"]] == [None, "reason"]
    assert [block.get("block_id") for block in two["blocks"]] == [None, "reason", "send_back_to"]
    assert json.loads(one["private_metadata"])["send_back_to"] == "a"


def test_details_show_evidence_decisions_and_explanation() -> None:
    view: SignoffView = signoff(decisions=(approval("ana", comment="Looks right."),))
    modal = "\n".join(words(modals.details(view)["blocks"]))
    for expected in ("Looks right.", "Waiting for Ana Ruiz or Ben Ode.", "artifact model", DIGEST):
        assert expected in modal


def test_the_largest_digest_fits_every_limit_of_slack() -> None:
    view = largest()
    request = OpenRequest.model_validate(
        {name: getattr(view, name) for name in OpenRequest.model_fields if name != "asked"}
    )
    link = "https://sandbox.slack.com/archives/D0123456789/p1767225600000100"
    entries = [digests.Entry(request, link)] * 1_000
    message = digests.digest_message(entries)
    accept(message)
    assert len(message.blocks) > 5
    small = [digests.Entry(request.model_copy(update={"version": "1"}), link)] * 46
    accept(digests.digest_message(small))
