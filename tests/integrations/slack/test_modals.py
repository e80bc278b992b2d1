import json

from integrations.database.open_requests import OpenRequest
from integrations.slack import asking_modals, controls, digests, modals, notices
from integrations.slack.clicks import Choice, ReplyTo
from integrations.slack.day_times import snooze_choices
from integrations.slack.sandbox.view_rules import check_view
from lifecycle.view import SignoffView
from tests.integrations.slack.examples import (
    DIGEST,
    NOON,
    WORST,
    approval,
    largest,
    notice,
    signoff,
    version,
)
from tests.integrations.slack.test_cards import accept, words

HERE = ReplyTo(team="T0SANDBOX01", channel="C0SBX000001", user="U0SBX000001", message_ts="1.000001")
ZONE = "America/Argentina/ComodRivadavia"
"""The longest name of a zone."""


def test_the_largest_modals_fit_every_limit_of_slack() -> None:
    view = largest()
    choice = Choice.parse(controls.choice(view).value())
    check_view(modals.confirm_approval(choice, view.statement, HERE), "modal")
    assert choice.is_cut
    check_view(
        modals.confirm_approval(choice, view.statement, HERE, ZONE, is_comment_optional=True),
        "modal",
    )
    read = {"send_back_to": view.send_back_to, "reasons": tuple(view.reasons)}
    whole = choice.model_copy(update=read)
    check_view(modals.request_changes(whole, HERE, view.reasons), "modal")
    check_view(asking_modals.delegate(choice, HERE, ZONE, can_take_back=True), "modal")
    check_view(asking_modals.snooze(choice, HERE, snooze_choices(NOON, ZONE)), "modal")
    check_view(asking_modals.ask(choice, HERE), "modal")


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
        view.model_dump(include=OpenRequest.model_fields.keys() - {"asked"})
    )
    link = "https://sandbox.slack.com/archives/D0123456789/p1767225600000100"
    entries = [digests.Entry(request, link)] * 1_000
    message = digests.digest_message(entries)
    accept(message)
    assert len(message.blocks) > 5
    small = [digests.Entry(request.model_copy(update={"version": "1"}), link)] * 46
    accept(digests.digest_message(small))
