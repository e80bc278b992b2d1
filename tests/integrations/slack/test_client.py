from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from integrations.slack.cards import Message
from integrations.slack.client import SlackClient, open_client
from integrations.slack.failures import (
    LONGEST_RETRY_AFTER,
    SlackAuthLost,
    SlackRefused,
    SlackUnavailable,
)
from integrations.slack.manifest import SCOPES, check, manifest
from integrations.slack.moments import now
from integrations.slack.sandbox.faults import (
    Cut,
    Fault,
    Hang,
    RateLimited,
    Refused,
    ReplyLost,
    ServerError,
)
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.slack.text import section

WORDS = Message(text="hello", blocks=(section("hello"),))
PAYLOAD = {"request_id": "signoff:x", "copy": "ana"}
AGO = timedelta(minutes=1)


@pytest.fixture
async def slack() -> AsyncIterator[SlackSandbox]:
    async with SlackSandbox() as workspace:
        yield workspace


@pytest.fixture
async def client(slack: SlackSandbox) -> AsyncIterator[SlackClient]:
    within = timedelta(milliseconds=500)
    async with open_client(slack.bot_token, slack.base_url, within=within) as found:
        yield found


@pytest.mark.parametrize(
    ("fault", "maybe_done"),
    [
        (RateLimited(timedelta(seconds=30)), False),
        (ServerError(503), True),
        (Refused("internal_error"), True),
        (Cut(), True),
        (ReplyLost(), True),
        (Hang(), True),
    ],
)
async def test_trouble_that_passes_is_unavailable_and_says_whether_it_may_be_done(
    slack: SlackSandbox, client: SlackClient, fault: Fault, maybe_done: bool
) -> None:
    room = slack.add_channel("model-fraud")
    slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackUnavailable) as caught:
        await client.post(room.id, WORDS, payload=PAYLOAD)
    assert caught.value.maybe_done is maybe_done
    assert len(slack.messages(room)) == isinstance(fault, ReplyLost)


async def test_slack_says_how_long_to_wait(slack: SlackSandbox, client: SlackClient) -> None:
    slack.faults.next("auth.test", RateLimited(timedelta(seconds=30)))
    with pytest.raises(SlackUnavailable) as caught:
        await client.identify()
    assert caught.value.retry_after == timedelta(seconds=30)
    slack.faults.next("auth.test", RateLimited(timedelta(days=30)))
    with pytest.raises(SlackUnavailable) as caught:
        await client.identify()
    assert caught.value.retry_after == LONGEST_RETRY_AFTER


async def test_nobody_answering_is_unavailable_and_surely_not_done() -> None:
    async with open_client("xoxb-x", "http://127.0.0.1:9/api/") as client:
        with pytest.raises(SlackUnavailable) as caught:
            await client.identify()
    assert not caught.value.maybe_done


async def test_a_refusal_carries_slacks_code(client: SlackClient) -> None:
    with pytest.raises(SlackRefused) as caught:
        await client.post("C0NOWHERE", WORDS, payload=PAYLOAD)
    assert caught.value.error == "channel_not_found"


async def test_a_revoked_token_is_lost(slack: SlackSandbox, client: SlackClient) -> None:
    slack.revoke_token()
    with pytest.raises(SlackAuthLost, match="Install the app again"):
        await client.identify()


async def test_a_posted_message_is_found_by_its_name(
    slack: SlackSandbox, client: SlackClient
) -> None:
    room = slack.add_channel("model-fraud")
    assert await client.find_posted(room.id, PAYLOAD, now() - AGO) is None
    posted = await client.post(room.id, WORDS, payload=PAYLOAD)
    for _ in range(4):
        await client.post(room.id, WORDS, payload={**PAYLOAD, "copy": "ben"})
    assert await client.find_posted(room.id, PAYLOAD, now() - AGO) == posted
    assert await client.find_posted(room.id, PAYLOAD, now() + AGO) is None


async def test_an_answer_in_a_thread_is_found_by_its_name(
    slack: SlackSandbox, client: SlackClient
) -> None:
    room = slack.add_channel("model-fraud")
    card = await client.post(room.id, WORDS, payload={"request_id": "card", "copy": "channel"})
    reply = await client.post(room.id, WORDS, payload=PAYLOAD, thread_ts=card.ts)
    assert await client.find_posted(room.id, PAYLOAD, now() - AGO, card.ts) == reply


async def test_channels_are_found_by_name(slack: SlackSandbox, client: SlackClient) -> None:
    room = slack.add_channel("model-fraud")
    assert await client.channel_id("#model-fraud") == room.id
    with pytest.raises(SlackRefused, match="channel_not_found"):
        await client.channel_id("#nowhere")


async def test_bots_and_guests_can_not_decide(slack: SlackSandbox, client: SlackClient) -> None:
    slack.add_person("Bot", "bot@example.com", is_bot=True)
    slack.add_person("Zoe", "zoe@example.com", is_restricted=True)
    assert not (await client.account_by_email("bot@example.com")).can_decide
    assert not (await client.account_by_email("zoe@example.com")).can_decide


async def test_check_finds_nothing_wrong_with_an_app_made_from_the_manifest() -> None:
    async with (
        SlackSandbox(scopes=manifest(socket_mode=True)["oauth_config"]["scopes"]["bot"]) as slack,
        open_client(slack.bot_token, slack.base_url) as client,
    ):
        findings = await check(client)
    assert {finding.level for finding in findings} == {"ok"}


async def test_check_names_each_missing_scope_and_what_it_is_for() -> None:
    scopes = set(SCOPES) - {"users:read.email", "im:history"}
    async with (
        SlackSandbox(scopes=scopes) as slack,
        open_client(slack.bot_token, slack.base_url) as client,
    ):
        findings = await check(client)
    errors = {finding.about for finding in findings if finding.level == "error"}
    assert errors == {"users:read.email", "im:history", "people"}


async def test_check_says_that_the_token_is_lost(slack: SlackSandbox, client: SlackClient) -> None:
    slack.revoke_token()
    [finding] = await check(client)
    assert finding.level == "error"
    assert "token_revoked" in finding.sentence


def test_the_manifest_names_the_address_or_socket_mode() -> None:
    over_http = manifest("https://undersigned.example/")
    assert over_http["settings"]["interactivity"]["request_url"] == (
        "https://undersigned.example/slack/events"
    )
    assert manifest(socket_mode=True)["settings"]["socket_mode_enabled"]
    with pytest.raises(ValueError, match="public URL"):
        manifest()
