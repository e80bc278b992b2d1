from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.slack.cards import Message, channel_card, owner_card
from integrations.slack.clicks import ClickNotRecorded
from integrations.slack.client import Posted
from integrations.slack.sandbox.errors import FormIncomplete, NoSuchButton
from integrations.slack.sandbox.faults import Hang, Refused
from integrations.slack.sandbox.records import Person
from lifecycle.commands import Acknowledge, AskQuestion, Command, Delegate, Snooze
from lifecycle.view import SignoffView
from lifecycle.view_parts import DelegationView
from tests.api.slack_app import Ingress, card, ingress
from tests.integrations.slack.examples import largest, signoff


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress() as found:
        yield found


@pytest.fixture
def ana(app: Ingress) -> Person:
    return member(app, "ana")


def member(app: Ingress, person: str, **fields: Any) -> Person:
    account = app.slack.add_person(person.title(), f"{person}@example.com", **fields)
    app.people[account.id] = person
    return account


async def chosen(
    app: Ingress, person: Person, what: str, view: SignoffView | None = None
) -> Posted:
    at = await card(app, person, view)
    delivery = await app.slack.choose(person, at.channel, at.ts, "more", what)
    assert delivery.is_acknowledged
    return at


async def submit(app: Ingress, person: Person, **fields: Any) -> Any:
    values = {name: {name: value} for name, value in fields.items()}
    return await app.slack.submit_view(person, values=values)


def errors(app: Ingress, person: Person) -> dict[str, str]:
    [view] = app.slack.open_views(person)
    return view.errors


def kept(app: Ingress) -> Command:
    [click] = app.kept.clicks
    return click.command


async def test_i_am_on_it_is_kept_at_once_under_one_name_however_often_it_is_delivered(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    delivery = await app.slack.choose(ana, at.channel, at.ts, "more", "on_it")
    await app.slack.redeliver(delivery)
    assert delivery.status == 200
    first, again = app.kept.clicks
    command = first.command
    assert isinstance(command, Acknowledge)
    assert (command.signoff, command.person, command.by) == (signoff().id, "ana", "ana")
    assert (command.via.surface, command.via.slack_user) == ("slack", ana.id)
    assert first.reply_to.channel == at.channel
    assert command.id == again.command.id
    await app.slack.choose(ana, at.channel, at.ts, "more", "on_it")
    assert app.kept.clicks[2].command.id != command.id


async def test_what_is_chosen_is_about_the_sign_off_of_the_card_however_long_its_name(
    app: Ingress, ana: Person
) -> None:
    view = largest()
    at = await app.client.post(ana.id, channel_card(view), payload={"request_id": "x"})
    await app.slack.choose(ana, at.channel, at.ts, "more", "on_it")
    command = kept(app)
    assert isinstance(command, Acknowledge)
    assert command.signoff == view.id


async def test_a_delegation_goes_to_whom_the_picked_account_belongs(
    app: Ingress, ana: Person
) -> None:
    cho = member(app, "cho")
    await chosen(app, ana, "delegate")
    delivery = await submit(app, ana, to=cho.id, until="2099-03-05", why="I am away.")
    await app.slack.redeliver(delivery)
    assert app.slack.open_views(ana) == []
    command = app.kept.clicks[0].command
    assert isinstance(command, Delegate)
    assert (command.signoff, command.to, command.reason) == (signoff().id, "cho", "I am away.")
    assert command.until == datetime(2099, 3, 5, 23, 59, tzinfo=UTC)
    assert len({click.command.id for click in app.kept.clicks}) == 1


async def test_a_colleague_whom_nobody_linked_yet_is_found_by_address(
    app: Ingress, ana: Person
) -> None:
    cho = app.slack.add_person("Cho Min", "cho@example.com")
    app.addresses[cho.id] = "cho"
    await chosen(app, ana, "delegate")
    await submit(app, ana, to=cho.id)
    command = kept(app)
    assert isinstance(command, Delegate)
    assert (command.to, command.until) == ("cho", None)


async def test_a_delegate_who_is_nobody_or_oneself_is_answered_inside_the_modal(
    app: Ingress, ana: Person
) -> None:
    stranger = app.slack.add_person("Zoe", "zoe@example.com")
    other = member(app, "ana", tz="Europe/Madrid")  # her second account
    await chosen(app, ana, "delegate")
    for user, words in ((stranger, "knows nobody"), (ana, "yourself"), (other, "yourself")):
        await submit(app, ana, to=user.id)
        assert words in errors(app, ana)["to"]
    app.addresses[stranger.id] = RuntimeError("database away")
    await submit(app, ana, to=stranger.id)
    assert "can't be looked up now" in errors(app, ana)["to"]
    await submit(app, ana, to=other.id, until="2020-01-01")
    assert errors(app, ana) == {"until": "That is past; choose a later one."}
    assert app.kept.clicks == []


async def test_a_delegation_ends_at_the_end_of_the_readers_day(app: Ingress) -> None:
    leo = member(app, "leo", tz="America/New_York")
    cho = member(app, "cho")
    await chosen(app, leo, "delegate")
    await submit(app, leo, to=cho.id, until="2099-01-05")
    command = kept(app)
    assert isinstance(command, Delegate)
    assert command.until == datetime(2099, 1, 6, 4, 59, tzinfo=UTC)


async def test_only_who_delegated_may_name_nobody_to_take_it_back(
    app: Ingress, ana: Person
) -> None:
    ben = member(app, "ben")
    given = DelegationView(person="ana", name="Ana Ruiz", to="cho", to_name="Cho Min")
    view = signoff(delegations=(given,))
    app.views[view.id] = view
    await chosen(app, ben, "delegate", view)
    with pytest.raises(FormIncomplete):
        await submit(app, ben)
    await chosen(app, ana, "delegate", view)
    await submit(app, ana, until="2099-01-05")
    command = kept(app)
    assert isinstance(command, Delegate)
    assert (command.to, command.until) == (None, None)


async def test_a_snooze_is_until_the_instant_that_was_shown(app: Ingress, ana: Person) -> None:
    await chosen(app, ana, "snooze")
    [view] = app.slack.open_views(ana)
    options = view.blocks[1]["element"]["options"]
    assert [option["text"]["text"].split(" (")[0] for option in options][:2] == [
        "In 1 hour",
        "In 3 hours",
    ]
    await submit(app, ana, remind_at=options[1]["value"])
    command = kept(app)
    assert isinstance(command, Snooze)
    assert command.until == datetime.fromisoformat(options[1]["value"])
    away = command.until - datetime.now(UTC)  # noqa: TID251 - the modal reads the clock
    assert timedelta(hours=2, minutes=58) < away <= timedelta(hours=3)


async def test_a_snooze_that_is_past_by_now_is_answered_inside_the_modal(
    app: Ingress, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chosen(app, ana, "snooze")
    later = datetime.now(UTC) + timedelta(hours=2)  # noqa: TID251 - the modal reads the clock
    monkeypatch.setattr("api.slack_menu.now", lambda: later)
    [view] = app.slack.open_views(ana)
    await submit(app, ana, remind_at=view.blocks[1]["element"]["options"][0]["value"])
    assert errors(app, ana) == {"remind_at": "That is past; choose a later one."}
    assert app.kept.clicks == []


async def test_a_question_is_kept_and_an_empty_one_is_answered_inside_the_modal(
    app: Ingress, ana: Person
) -> None:
    await chosen(app, ana, "ask")
    await submit(app, ana, question="  ")
    assert errors(app, ana) == {"question": "Please write a few words."}
    delivery = await submit(app, ana, question="Which months are held out?")
    await app.slack.redeliver(delivery)
    command = app.kept.clicks[0].command
    assert isinstance(command, AskQuestion)
    assert command.text == "Which months are held out?"
    assert len({click.command.id for click in app.kept.clicks}) == 1


@pytest.mark.parametrize("what", ["delegate", "snooze", "ask"])
async def test_a_form_that_is_not_kept_stays_with_its_words(
    app: Ingress, ana: Person, what: str
) -> None:
    cho = member(app, "cho")
    await chosen(app, ana, what)
    [view] = app.slack.open_views(ana)
    fields: dict[str, dict[str, Any]] = {
        "delegate": {"to": cho.id},
        "snooze": {"remind_at": view.blocks[1]["element"].get("options", [{}])[0].get("value")},
        "ask": {"question": "Why?"},
    }
    app.kept.trouble = ClickNotRecorded("Try again in a minute.")
    await submit(app, ana, **fields[what])
    [said] = errors(app, ana).values()
    assert said == "Your answer was not recorded: Try again in a minute."
    app.kept.trouble = None
    await submit(app, ana, **fields[what])
    assert (app.slack.open_views(ana), len(app.kept.clicks)) == ([], 1)


async def test_being_on_it_that_is_not_kept_is_said_and_not_acknowledged(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    app.kept.trouble = ClickNotRecorded("Temporal can't be reached.")
    delivery = await app.slack.choose(ana, at.channel, at.ts, "more", "on_it")
    assert delivery.status == 503
    assert "Temporal can't be reached." in app.slack.ephemerals(ana)[0].text


async def test_zones_that_slack_does_not_say_in_time_are_utc(app: Ingress) -> None:
    leo = member(app, "leo", tz="America/New_York")
    app.slack.faults.always("users.info", Hang())
    await chosen(app, leo, "delegate")
    [view] = app.slack.open_views(leo)
    assert "Your zone: UTC." in view.shown


async def test_a_window_opens_in_time_while_the_database_and_slacks_zones_hang(
    app: Ingress, ana: Person
) -> None:
    app.is_database_away = True
    app.slack.faults.always("users.info", Hang())
    at = await card(app, ana)
    for what in ("delegate", "snooze", "ask"):
        delivery = await app.slack.choose(ana, at.channel, at.ts, "more", what)
        assert delivery.seconds < 3
        [view] = app.slack.open_views(ana)
        assert view.callback_id == what
        await app.slack.close_view(ana)


async def test_a_delegation_is_answered_in_time_while_everything_hangs(
    app: Ingress, ana: Person
) -> None:
    cho = app.slack.add_person("Cho Min", "cho@example.com")
    dee = member(app, "dee")
    await chosen(app, ana, "delegate")
    app.kept.hangs = True
    app.addresses[cho.id] = "cho"
    delivery = await submit(app, ana, to=dee.id)
    assert delivery.seconds < 3
    assert "not certain" in errors(app, ana)["to"]
    app.is_database_away = True
    delivery = await submit(app, ana, to=cho.id)
    assert delivery.seconds < 3
    assert "can't be looked up now" in errors(app, ana)["to"]


async def test_a_zone_is_asked_for_once(app: Ingress) -> None:
    leo = member(app, "leo", tz="America/New_York")
    await chosen(app, leo, "snooze")
    await app.slack.close_view(leo)
    await chosen(app, leo, "snooze")
    assert len(app.slack.calls_of("users.info")) == 1


@pytest.mark.parametrize("what", ["delegate", "snooze", "ask"])
async def test_a_window_that_slack_does_not_open_is_answered(
    app: Ingress, ana: Person, what: str
) -> None:
    app.slack.faults.next("views.open", Refused("expired_trigger_id"))
    await chosen(app, ana, what)
    assert "press again" in app.slack.ephemerals(ana)[0].text


async def test_a_choice_of_another_version_and_a_menu_without_its_card_are_answered(
    app: Ingress, ana: Person
) -> None:
    def menu(value: str) -> dict[str, Any]:
        option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
        return {"type": "overflow", "action_id": "more", "options": [option]}

    button = owner_card(signoff(), "ana").blocks[-1]["elements"][0]
    for elements in ([button, menu("reassign")], [menu("on_it")]):
        blocks = ({"type": "actions", "elements": elements},)
        message = Message(text="from the future", blocks=blocks)
        at = await app.client.post(ana.id, message, payload={"request_id": "x"})
        value = elements[-1]["options"][0]["value"]
        await app.slack.choose(ana, at.channel, at.ts, "more", value)
    first, second = (each.text for each in app.slack.ephemerals(ana))
    assert "doesn't know this button" in first
    assert "can't be read" in second
    assert app.kept.clicks == []


async def test_the_workspace_takes_no_picks_that_slack_would_not_send(
    app: Ingress, ana: Person
) -> None:
    await chosen(app, ana, "delegate")
    with pytest.raises(NoSuchButton):
        await submit(app, ana, to="U0NOBODY")
    with pytest.raises(FormIncomplete):
        await submit(app, ana, to=ana.id, until="tomorrow")
