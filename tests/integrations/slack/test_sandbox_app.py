"""What the stand-in tells an app of: what its manifest subscribes to and its scopes allow."""

from datetime import timedelta
from typing import Any

import pytest

from integrations.slack.cards import channel_card
from integrations.slack.client import Posted, open_client
from integrations.slack.manifest import manifest
from integrations.slack.sandbox.app import InstalledApp
from integrations.slack.sandbox.errors import NoSuchButton
from integrations.slack.sandbox.tokens import BOT_SCOPES
from integrations.slack.sandbox.workspace import SlackSandbox
from lifecycle.state import SignoffStatus
from tests.integrations.slack.examples import signoff

SOON = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("kind", "scope"),
    [("channel", "channels:history"), ("group", "groups:history"), ("im", "im:history")],
)
def test_the_app_hears_messages_where_it_is_subscribed_and_allowed(kind: str, scope: str) -> None:
    event = {"type": "message", "channel_type": kind}
    ours = manifest(socket_mode=True)
    assert InstalledApp(ours, BOT_SCOPES).hears(event)
    assert not InstalledApp(ours, BOT_SCOPES - {scope}).hears(event)
    ours["settings"]["event_subscriptions"] = {"bot_events": ["app_home_opened"]}
    assert not InstalledApp(ours, BOT_SCOPES).hears(event)


def test_what_the_manifest_names_not_is_not_heard() -> None:
    event = {"type": "team_join"}
    assert not InstalledApp(manifest(socket_mode=True), BOT_SCOPES).hears(event)
    assert InstalledApp(None, BOT_SCOPES).hears(event)


def test_shortcuts_are_those_of_the_manifest_and_of_their_kind() -> None:
    app = InstalledApp(manifest(socket_mode=True), BOT_SCOPES)
    assert app.shortcuts("message") == {"attach": "Attach to a sign-off"}
    assert app.shortcuts("global") == {}
    app.check_shortcut("attach", "message")
    with pytest.raises(NoSuchButton):
        app.check_shortcut("attach", "global")


async def test_a_reply_names_the_author_of_its_threads_first_message() -> None:
    heard: list[dict[str, Any]] = []
    async with SlackSandbox(manifest=manifest(socket_mode=True)) as slack:
        ana = slack.add_person("Ana", "ana@example.com")
        room = slack.add_channel("room", members=[ana])
        slack.connect("http://127.0.0.1:9/nobody")
        first = await slack.say(ana, room, "First")
        await slack.say(ana, room, "Second", thread_ts=first.ts)
        heard += [each.payload["event"] for each in slack.deliveries if not each.attempt]
    assert [each["channel_type"] for each in heard] == ["channel", "channel"]
    assert "parent_user_id" not in heard[0]
    assert (heard[1]["parent_user_id"], heard[1]["thread_ts"]) == (ana.id, first.ts)


async def test_an_app_hears_its_own_messages_as_an_apps_and_what_it_changes() -> None:
    async with (
        SlackSandbox(manifest=manifest(socket_mode=True)) as slack,
        open_client(slack.bot_token, slack.base_url) as client,
    ):
        slack.add_channel("room")
        slack.connect("http://127.0.0.1:9/nobody")
        at = await client.post("#room", channel_card(signoff()), payload={"request_id": "x"})
        over = signoff(status=SignoffStatus.VOID, can_decide=())
        await client.update(at, channel_card(over))
        await slack.changed(lambda _: len(slack.echoes.deliveries) >= 2, within=SOON)
        first, second = [
            each.payload["event"] for each in slack.echoes.deliveries if not each.attempt
        ][:2]
    assert (first["bot_id"], first["channel"], first["ts"]) == (slack.bot.bot_id, *_place(at))
    assert (second["subtype"], second["message"]["ts"]) == ("message_changed", at.ts)
    assert second["previous_message"]["blocks"] == first["blocks"]
    assert second["message"]["blocks"] != first["blocks"]
    assert slack.deliveries == []


def _place(at: Posted) -> tuple[str, str]:
    return at.channel, at.ts
