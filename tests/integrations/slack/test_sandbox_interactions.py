from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.webhook.async_client import AsyncWebhookClient

from integrations.slack.sandbox.clock import ManualClock
from integrations.slack.sandbox.delivery import Forgery
from integrations.slack.sandbox.errors import (
    NoSuchButton,
    NoSuchMessage,
    NoSuchPerson,
    NoSuchPlace,
)
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import SOON, Stage, button, card, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as connected:
        yield connected


async def test_a_click_reaches_the_app_signed_and_shaped_as_slack_sends_it(stage: Stage) -> None:
    await stage.post(button("approve", "signoff-1"))
    delivery = await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    assert delivery.is_acknowledged
    assert delivery.status == 200
    assert delivery.seconds < 3
    [body] = stage.heard
    assert body["type"] == "block_actions"
    assert body["user"]["id"] == stage.ana.id
    assert body["user"]["team_id"] == body["team"]["id"] == stage.slack.team_id
    assert body["enterprise"] is None
    assert body["container"]["message_ts"] == body["message"]["ts"] == stage.ts
    assert body["channel"]["name"] == "directmessage"
    action = body["actions"][0]
    assert (action["type"], action["block_id"], action["value"]) == ("button", "acts", "signoff-1")


async def test_the_app_replaces_the_card_through_the_response_url(stage: Stage) -> None:
    await stage.post(button("approve"))
    await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    shown = await stage.slack.changed(
        lambda s: [m for m in s.messages(stage.ana) if m.text == "Recording…"], within=SOON
    )
    assert shown[0].ts == stage.ts
    assert shown[0].blocks == []


async def test_a_button_that_is_gone_can_only_be_clicked_on_an_old_screen(stage: Stage) -> None:
    await stage.post(button("approve", "old"))
    await stage.client.chat_update(channel=stage.slack.channel(stage.ana).id, ts=stage.ts, text="x")
    with pytest.raises(NoSuchButton):
        await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    delivery = await stage.slack.click_stale(stage.ana, stage.ana, stage.ts, "approve", version=0)
    assert delivery.payload["actions"][0]["value"] == "old"
    assert delivery.payload["message"]["blocks"][1]["block_id"] == "acts"


async def test_a_deleted_card_can_only_be_clicked_on_an_old_screen(stage: Stage) -> None:
    await stage.post(button("approve"))
    await stage.client.chat_delete(channel=stage.slack.channel(stage.ana).id, ts=stage.ts)
    with pytest.raises(NoSuchMessage):
        await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    stale = await stage.slack.click_stale(stage.ana, stage.ana, stage.ts, "approve")
    assert stale.is_acknowledged


async def test_nobody_clicks_where_they_are_not(stage: Stage) -> None:
    await stage.post(button("approve"))
    ben = stage.slack.add_person("Ben", "ben@example.com")
    with pytest.raises(NoSuchPlace):
        await stage.slack.click(ben, stage.ana, stage.ts, "approve")
    await stage.slack.change_person(stage.ana, deleted=True)
    with pytest.raises(NoSuchPerson):
        await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")


async def test_an_app_that_takes_too_long_is_a_timeout(stage: Stage) -> None:
    await stage.post(button("slow"))
    delivery = await stage.slack.click(stage.ana, stage.ana, stage.ts, "slow")
    assert delivery.outcome == "timeout"
    assert delivery.status is None
    assert 0.5 <= delivery.seconds < 1.5
    assert len(stage.slack.deliveries) == 1, "interactions are not repeated"


@pytest.mark.parametrize(
    "forgery",
    [
        Forgery(secret="another"),
        Forgery(age=timedelta(minutes=6)),
        Forgery(headers={"X-Slack-Signature": "v0=0"}),
    ],
)
async def test_a_forged_click_is_refused_by_a_real_app(stage: Stage, forgery: Forgery) -> None:
    await stage.post(button("approve"))
    with stage.slack.forging(forgery):
        delivery = await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    assert (delivery.outcome, delivery.status) == ("refused", 401)
    assert stage.heard == []


async def test_a_redelivery_is_the_same_payload(stage: Stage) -> None:
    await stage.post(button("approve"))
    first = await stage.slack.click(stage.ana, stage.ana, stage.ts, "approve")
    again = await stage.slack.redeliver(first)
    assert again.is_acknowledged
    assert again.wire() == first.wire()
    assert len(stage.heard) == 2


async def test_an_overflow_choice_carries_its_option(stage: Stage) -> None:
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("a", "b")]
    await stage.post({"type": "overflow", "action_id": "menu", "options": options})
    await stage.slack.choose(stage.ana, stage.ana, stage.ts, "menu", "b")
    assert stage.heard[0]["selected_option"]["value"] == "b"
    with pytest.raises(NoSuchButton):
        await stage.slack.choose(stage.ana, stage.ana, stage.ts, "menu", "c")


async def test_a_response_url_serves_five_times_within_half_an_hour(stage: Stage) -> None:
    await stage.post(button("menu"))
    delivery = await stage.slack.click(stage.ana, stage.ana, stage.ts, "menu")
    address = AsyncWebhookClient(delivery.response_url)
    for _ in range(5):
        assert (await address.send(text="only you")).status_code == 200
    used = await address.send(text="only you")
    assert (used.status_code, "used_url" in used.body) == (404, True)
    assert len(stage.slack.ephemerals(stage.ana)) == 5

    late = await stage.slack.click(stage.ana, stage.ana, stage.ts, "menu")
    clock = stage.slack.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(minutes=31))
    expired = await AsyncWebhookClient(late.response_url).send(text="late")
    assert (expired.status_code, "expired_url" in expired.body) == (404, True)


async def test_a_response_url_removes_the_original(stage: Stage) -> None:
    await stage.post(button("menu"))
    delivery = await stage.slack.click(stage.ana, stage.ana, stage.ts, "menu")
    await AsyncWebhookClient(delivery.response_url).send_dict({"delete_original": True})
    assert stage.slack.messages(stage.ana) == []


async def test_an_ephemeral_is_seen_and_clicked_by_one_person(stage: Stage) -> None:
    ben = stage.slack.add_person("Ben")
    room = stage.slack.add_channel("room", members=[stage.ana, ben])
    sent = await stage.client.chat_postEphemeral(
        channel=room.id, user=stage.ana.id, text="x", blocks=card(button("menu"))
    )
    assert stage.slack.messages(room) == []
    delivery = await stage.slack.click(stage.ana, room, sent["message_ts"], "menu")
    assert delivery.payload["container"]["is_ephemeral"] is True
    assert "message" not in delivery.payload
    with pytest.raises(NoSuchMessage):
        await stage.slack.click(ben, room, sent["message_ts"], "menu")


async def test_a_command_is_answered_to_one_person(stage: Stage) -> None:
    delivery = await stage.slack.command(stage.ana, "/undersigned", "pending")
    assert delivery.is_acknowledged
    assert stage.heard[0]["text"] == "pending"
    assert stage.slack.ephemerals(stage.ana)[0].pings == {f"@{stage.ana.id}"}


async def test_words_of_people_are_events(stage: Stage) -> None:
    await stage.slack.say(stage.ana, stage.ana, "hello")
    event = await stage.slack.changed(lambda _: stage.heard, within=SOON)
    assert event[0]["text"] == "hello"
    assert event[0]["channel_type"] == "im"


async def test_the_request_url_is_verified_by_a_challenge(stage: Stage) -> None:
    assert (await stage.slack.verify_request_url()).is_acknowledged


@asynccontextmanager
async def failing(headers: dict[str, str]) -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """Serve an app that answers 500; answer its address and the retry headers that it saw."""
    seen: list[tuple[str, str]] = []

    async def fail(request: web.Request) -> web.Response:
        got = request.headers
        seen.append((got.get("X-Slack-Retry-Num", ""), got.get("X-Slack-Retry-Reason", "")))
        return web.Response(status=500, headers=headers)

    app = web.Application()
    app.router.add_post("/", fail)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), seen


async def test_an_event_that_fails_is_repeated_by_the_clock_with_its_reason() -> None:
    clock = ManualClock()
    async with SlackSandbox(clock=clock) as slack, failing({}) as (url, seen):
        slack.connect(url)
        ana = slack.add_person("Ana")
        await slack.say(ana, ana, "hello")
        await slack.changed(lambda s: _finished(s, 2), within=SOON)
        clock.advance(timedelta(minutes=1))
        await slack.changed(lambda s: _finished(s, 3), within=SOON)
        clock.advance(timedelta(minutes=5))
        await slack.changed(lambda s: _finished(s, 4), within=SOON)
        assert seen == [("", ""), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
        assert len({each.payload["event_id"] for each in slack.deliveries}) == 1


async def test_an_app_may_ask_for_no_retry() -> None:
    refuses = {"X-Slack-No-Retry": "1"}
    retries = (timedelta(0),)
    async with (
        SlackSandbox(event_retries=retries) as slack,
        failing(refuses) as (url, seen),
    ):
        slack.connect(url)
        ana = slack.add_person("Ana")
        await slack.say(ana, ana, "hello")
        await slack.say(ana, ana, "hello again")
        assert seen == [("", ""), ("", "")]


def _finished(slack: SlackSandbox, count: int) -> bool:
    done = [each for each in slack.deliveries if each.outcome != "pending"]
    return len(done) == count
