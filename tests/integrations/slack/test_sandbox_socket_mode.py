from datetime import timedelta

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError

from integrations.slack.sandbox.errors import NotConnected
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import bolt_app, button, card, client_of

SOON = timedelta(seconds=2)


async def test_a_real_socket_mode_app_is_told_of_clicks_and_answers_modals() -> None:
    async with SlackSandbox(acknowledge_within=timedelta(seconds=0.5)) as slack:
        app, heard = bolt_app(slack)
        handler = AsyncSocketModeHandler(app, slack.app_token)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt's is untyped
        try:
            await slack.changed(lambda s: len(s.sockets) == 1, within=SOON)
            ana = slack.add_person("Ana")
            sent = await client_of(slack).chat_postMessage(
                channel=ana.id, text="x", blocks=card(button("changes"), button("slow"))
            )
            delivery = await slack.click(ana, ana, sent["ts"], "changes")
            assert (delivery.via, delivery.outcome) == ("socket", "acknowledged")
            await slack.changed(lambda s: s.open_views(ana), within=SOON)
            await slack.submit_view(ana, values={"why": {"text": "short"}})
            assert slack.open_views(ana)[0].errors == {"why": "Say more."}
            await slack.say(ana, ana, "hello")
            assert heard[-1]["text"] == "hello"
            slow = await slack.click(ana, ana, sent["ts"], "slow")
            assert slow.outcome == "timeout"
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # bolt's is untyped


async def test_an_app_that_is_told_to_reconnect_comes_again() -> None:
    async with SlackSandbox() as slack:
        app, _ = bolt_app(slack)
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt's is untyped
        try:
            await slack.changed(lambda s: len(s.sockets) == 1, within=SOON)
            await slack.sockets.ask_to_reconnect("refresh_requested")
            await slack.changed(
                lambda s: len(s.calls_of("apps.connections.open")) == 2 and len(s.sockets) == 1,
                within=timedelta(seconds=10),
            )
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # bolt's is untyped


async def test_an_address_is_good_for_one_connection() -> None:
    async with SlackSandbox() as slack, aiohttp.ClientSession() as session:
        opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
        async with session.ws_connect(opened["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(opened["url"])


async def test_only_the_app_token_opens_a_connection() -> None:
    async with SlackSandbox() as slack:
        with pytest.raises(SlackApiError, match="not_allowed_token_type"):
            await client_of(slack).apps_connections_open(app_token=slack.bot_token)


async def test_without_an_app_a_click_fails_loudly() -> None:
    async with SlackSandbox() as slack:
        ana = slack.add_person("Ana")
        sent = await client_of(slack).chat_postMessage(
            channel=ana.id, text="x", blocks=card(button("approve"))
        )
        with pytest.raises(NotConnected):
            await slack.click(ana, ana, sent["ts"], "approve")
