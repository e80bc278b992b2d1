"""Answers to questions in Slack: what counts as one, and that none is lost or doubled."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api.slack import build_slack
from api.slack_socket import socket_mode
from integrations.slack.clicks import ClickNotRecorded, ClickTooLate
from integrations.slack.client import Posted
from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.faults import Hang
from integrations.slack.sandbox.records import Person
from integrations.slack.story import story
from integrations.slack.talks import Talk
from integrations.slack.text import unformatted
from integrations.slack.threads import entry_message
from lifecycle.commands import AnswerQuestion
from tests.api.slack_app import Ingress, card, ingress, post
from tests.integrations.slack.examples import question, signoff

SOON = timedelta(seconds=5)
HASTE = timedelta(milliseconds=1)
ASKED = signoff(questions=(question(),))


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress(event_retries=(HASTE, HASTE, HASTE)) as found:
        yield found


@pytest.fixture
def eve(app: Ingress) -> Person:
    account = app.slack.add_person("Eve Lind", "eve@example.com")
    app.people[account.id] = "eve"
    return account


async def thread(app: Ingress, person: Person, *questions: Any) -> Posted:
    """Give somebody a card with these questions open."""
    at = await card(app, person)
    app.talks[at.ts] = Talk(signoff().id, questions or (question(),))
    return at


async def say(app: Ingress, person: Person, at: Posted, text: str) -> Delivery:
    """Write in a thread; give what the app was sent of it."""
    await app.slack.say(person, at.channel, text, thread_ts=at.ts)
    return app.slack.deliveries[-1]


def answer(app: Ingress) -> AnswerQuestion:
    [click] = app.kept.clicks
    assert isinstance(click.command, AnswerQuestion)
    assert (click.signoff, click.done) == (signoff().id, "Your answer is recorded.")
    return click.command


def whispers(app: Ingress, person: Person) -> list[str]:
    return [each.text for each in app.slack.ephemerals(person)]


async def test_a_reply_is_the_answer_under_one_name_however_often_it_is_delivered(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    sent = await say(app, eve, at, "May &amp; June, see <https://x.example/a?b=1&amp;c|the sheet>")
    assert sent.status == 200
    command = answer(app)
    assert command.text == "May & June, see the sheet (https://x.example/a?b=1&c)"
    assert (command.question, command.person, command.by) == ("5", "eve", "eve")
    assert (command.via.surface, command.via.slack_user) == ("slack", eve.id)
    [click] = app.kept.clicks
    where = (click.reply_to.channel, click.reply_to.thread_ts, click.reply_to.user)
    assert where == (at.channel, at.ts, eve.id)
    await app.slack.redeliver(sent)
    assert len({each.command.id for each in app.kept.clicks}) == 1
    assert len(app.kept.clicks) == 2
    await say(app, eve, at, "And July.")
    assert app.kept.clicks[2].command.id != command.id


async def test_people_may_talk_where_no_question_is_open_and_in_threads_of_others(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    app.talks[at.ts] = Talk(signoff().id)
    elsewhere = await card(app, eve)
    for place in (at, elsewhere):
        assert (await say(app, eve, place, "Nice weather.")).status == 200
    await app.slack.say(eve, at.channel, "Not in a thread.")
    assert (app.kept.clicks, whispers(app, eve)) == ([], [])


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"user": ""},
        {"text": "  "},
        {"team": "T0FOREIGN"},
        {"user_team": "T0FOREIGN"},
    ],
)
async def test_bots_strangers_and_changes_of_messages_answer_nothing(
    app: Ingress, eve: Person, fields: dict[str, str]
) -> None:
    at = await thread(app, eve)
    event = message_event(app, eve, at, **fields)
    delivery = await app.slack.event(event)
    assert delivery is not None
    assert delivery.status == 200
    assert (app.kept.clicks, whispers(app, eve)) == ([], [])


def message_event(app: Ingress, person: Person, at: Posted, **fields: str) -> dict[str, Any]:
    return {
        "type": "message",
        "channel_type": "im",
        "channel": at.channel,
        "user": person.id,
        "team": app.slack.team_id,
        "ts": "1700000000.000001",
        "thread_ts": at.ts,
        "text": "May.",
        **fields,
    }


async def test_a_reply_with_a_file_or_shown_in_the_channel_too_is_an_answer(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    for subtype, ts in (("file_share", "1.1"), ("thread_broadcast", "1.2")):
        await app.slack.event(message_event(app, eve, at, subtype=subtype, ts=ts))
    assert len(app.kept.clicks) == 2


async def test_with_several_questions_open_the_replier_is_told_to_use_the_buttons(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve, question(), question(id="6"))
    assert (await say(app, eve, at, "May.")).status == 200
    [said] = app.slack.ephemerals(eve)
    assert said.text.startswith("2 questions are open here. Press Answer")
    assert said.thread_ts == at.ts
    assert app.kept.clicks == []


async def test_whoever_asked_may_say_more_without_answering_themselves(app: Ingress) -> None:
    ana = app.slack.add_person("Ana", "ana@example.com")
    app.people[ana.id] = "ana"
    at = await thread(app, ana)
    await say(app, ana, at, "It matters since March.")
    assert whispers(app, ana)[0].startswith("This is your own question")
    assert app.kept.clicks == []


async def test_an_answer_that_is_too_long_is_refused_whole(app: Ingress, eve: Person) -> None:
    at = await thread(app, eve)
    await say(app, eve, at, "x" * 1_001)
    assert "at most 1,000 characters, and yours has 1,001" in whispers(app, eve)[0]
    await say(app, eve, at, "x" * 1_000)
    assert len(answer(app).text) == 1_000


async def test_what_is_not_durable_yet_comes_again_and_counts_once(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    app.kept.trouble = ClickNotRecorded("Temporal can't be reached.")
    app.kept.trouble_lasts = 2
    sent = await say(app, eve, at, "May.")
    assert sent.status == 503
    await app.slack.changed(lambda _: app.kept.clicks, within=timedelta(seconds=5))
    assert answer(app).text == "May."
    [said] = whispers(app, eve)
    assert "Temporal can't be reached." in said
    assert "delivers your words again" in said


async def test_what_slack_gives_up_is_said(app: Ingress, eve: Person) -> None:
    at = await thread(app, eve)
    app.kept.trouble = ClickNotRecorded("Temporal can't be reached.")
    await say(app, eve, at, "May.")
    await app.slack.changed(lambda _: len(whispers(app, eve)) == 2, within=timedelta(seconds=5))
    assert "It is not tried again" in whispers(app, eve)[1]
    assert app.kept.clicks == []


async def test_what_can_never_be_kept_is_said_once_and_not_sent_again(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    app.kept.trouble = ClickTooLate("Nothing to decide any more: m 1 has ended.")
    assert (await say(app, eve, at, "May.")).status == 200
    assert whispers(app, eve) == [
        "Your answer was not recorded: Nothing to decide any more: m 1 has ended."
    ]


async def test_a_reply_while_the_database_is_away_comes_again(app: Ingress, eve: Person) -> None:
    at = await thread(app, eve)
    app.is_database_away = True
    sent = await say(app, eve, at, "May.")
    assert (sent.status, sent.seconds < 3) == (503, True)


async def test_a_reply_is_answered_in_time_while_everything_hangs(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    app.kept.hangs = True
    app.slack.faults.always("chat.postEphemeral", Hang())
    sent = await say(app, eve, at, "May.")
    assert (sent.status, sent.seconds < 3) == (503, True)


async def test_socket_mode_brings_replies_too_and_again_until_they_are_kept(
    app: Ingress, eve: Person
) -> None:
    at = await thread(app, eve)
    bolt = build_slack(app.client, app.kept, app.person_of, app.load, lookups=app.looks)
    app.kept.trouble = ClickNotRecorded("Temporal can't be reached.")
    app.kept.trouble_lasts = 1
    async with socket_mode(bolt, app.client.web, app.slack.app_token):
        await app.slack.changed(lambda slack: len(slack.sockets) > 0, within=SOON)
        first = await say(app, eve, at, "May.")
        await app.slack.changed(lambda _: app.kept.clicks, within=SOON)
    assert (first.via, first.is_acknowledged) == ("socket", False)
    assert answer(app).text == "May."
    assert len(whispers(app, eve)) == 1


async def asked(app: Ingress, person: Person) -> Posted:
    """Give somebody the message of a question."""
    [entry] = story(ASKED, (), {})
    return await post(app, person.id, entry_message(entry, ASKED))


async def test_the_button_repeats_the_question_and_takes_the_answer(
    app: Ingress, eve: Person
) -> None:
    at = await asked(app, eve)
    assert (await app.slack.click(eve, at.channel, at.ts, "answer")).is_acknowledged
    [view] = app.slack.open_views(eve)
    assert question().text in str(view.blocks)
    await app.slack.submit_view(eve, values={"answer": {"answer": "  "}})
    assert app.slack.open_views(eve)[0].errors == {"answer": "Please write a few words."}
    await app.slack.submit_view(eve, values={"answer": {"answer": "May."}})
    assert app.slack.open_views(eve) == []
    assert (answer(app).question, answer(app).text) == ("5", "May.")


async def test_an_answer_that_is_not_kept_stays_in_its_window(app: Ingress, eve: Person) -> None:
    at = await asked(app, eve)
    await app.slack.click(eve, at.channel, at.ts, "answer")
    app.kept.trouble = ClickNotRecorded("Try again in a minute.")
    await app.slack.submit_view(eve, values={"answer": {"answer": "May."}})
    [view] = app.slack.open_views(eve)
    assert view.errors == {"answer": "Your answer was not recorded: Try again in a minute."}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<@U123> and <@U123|ana>", "@U123 and @ana"),
        ("<#C1|room> <!here> <!channel|@channel>", "#room @here @channel"),
        ("<!date^1700000000^{date}|14 Nov>", "14 Nov"),
        ("<https://x.example> <mailto:a@x.io|a@x.io>", "https://x.example mailto:a@x.io"),
        ("<!subteam^S1|@team> <unclosed", "@team <unclosed"),
    ],
)  # fmt: skip
def test_words_are_kept_as_they_were_meant(sent: str, meant: str) -> None:
    assert unformatted(sent) == meant
