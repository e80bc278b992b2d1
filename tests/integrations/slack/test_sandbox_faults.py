import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.sandbox.faults import (
    Cut,
    Hang,
    RateLimited,
    Refused,
    ReplyLost,
    ServerError,
)
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import bolt_app, button, card, client_of, serving

POST = "chat.postMessage"


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox() as sandbox:
        sandbox.add_channel("room")
        yield sandbox


async def test_a_lost_reply_has_done_its_work(slack: SlackSandbox) -> None:
    slack.faults.next(POST, ReplyLost())
    with pytest.raises(aiohttp.ClientError):
        await client_of(slack).chat_postMessage(channel="#room", text="x")
    assert len(slack.messages("#room")) == 1


async def test_the_default_client_repeats_after_a_lost_reply_and_posts_twice(
    slack: SlackSandbox,
) -> None:
    slack.faults.next(POST, ReplyLost())
    hasty = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
    await hasty.chat_postMessage(channel="#room", text="x")
    assert len(slack.messages("#room")) == 2


async def test_a_cut_connection_has_done_nothing(slack: SlackSandbox) -> None:
    slack.faults.next(POST, Cut())
    with pytest.raises(aiohttp.ClientError):
        await client_of(slack).chat_postMessage(channel="#room", text="x")
    assert slack.messages("#room") == []


async def test_a_rate_limit_names_its_wait(slack: SlackSandbox) -> None:
    slack.faults.next(POST, RateLimited(retry_after=timedelta(seconds=7)))
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack).chat_postMessage(channel="#room", text="x")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    await client_of(slack).chat_postMessage(channel="#room", text="x")


async def test_an_outage_ends(slack: SlackSandbox) -> None:
    with slack.faults.outage(), pytest.raises(SlackApiError) as refused:
        await client_of(slack).auth_test()
    assert refused.value.response.status_code == 503
    await client_of(slack).auth_test()
    with slack.faults.outage(ServerError(500)), pytest.raises(SlackApiError):
        await client_of(slack).auth_test()


async def test_a_refusal_that_the_workspace_does_not_make_can_be_told(
    slack: SlackSandbox,
) -> None:
    slack.faults.next("chat.update", Refused("edit_window_closed"))
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await client_of(slack).chat_update(channel="C1", ts="1.2", text="x")


async def test_a_hanging_call_runs_into_the_callers_own_limit(slack: SlackSandbox) -> None:
    slack.faults.next(POST, Hang())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client_of(slack).chat_postMessage(channel="#room", text="x")
    assert slack.messages("#room") == []


async def test_two_hundred_people_click_at_once_and_none_is_lost() -> None:
    async with SlackSandbox(pace=Pace(posts=None)) as slack:
        app, heard = bolt_app(slack)
        async with serving(app) as url:
            slack.connect(url)
            people = [slack.add_person(f"P{number}") for number in range(200)]
            room = slack.add_channel("room", members=people)
            options = [{"text": {"type": "plain_text", "text": "a"}, "value": "a"}]
            menu = {"type": "overflow", "action_id": "menu", "options": options}
            sent = await client_of(slack).chat_postMessage(
                channel=room.id, text="x", blocks=card(button("approve"), menu)
            )
            deliveries = await asyncio.gather(
                *(slack.choose(each, room, sent["ts"], "menu", "a") for each in people)
            )
        assert {each.outcome for each in deliveries} == {"acknowledged"}
        assert len(heard) == 200
