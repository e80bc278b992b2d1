from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient

from integrations.slack.sandbox.clock import ManualClock
from integrations.slack.sandbox.errors import NotChanged
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.tokens import BOT_SCOPES
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.integrations.slack.bolt_app import REASON_MODAL, button, card, client_of


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox(clock=ManualClock()) as sandbox:
        yield sandbox


async def refusal(call: Awaitable[Any]) -> Any:
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response


async def code(call: Awaitable[Any]) -> str:
    return str((await refusal(call))["error"])


async def test_a_message_to_a_person_lands_in_their_direct_messages(slack: SlackSandbox) -> None:
    ana = slack.add_person("Ana", "ana@example.com")
    client = client_of(slack)
    sent = await client.chat_postMessage(
        channel=ana.id, text="hello", blocks=card(button("a")), unfurl_links=False
    )
    assert sent["channel"].startswith("D")
    opened = await client.conversations_open(users=ana.id)
    assert opened["channel"]["id"] == sent["channel"]
    [message] = slack.messages(ana)
    assert (message.ts, message.text, message.actions) == (sent["ts"], "hello", ["a"])
    assert sent["message"]["blocks"] == message.blocks


async def test_metadata_is_found_again_in_the_history(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    client = client_of(slack)
    metadata = Metadata(event_type="signoff_card", event_payload={"request": "r1", "copy": 1})
    sent = await client.chat_postMessage(channel=room.id, text="x", metadata=metadata)
    plain = await client.conversations_history(channel=room.id)
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_history(
        channel=room.id, include_all_metadata=True, oldest=sent["ts"], inclusive=True
    )
    assert full["messages"][0]["metadata"]["event_payload"] == {"request": "r1", "copy": 1}
    await client.chat_update(channel=room.id, ts=sent["ts"], text="y")
    assert slack.messages(room)[0].metadata == metadata.to_dict(), "kept when not given"


async def test_threads_are_apart_from_the_channel(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    client = client_of(slack)
    parent = await client.chat_postMessage(channel="#room", text="parent")
    reply = await client.chat_postMessage(channel=room.id, text="reply", thread_ts=parent["ts"])
    history = await client.conversations_history(channel=room.id)
    assert [each["text"] for each in history["messages"]] == ["parent"]
    assert history["messages"][0]["reply_count"] == 1
    replies = await client.conversations_replies(channel=room.id, ts=parent["ts"])
    assert [each["ts"] for each in replies["messages"]] == [parent["ts"], reply["ts"]]
    assert [each.text for each in slack.thread(room, parent["ts"])] == ["reply"]
    lost = client.chat_postMessage(channel=room.id, text="x", thread_ts="1.2")
    assert await code(lost) == "thread_not_found"


async def test_text_without_blocks_removes_the_blocks_and_versions_stay(
    slack: SlackSandbox,
) -> None:
    room = slack.add_channel("room")
    client = client_of(slack)
    sent = await client.chat_postMessage(channel=room.id, text="x", blocks=card(button("a")))
    await client.chat_update(channel=room.id, ts=sent["ts"], text="y")
    message = slack.message(room, sent["ts"])
    assert (message.text, message.blocks) == ("y", [])
    assert [len(version.blocks) for version in message.versions] == [2, 0]


async def test_only_own_living_messages_can_be_changed(slack: SlackSandbox) -> None:
    ana = slack.add_person("Ana")
    room = slack.add_channel("room", members=[ana])
    client = client_of(slack)
    theirs = await slack.say(ana, room, "mine")
    own = await client.chat_postMessage(channel=room.id, text="x")
    change = client.chat_update
    assert await code(change(channel=room.id, ts=theirs.ts, text="x")) == "cant_update_message"
    assert await code(client.chat_delete(channel=room.id, ts=theirs.ts)) == "cant_delete_message"
    assert await code(change(channel=room.id, ts="1.2", text="x")) == "message_not_found"
    assert await code(change(channel=ana.id, ts=own["ts"], text="x")) == "channel_not_found"
    await client.chat_delete(channel=room.id, ts=own["ts"])
    assert await code(change(channel=room.id, ts=own["ts"], text="x")) == "message_not_found"


async def test_posting_needs_a_living_channel_with_the_bot_in_it(slack: SlackSandbox) -> None:
    client = client_of(slack)
    public = slack.add_channel("public", invite_bot=False)
    private = slack.add_channel("private", is_private=True, invite_bot=False)
    left = slack.add_person("Gone", deleted=True)
    post = client.chat_postMessage
    assert await code(post(channel=public.id, text="x")) == "not_in_channel"
    assert await code(post(channel=private.id, text="x")) == "channel_not_found"
    assert await code(post(channel=left.id, text="x")) == "channel_not_found"
    assert await code(post(channel="C404", text="x")) == "channel_not_found"
    await client.conversations_join(channel=public.id)
    await post(channel=public.id, text="x")
    slack.archive(public)
    assert await code(post(channel=public.id, text="x")) == "is_archived"
    assert await code(client.conversations_join(channel=public.id)) == "is_archived"
    assert await code(client.conversations_open(users=left.id)) == "user_disabled"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "[", "text": "x"}, "invalid_blocks_format"),
        ({"blocks": '"x"', "text": "x"}, "invalid_blocks_format"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "attachments": []}, "invalid_arg_name"),
        ({"text": ["x"]}, "invalid_arguments"),
    ],
)
async def test_what_a_message_can_not_be(
    slack: SlackSandbox, arguments: dict[str, Any], expected: str
) -> None:
    room = slack.add_channel("room")
    call = client_of(slack).api_call("chat.postMessage", json={"channel": room.id, **arguments})
    assert await code(call) == expected
    assert slack.messages(room) == []


async def test_long_text_fits_into_a_new_message_but_not_into_an_update(
    slack: SlackSandbox,
) -> None:
    room = slack.add_channel("room")
    client = client_of(slack)
    sent = await client.chat_postMessage(channel=room.id, text="x" * 40_000)
    call = client.chat_update(channel=room.id, ts=sent["ts"], text="&" * 801)
    assert await code(call) == "msg_too_long"


async def test_invalid_blocks_name_the_place(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    blocks = card(button("a"))
    blocks[0]["text"]["text"] = "x" * 3001
    response = await refusal(
        client_of(slack).chat_postMessage(channel=room.id, text="x", blocks=blocks)
    )
    assert response["error"] == "invalid_blocks"
    assert response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_people_are_found_by_address_only_while_they_are_members(
    slack: SlackSandbox,
) -> None:
    client = client_of(slack)
    ana = slack.add_person("Ana", "Ana@example.com", tz="Europe/Madrid")
    slack.add_person("Out", "out@example.com", team_id="T0OTHER0001")
    found = await client.users_lookupByEmail(email="ana@EXAMPLE.com")
    assert found["user"]["id"] == ana.id
    assert found["user"]["tz"] == "Europe/Madrid"
    assert found["user"]["profile"]["email"] == "Ana@example.com"
    assert await code(client.users_lookupByEmail(email="out@example.com")) == "users_not_found"
    await slack.change_person(ana, deleted=True)
    assert await code(client.users_lookupByEmail(email="ana@example.com")) == "users_not_found"
    assert (await client.users_info(user=ana.id))["user"]["deleted"] is True
    assert await code(client.users_info(user="U404")) == "user_not_found"


async def test_lists_come_in_pages(slack: SlackSandbox) -> None:
    for number in range(5):
        slack.add_person(f"P{number}")
        slack.add_channel(f"c{number}")
    client = client_of(slack)
    seen = [
        each["id"] async for page in await client.users_list(limit=2) for each in page["members"]
    ]
    assert len(seen) == len(set(seen)) == 6
    channels = await client.conversations_list(limit=4)
    assert len(channels["channels"]) == 4
    following = channels["response_metadata"]["next_cursor"]
    rest = await client.conversations_list(limit=4, cursor=following)
    assert [each["name"] for each in rest["channels"]] == ["c4"]
    assert rest["response_metadata"]["next_cursor"] == ""


async def test_tokens_are_known_unknown_or_revoked(slack: SlackSandbox) -> None:
    good = client_of(slack)
    who = await good.auth_test()
    assert (who["team_id"], who["user_id"]) == (slack.team_id, slack.bot.id)
    assert "chat:write" in who.headers["X-OAuth-Scopes"]
    bad = AsyncWebClient(token="xoxb-other", base_url=slack.base_url)
    none = AsyncWebClient(base_url=slack.base_url)
    app = AsyncWebClient(token=slack.app_token, base_url=slack.base_url)
    assert await code(bad.auth_test()) == "invalid_auth"
    assert await code(none.auth_test()) == "not_authed"
    assert await code(app.auth_test()) == "not_allowed_token_type"
    slack.revoke_token()
    assert await code(good.auth_test()) == "token_revoked"
    slack.restore_token()
    await good.auth_test()
    renewed = slack.reinstall()
    assert await code(good.auth_test()) == "token_revoked"
    await AsyncWebClient(token=renewed, base_url=slack.base_url).auth_test()


async def test_a_missing_scope_is_named() -> None:
    async with SlackSandbox(scopes=BOT_SCOPES - {"users:read.email"}) as slack:
        ana = slack.add_person("Ana", "ana@example.com")
        client = client_of(slack)
        response = await refusal(client.users_lookupByEmail(email="ana@example.com"))
        assert response["error"] == "missing_scope"
        assert response["needed"] == "users:read.email"
        assert "chat:write" in response["provided"]
        info = await client.users_info(user=ana.id)
        assert "email" not in info["user"]["profile"]


async def test_an_unknown_method_is_refused(slack: SlackSandbox) -> None:
    assert await code(client_of(slack).api_call("chat.shout")) == "unknown_method"


async def test_too_many_posts_a_channel_wait_for_their_second() -> None:
    clock = ManualClock()
    async with SlackSandbox(clock=clock) as slack:
        ana, room = slack.add_person("Ana"), slack.add_channel("room")
        client = client_of(slack)
        for _ in range(5):
            await client.chat_postMessage(channel=ana.id, text="x")
        response = await refusal(client.chat_postMessage(channel=ana.id, text="x"))
        assert (response.status_code, response["error"]) == (429, "ratelimited")
        assert response.headers["Retry-After"] == "1"
        await client.chat_postMessage(channel=room.id, text="another channel")
        clock.advance(timedelta(seconds=1))
        await client.chat_postMessage(channel=slack.channel(ana).id, text="x")
        again = client.chat_postMessage(channel=slack.channel(ana).id, text="x")
        assert await code(again) == "ratelimited"


async def test_limits_can_be_switched_off() -> None:
    async with SlackSandbox(pace=Pace(posts=None)) as slack:
        room = slack.add_channel("room")
        for _ in range(20):
            await client_of(slack).chat_postMessage(channel=room.id, text="x")
        assert len(slack.messages(room)) == 20


async def test_views_conflict_on_an_old_hash_and_are_checked(slack: SlackSandbox) -> None:
    ana = slack.add_person("Ana")
    client = client_of(slack)
    home = {"type": "home", "blocks": card(button("a"))}
    first = await client.views_publish(user_id=ana.id, view=home)
    await client.views_publish(user_id=ana.id, view=home, hash=first["view"]["hash"])
    late = client.views_publish(user_id=ana.id, view=home, hash=first["view"]["hash"])
    assert await code(late) == "hash_conflict"
    wrong = await refusal(client.views_publish(user_id=ana.id, view=REASON_MODAL))
    assert wrong["error"] == "invalid_arguments"
    large = {**home, "private_metadata": "x" * 250_001}
    assert await code(client.views_publish(user_id=ana.id, view=large)) == "view_too_large"
    gone = client.views_update(view_id="V404", view=REASON_MODAL)
    assert await code(gone) == "not_found"


async def test_words_of_a_message_tell_whom_it_pings(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    blocks = card(button("a"))
    blocks[0]["text"]["text"] = "&lt;!here&gt; <!channel> <@U123>"
    await client_of(slack).chat_postMessage(channel=room.id, text="<!here|x>", blocks=blocks)
    assert slack.messages(room)[0].pings == {"!channel", "@U123", "!here"}


async def test_form_encoded_calls_are_understood(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    form = {"token": slack.bot_token, "channel": room.id, "text": "é", "unfurl_links": "false"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.base_url}chat.postMessage", data=form) as answer,
    ):
        assert (await answer.json())["ok"] is True
    assert slack.messages(room)[0].text == "é"
    assert slack.bot_token not in str(slack.calls)


async def test_waiting_for_what_does_not_come_says_so(slack: SlackSandbox) -> None:
    room = slack.add_channel("room")
    with pytest.raises(NotChanged):
        await slack.changed(lambda s: s.messages(room), within=timedelta(seconds=0.05))
