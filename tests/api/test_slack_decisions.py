import json
from collections.abc import AsyncIterator

import pytest

from integrations.slack.cards import Message
from integrations.slack.clicks import ClickNotRecorded
from integrations.slack.sandbox.faults import Refused
from integrations.slack.sandbox.records import Person
from tests.api.slack_app import Ingress, card, ingress, post
from tests.integrations.slack.examples import DIGEST, STATEMENT, signoff


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress() as found:
        yield found


@pytest.fixture
def ana(app: Ingress) -> Person:
    person = app.slack.add_person("Ana Ruiz", "ana@example.com")
    app.people[person.id] = "ana"
    return person


async def test_confirming_shows_the_statement_again_and_needs_a_comment(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana, signoff(confirm=True))
    delivery = await app.slack.click(ana, at.channel, at.ts, "approve_confirm")
    assert delivery.status == 200
    assert app.kept.clicks == []
    [view] = app.slack.open_views(ana)
    assert STATEMENT in json.dumps(view.blocks)
    await app.slack.submit_view(ana, values={"comment": {"comment": "   "}})
    [view] = app.slack.open_views(ana)
    assert view.errors == {"comment": "Please write a few words."}
    await app.slack.submit_view(ana, values={"comment": {"comment": "Residual risk is fine."}})
    assert app.slack.open_views(ana) == []
    [click], [command] = app.kept.clicks, app.kept.decisions
    assert command.decision == "approve"
    assert command.comment == "Residual risk is fine."
    assert command.revision == DIGEST
    assert click.reply_to.channel == at.channel


async def test_request_changes_takes_a_reason_and_where_to(app: Ingress, ana: Person) -> None:
    at = await card(app, ana, signoff(send_back_to=("data", "validate")))
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    values = {"reason": {"reason": "The holdout leaks."}, "send_back_to": {"send_back_to": "data"}}
    delivery = await app.slack.submit_view(ana, values=values)
    assert delivery.status == 200
    [command] = app.kept.decisions
    assert command.decision == "request_changes"
    assert (command.comment, command.send_back_to) == ("The holdout leaks.", "data")


async def test_request_changes_chooses_among_the_reasons_that_the_lifecycle_lists(
    app: Ingress, ana: Person
) -> None:
    listed = {"bias": "The evaluation shows bias.", "data": "The data is not documented."}
    view = signoff(send_back_to=("data",), reasons=listed)
    app.views[view.id] = view
    at = await card(app, ana, view)
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    assert "bias: The evaluation shows bias." in json.dumps(app.slack.open_views(ana)[0].blocks)
    values = {
        "reason": {"reason": "Leaks."},
        "listed_reason": {"listed_reason": ["bias", "data"]},
    }
    await app.slack.submit_view(ana, values=values)
    [command] = app.kept.decisions
    assert (command.reasons, command.send_back_to) == (("bias", "data"), "data")


async def test_reasons_are_offered_by_name_while_their_sentences_cannot_be_read(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana, signoff(reasons={"bias": "It shows bias."}))
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    values = {"reason": {"reason": "Leaks."}, "listed_reason": {"listed_reason": ["bias"]}}
    await app.slack.submit_view(ana, values=values)
    assert app.kept.decisions[0].reasons == ("bias",)


async def test_an_approval_takes_a_condition_with_a_day_in_the_readers_zone(app: Ingress) -> None:
    leo = app.slack.add_person("Leo", "leo@example.com", tz="America/New_York")
    app.people[leo.id] = "leo"
    at = await card(app, leo)
    await app.slack.click(leo, at.channel, at.ts, "approve_with")
    [view] = app.slack.open_views(leo)
    assert STATEMENT in json.dumps(view.blocks)
    assert "America/New_York" in view.shown
    day = {"condition_due": {"condition_due": "2099-07-01"}}
    text = {"condition": {"condition": "Repeat the fairness test."}}
    await app.slack.submit_view(leo, values={**day, **text})
    [command] = app.kept.decisions
    [condition] = command.conditions
    assert (command.decision, command.comment) == ("approve", "")
    assert condition.text == "Repeat the fairness test."
    assert condition.due.isoformat() == "2099-07-02T03:59:00+00:00"


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"condition": {"condition": "Repeat it."}}, "condition_due"),
        ({"condition_due": {"condition_due": "2099-07-01"}}, "condition"),
        (
            {
                "condition": {"condition": "Repeat it."},
                "condition_due": {"condition_due": "2020-07-01"},
            },
            "condition_due",
        ),
    ],
)
async def test_half_a_condition_or_a_past_one_is_answered_inside_the_modal(
    app: Ingress, ana: Person, values: dict[str, dict[str, str]], place: str
) -> None:
    at = await card(app, ana)
    await app.slack.click(ana, at.channel, at.ts, "approve_with")
    await app.slack.submit_view(ana, values=values)
    [view] = app.slack.open_views(ana)
    assert list(view.errors) == [place]
    assert app.kept.clicks == []


async def test_an_approval_with_words_may_do_without_them(app: Ingress, ana: Person) -> None:
    at = await card(app, ana)
    await app.slack.click(ana, at.channel, at.ts, "approve_with")
    await app.slack.submit_view(ana, values={"comment": {"comment": "Read it."}})
    await app.slack.click(ana, at.channel, at.ts, "approve_with")
    await app.slack.submit_view(ana)
    assert [each.comment for each in app.kept.decisions] == ["Read it.", ""]


async def test_an_approval_that_needs_a_comment_is_confirmed_with_one(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana, signoff(comment_required=True))
    await app.slack.click(ana, at.channel, at.ts, "approve_confirm")
    await app.slack.submit_view(ana, values={"comment": {"comment": "Read it."}})
    assert app.kept.decisions[0].comment == "Read it."


async def test_request_changes_without_a_choice_goes_to_the_one_place(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana, signoff(send_back_to=("data",)))
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    await app.slack.submit_view(ana, values={"reason": {"reason": "Leaks."}})
    assert app.kept.decisions[0].send_back_to == "data"


async def test_a_submission_that_is_not_kept_leaves_the_modal_with_its_words(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    app.kept.trouble = ClickNotRecorded("Try again in a minute.")
    values = {"reason": {"reason": "Leaks."}}
    await app.slack.submit_view(ana, values=values)
    [view] = app.slack.open_views(ana)
    assert view.errors == {"reason": "Your answer was not recorded: Try again in a minute."}
    app.kept.trouble = None
    first = await app.slack.submit_view(ana, values=values)
    await app.slack.redeliver(first)
    assert app.slack.open_views(ana) == []
    ids = {click.command.id for click in app.kept.clicks}
    assert len(ids) == 1


async def test_details_show_the_recorded_view(app: Ingress, ana: Person) -> None:
    app.views[signoff().id] = signoff()
    at = await card(app, ana)
    await app.slack.choose(ana, at.channel, at.ts, "more", "details")
    [view] = app.slack.open_views(ana)
    assert "Waiting for Ana Ruiz or Ben Ode." in view.shown


async def test_a_card_that_is_over_has_a_button_for_its_details(app: Ingress, ana: Person) -> None:
    app.views[signoff().id] = signoff()
    at = await card(app, ana, signoff(can_decide=()))
    await app.slack.click(ana, at.channel, at.ts, "details")
    assert len(app.slack.open_views(ana)) == 1


async def test_places_that_do_not_fit_a_button_are_read(app: Ingress, ana: Person) -> None:
    places = tuple(f"stage-{number:094}" for number in range(50))
    view = signoff(send_back_to=places)
    app.views[view.id] = view
    at = await card(app, ana, view)
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    values = {"reason": {"reason": "Leaks."}, "send_back_to": {"send_back_to": places[49]}}
    await app.slack.submit_view(ana, values=values)
    assert app.kept.decisions[0].send_back_to == places[49]


async def test_details_of_what_is_not_recorded_are_answered(app: Ingress, ana: Person) -> None:
    at = await card(app, ana)
    await app.slack.choose(ana, at.channel, at.ts, "more", "details")
    assert "not recorded yet" in app.slack.ephemerals(ana)[0].text


@pytest.mark.parametrize("action", ["approve_confirm", "request_changes"])
async def test_a_window_that_slack_does_not_open_is_answered(
    app: Ingress, ana: Person, action: str
) -> None:
    at = await card(app, ana, signoff(confirm=True))
    app.slack.faults.next("views.open", Refused("expired_trigger_id"))
    delivery = await app.slack.click(ana, at.channel, at.ts, action)
    assert delivery.status == 200
    assert "press again" in app.slack.ephemerals(ana)[0].text


def card_of_the_first_release() -> Message:
    def button(text: str, action: str, value: str) -> dict[str, object]:
        label = {"type": "plain_text", "text": text, "emoji": False}
        return {"type": "button", "action_id": action, "text": label, "value": value}

    value = f"{signoff().id}|{DIGEST}"
    said = {"type": "text", "text": STATEMENT}
    quoted = {"type": "rich_text_quote", "elements": [said]}
    elements = [
        button("Approve", "approve_confirm", value),
        button("Request changes", "request_changes", f"{value}|data|bias"),
        button("Details", "details", value),
    ]
    blocks = (
        {"type": "rich_text", "block_id": "statement", "elements": [quoted]},
        {"type": "actions", "block_id": "decide", "elements": elements},
    )
    return Message(text="an earlier card", blocks=blocks)


async def test_a_card_of_the_first_release_goes_on_working(app: Ingress, ana: Person) -> None:
    app.views[signoff().id] = signoff()
    at = await post(app, ana.id, card_of_the_first_release())
    await app.slack.click(ana, at.channel, at.ts, "approve_confirm")
    await app.slack.submit_view(ana, values={"comment": {"comment": "Read it."}})
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    values = {"reason": {"reason": "Leaks."}, "listed_reason": {"listed_reason": ["bias"]}}
    await app.slack.submit_view(ana, values=values)
    await app.slack.click(ana, at.channel, at.ts, "details")
    approved, refused = app.kept.decisions
    assert (approved.decision, approved.comment, approved.revision) == (
        "approve",
        "Read it.",
        DIGEST,
    )
    assert (refused.send_back_to, refused.reasons) == ("data", ("bias",))
    assert "Waiting for Ana Ruiz or Ben Ode." in app.slack.open_views(ana)[0].shown


async def test_a_window_that_the_first_release_opened_is_taken(app: Ingress, ana: Person) -> None:
    at = await post(app, ana.id, card_of_the_first_release())
    await app.slack.click(ana, at.channel, at.ts, "request_changes")
    [view] = app.slack.open_views(ana)
    offered = view.blocks[-1]["element"]
    del offered["max_selected_items"]
    offered["type"] = "static_select"
    values = {"reason": {"reason": "Leaks."}, "listed_reason": {"listed_reason": "bias"}}
    await app.slack.submit_view(ana, values=values)
    assert app.kept.decisions[0].reasons == ("bias",)
