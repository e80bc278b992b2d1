import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from api.slack import build_slack
from api.slack_socket import socket_mode
from integrations.slack.cards import Message, channel_card
from integrations.slack.clicks import ClickNotRecorded
from integrations.slack.sandbox.clock import wall_seconds
from integrations.slack.sandbox.delivery import Forgery
from integrations.slack.sandbox.faults import Hang
from integrations.slack.sandbox.records import Channel, Person
from integrations.slack.sandbox.signing import signature
from tests.api.slack_app import Ingress, card, ingress, post
from tests.integrations.slack.examples import DIGEST, signoff

SOON = timedelta(seconds=2)


@pytest.fixture
async def app() -> AsyncIterator[Ingress]:
    async with ingress() as found:
        yield found


@pytest.fixture
def ana(app: Ingress) -> Person:
    person = app.slack.add_person("Ana Ruiz", "ana@example.com")
    app.people[person.id] = "ana"
    return person


async def test_an_approval_is_kept_before_slack_gets_its_200(app: Ingress, ana: Person) -> None:
    at = await card(app, ana)
    delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert delivery.status == 200
    [click], [command] = app.kept.clicks, app.kept.decisions
    assert (command.signoff, command.revision, command.decision) == (
        signoff().id,
        DIGEST,
        "approve",
    )
    assert (command.person, command.by) == ("ana", "ana")
    assert command.via.surface == "slack"
    assert (command.via.team, command.via.slack_user) == (app.slack.team_id, ana.id)
    assert click.reply_to.channel == at.channel
    assert (click.reply_to.user, click.reply_to.message_ts) == (ana.id, at.ts)


async def test_the_same_delivery_again_has_the_same_id_and_another_click_another(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    first = await app.slack.click(ana, at.channel, at.ts, "approve")
    await app.slack.redeliver(first)
    await app.slack.click(ana, at.channel, at.ts, "approve")
    ids = [click.command.id for click in app.kept.clicks]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("slack:")


async def test_an_account_that_nobody_knows_is_left_to_the_core(app: Ingress) -> None:
    stranger = app.slack.add_person("Zoe", "zoe@example.com")
    at = await card(app, stranger)
    await app.slack.click(stranger, at.channel, at.ts, "approve")
    [click] = app.kept.clicks
    assert click.command.person == ""
    assert click.command.by == f"slack:{app.slack.team_id}/{stranger.id}"


async def test_an_account_is_looked_up_once_and_nobody_is_looked_up_again(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    await app.slack.click(ana, at.channel, at.ts, "approve")
    await app.slack.click(ana, at.channel, at.ts, "approve")
    assert app.lookups == 1
    app.people.clear()
    ben = app.slack.add_person("Ben Ode", "ben@example.com")
    at = await card(app, ben)
    await app.slack.click(ben, at.channel, at.ts, "approve")
    app.people[ben.id] = "ben"
    await app.slack.click(ben, at.channel, at.ts, "approve")
    assert [click.command.person for click in app.kept.clicks] == ["ana", "ana", "", "ben"]


async def test_a_click_that_is_not_kept_is_not_acknowledged_and_its_maker_is_told(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    app.kept.trouble = ClickNotRecorded("Temporal can't be reached. Press again in a minute.")
    delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert delivery.status == 503
    [told] = app.slack.ephemerals(ana)
    assert told.text == (
        "Your answer was not recorded: Temporal can't be reached. Press again in a minute."
    )


async def test_an_unexpected_failure_says_that_nobody_knows(app: Ingress, ana: Person) -> None:
    at = await card(app, ana)
    app.kept.trouble = RuntimeError("who knows")
    delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert delivery.status == 503
    [told] = app.slack.ephemerals(ana)
    assert "not certain" in told.text


async def test_a_click_that_takes_too_long_is_answered_within_three_seconds(
    app: Ingress, ana: Person
) -> None:
    at = await card(app, ana)
    app.kept.hangs = True
    delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert delivery.status == 503
    assert delivery.seconds < 3
    assert "not certain" in app.slack.ephemerals(ana)[0].text


async def test_a_lookup_that_hangs_costs_no_click(app: Ingress, ana: Person) -> None:
    async def hang(enterprise: str | None, team: str, user: str) -> str | None:
        await asyncio.Event().wait()
        raise AssertionError((enterprise, team, user))

    bolt = build_slack(app.client, app.kept, hang, app.load)
    at = await card(app, ana)
    async with socket_mode(bolt, app.client.web, app.slack.app_token):
        await app.slack.changed(lambda s: len(s.sockets) > 0, within=SOON)
        delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert (delivery.via, delivery.is_acknowledged) == ("socket", True)
    assert app.kept.clicks[0].command.person == ""


async def test_two_hundred_clicks_at_once_are_all_kept_in_time(app: Ingress) -> None:
    crowd = [app.slack.add_person(f"P{n}", f"p{n}@example.com") for n in range(200)]
    room = app.slack.add_channel("model-fraud", members=crowd)
    at = await post(app, room.id, channel_card(signoff()))
    clicks = (app.slack.click(person, room, at.ts, "approve") for person in crowd)
    deliveries = await asyncio.gather(*clicks)
    assert all(delivery.is_acknowledged for delivery in deliveries)
    assert {click.command.via.slack_user for click in app.kept.clicks} == {p.id for p in crowd}


async def test_slack_hanging_on_a_window_is_answered_in_time(app: Ingress, ana: Person) -> None:
    at = await card(app, ana)
    app.slack.faults.always("views.open", Hang())
    delivery = await app.slack.click(ana, at.channel, at.ts, "request_changes")
    assert delivery.is_acknowledged


async def test_an_unknown_button_gets_an_answer(app: Ingress, ana: Person) -> None:
    button = {
        "type": "button",
        "action_id": "delegate",
        "text": {"type": "plain_text", "text": "Delegate"},
        "value": "x",
    }
    blocks = ({"type": "actions", "elements": [button]},)
    at = await post(app, ana.id, Message(text="from the future", blocks=blocks))
    delivery = await app.slack.click(ana, at.channel, at.ts, "delegate")
    assert delivery.status == 200
    assert "doesn't know this button" in app.slack.ephemerals(ana)[0].text


async def test_a_button_with_an_unreadable_value_gets_an_answer(app: Ingress, ana: Person) -> None:
    button = {
        "type": "button",
        "action_id": "approve",
        "text": {"type": "plain_text", "text": "Approve"},
        "value": "nonsense",
    }
    blocks = ({"type": "actions", "elements": [button]},)
    at = await post(app, ana.id, Message(text="old", blocks=blocks))
    await app.slack.click(ana, at.channel, at.ts, "approve")
    assert "can't be read" in app.slack.ephemerals(ana)[0].text
    assert app.kept.clicks == []


async def test_somebody_of_another_workspace_is_refused_at_the_edge(app: Ingress) -> None:
    guest = app.slack.add_person("Mal", "mal@elsewhere.example", team_id="T0ELSEWHERE")
    room: Channel = app.slack.add_channel("model-fraud", members=[guest])
    at = await post(app, room.id, channel_card(signoff()))
    await app.slack.click(guest, room, at.ts, "approve")
    assert app.kept.clicks == []
    assert "Only members of the workspace" in app.slack.ephemerals(guest)[0].text


async def test_the_app_answers_its_challenge_commands_and_events(app: Ingress, ana: Person) -> None:
    assert (await app.slack.verify_request_url()).is_acknowledged
    assert (await app.slack.command(ana, "/undersigned", "pending")).is_acknowledged
    await app.slack.say(ana, ana, "hello")
    assert all(delivery.is_acknowledged for delivery in app.slack.deliveries)


@pytest.mark.parametrize(
    "forgery",
    [
        Forgery(secret="another"),
        Forgery(age=timedelta(minutes=6)),
        Forgery(age=timedelta(minutes=-6)),
        Forgery(headers={"X-Slack-Request-Timestamp": "yesterday"}),
        Forgery(headers={"X-Slack-Request-Timestamp": "9" * 400}),
        Forgery(headers={"X-Slack-Signature": "v0=é"}),
        Forgery(headers={"X-Slack-Signature": ""}),
    ],
)
async def test_what_slack_did_not_sign_is_401_and_keeps_nothing(
    app: Ingress, ana: Person, forgery: Forgery
) -> None:
    at = await card(app, ana)
    with app.slack.forging(forgery):
        delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert delivery.status == 401
    assert app.kept.clicks == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff\xfe payload", 401),
        (b"payload=%5B%5D", 400),
        (b"payload=%7Bnot-json", 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"", 400),
    ],
)
async def test_a_body_that_nobody_can_read_is_refused_without_trouble(
    app: Ingress, body: bytes, status: int
) -> None:
    stamp = str(int(wall_seconds()))
    is_json = body[:1] in {b"{", b"["}
    content_type = "application/json" if is_json else "application/x-www-form-urlencoded"
    headers = {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(app.slack.signing_secret, stamp, body),
    }
    async with httpx.AsyncClient() as client:
        answer = await client.post(app.url, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unsigned_requests_are_401(app: Ingress) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(app.url, content=urlencode({"payload": "{}"}))
    assert answer.status_code == 401


async def test_socket_mode_takes_the_same_clicks(app: Ingress, ana: Person) -> None:
    bolt = build_slack(app.client, app.kept, app.person_of, app.load)
    at = await card(app, ana)
    async with socket_mode(bolt, app.client.web, app.slack.app_token):
        await app.slack.changed(lambda s: len(s.sockets) > 0, within=SOON)
        delivery = await app.slack.click(ana, at.channel, at.ts, "approve")
        app.kept.trouble = ClickNotRecorded("Later.")
        refused = await app.slack.click(ana, at.channel, at.ts, "approve")
    assert (delivery.via, delivery.is_acknowledged) == ("socket", True)
    assert not refused.is_acknowledged
    assert [click.command.person for click in app.kept.clicks] == ["ana"]
    assert "not recorded" in app.slack.ephemerals(ana)[0].text
