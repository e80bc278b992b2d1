"""Slack's Web API, as much of it as Undersigned needs."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from integrations.slack.cards import Message
from integrations.slack.failures import SlackRefused, failure_of
from integrations.slack.members import Account, Team, account_in
from integrations.slack.text import Json
from integrations.together import Together

EVENT_TYPE = "undersigned_card"
"""The metadata's type, by which our own messages are found again."""

ANSWER_WITHIN = timedelta(seconds=10)
MOST_PAGES = 50
"""Pages of a listing that are looked through; 10,000 messages, 50,000 channels."""

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Posted:
    """Where a message is."""

    channel: str
    ts: str


class SlackClient:
    """Calls Slack; every failure is `SlackUnavailable`, `SlackRefused` or `SlackAuthLost`."""

    def __init__(self, web: AsyncWebClient, team: Team | None = None) -> None:
        self.web = web
        self._team = team
        self._identifying = Together(self._identified)

    async def identify(self) -> Team:
        """Say whose token this is; asked once, whoever wants to know it at the same time."""
        if self._team is None:
            self._team = await self._identifying.of(self.web.token)
        if self._team is None:
            raise RuntimeError("an answer of `auth.test` names no team")
        return self._team

    async def _identified(self, _: Collection[str | None]) -> dict[str | None, Team]:
        answer = await _ask(self.web.auth_test)
        scopes = str(answer.headers.get("x-oauth-scopes") or "")
        is_org_wide = bool(answer.get("is_enterprise_install")) and answer.get("enterprise_id")
        team = Team(
            id=answer["enterprise_id"] if is_org_wide else answer["team_id"],
            enterprise=answer.get("enterprise_id"),
            bot_user=answer["user_id"],
            scopes=frozenset(each.strip() for each in scopes.split(",") if each.strip()),
            url=str(answer.get("url") or ""),
        )
        return {self.web.token: team}

    async def probe(self) -> None:
        """Ask Slack whether it accepts the token; every failure says why not."""
        await _ask(self.web.auth_test)

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        payload: dict[str, str],
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Posted:
        """Post a message; `payload` names it, so that it can be found again."""

        def call() -> Awaitable[AsyncSlackResponse]:
            return self.web.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks),
                thread_ts=thread_ts,
                reply_broadcast=True if broadcast and thread_ts else None,
                metadata={"event_type": EVENT_TYPE, "event_payload": payload},
                unfurl_links=False,
                unfurl_media=False,
            )

        answer = await _ask(call)
        return Posted(channel=answer["channel"], ts=answer["ts"])

    async def update(self, at: Posted, message: Message) -> None:
        """Change a message in place."""
        await _ask(
            lambda: self.web.chat_update(
                channel=at.channel, ts=at.ts, text=message.text, blocks=list(message.blocks)
            )
        )

    async def whisper(
        self, channel: str, user: str, text: str, thread_ts: str | None = None
    ) -> None:
        """Say something to one person in a channel; `text` is mrkdwn, already escaped."""
        await _ask(
            lambda: self.web.chat_postEphemeral(
                channel=channel, user=user, text=text, thread_ts=thread_ts
            )
        )

    async def open_dm(self, user: str) -> str:
        """Open the direct messages with a person, and answer their channel."""
        answer = await _ask(lambda: self.web.conversations_open(users=[user]))
        return str(answer["channel"]["id"])

    async def open_view(self, trigger_id: str, view: Json) -> None:
        """Show a modal to whoever clicked."""
        await _ask(lambda: self.web.views_open(trigger_id=trigger_id, view=view))

    async def publish_home(self, user: str, view: Json) -> None:
        """Show a person's home tab."""
        await _ask(lambda: self.web.views_publish(user_id=user, view=view))

    async def join(self, channel: str) -> None:
        """Go into a public channel."""
        await _ask(lambda: self.web.conversations_join(channel=channel))

    async def account_by_email(self, email: str) -> Account:
        """Find an account by address; `SlackRefused` `users_not_found` when there is none."""
        found = (await _ask(lambda: self.web.users_lookupByEmail(email=email)))["user"]
        if not found.get("is_email_confirmed", True):  # anybody may enter anybody's address
            raise SlackRefused("users_not_found")
        return account_in(found)

    async def account_with_email(self, user: str) -> tuple[Account, str]:
        """Give an account and its confirmed address, empty when it has none."""
        found = (await _ask(lambda: self.web.users_info(user=user)))["user"]
        is_confirmed = found.get("is_email_confirmed", True)
        email = found.get("profile", {}).get("email") if is_confirmed else None
        return account_in(found), str(email or "")

    async def name_of(self, user: str) -> str:
        """Give what an account calls itself."""
        found = (await _ask(lambda: self.web.users_info(user=user)))["user"]
        return str(found.get("real_name") or "")

    async def zone_of(self, user: str) -> str:
        """Name the time zone that somebody has set in Slack; empty when they have none."""
        return str((await _ask(lambda: self.web.users_info(user=user)))["user"].get("tz") or "")

    async def find_posted(
        self, channel: str, payload: dict[str, str], since: datetime, thread_ts: str | None = None
    ) -> Posted | None:
        """Look for a message of ours by its metadata, where a reply to posting it was lost."""
        window: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": 200,
        }
        if thread_ts:
            pages = self._pages(self.web.conversations_replies, {**window, "ts": thread_ts})
        else:
            pages = self._pages(self.web.conversations_history, window)
        async for page in pages:
            for message in page["messages"]:
                if _is_named(message, payload):
                    return Posted(channel=channel, ts=message["ts"])
        return None

    async def channel_id(self, name: str) -> str:
        """Find a channel by name; `SlackRefused` `channel_not_found` when the app sees none."""
        wanted = name.removeprefix("#")
        asked = {"types": "public_channel,private_channel", "limit": 1000, "exclude_archived": True}
        async for page in self._pages(self.web.conversations_list, asked):
            for channel in page["channels"]:
                if wanted in {channel["id"], channel.get("name")}:
                    return str(channel["id"])
        raise SlackRefused("channel_not_found")

    async def _pages(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], arguments: dict[str, Any]
    ) -> AsyncIterator[AsyncSlackResponse]:
        cursor = ""
        for _ in range(MOST_PAGES):
            asked = {**arguments, "cursor": cursor} if cursor else arguments
            page = await _ask(partial(method, **asked))
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


async def _ask(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    try:
        return await call()
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        raise failure_of(error) from error


def _is_named(message: Json, payload: dict[str, str]) -> bool:
    metadata = message.get("metadata") or {}
    found = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.items() <= found.items()


@asynccontextmanager
async def open_client(
    token: str,
    base_url: str = AsyncWebClient.BASE_URL,
    *,
    within: timedelta = ANSWER_WITHIN,
    team: Team | None = None,
    logger: logging.Logger | None = None,
) -> AsyncIterator[SlackClient]:
    """Open one pool of connections to Slack and close it at the end.

    `team` is whose token it is, where that is known; otherwise Slack is asked.
    """
    timeout = aiohttp.ClientTimeout(total=within.total_seconds())
    async with aiohttp.ClientSession(timeout=timeout) as session:
        # slack_sdk's own retries would post a message twice when only the answer was lost.
        web = AsyncWebClient(
            token=token, base_url=base_url, session=session, retry_handlers=[], logger=logger
        )
        if urlsplit(base_url).hostname in LOOPBACK:
            web.proxy = None  # slack_sdk takes the environment's proxy and knows no exceptions
        yield SlackClient(web, team)
