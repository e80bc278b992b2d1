"""What is in the workspace, and who waits for it to change."""

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from integrations.slack.sandbox.clock import Clock
from integrations.slack.sandbox.errors import ApiError, NoSuchPerson, NoSuchPlace, NotChanged
from integrations.slack.sandbox.records import Channel, Json, Message, Person, View

T = TypeVar("T")

TRIGGER_LASTS = timedelta(seconds=3)
RESPONSE_URL_LASTS = timedelta(minutes=30)
RESPONSE_URL_USES = 5


@dataclass
class Trigger:
    """The right to open one view for one person."""

    user: str
    expires: datetime
    view: str | None = None
    is_used: bool = False


@dataclass
class ResponseUrl:
    """An address to answer an interaction at."""

    user: str
    channel: str
    expires: datetime
    message: Message | None
    uses: int = 0


@dataclass(frozen=True)
class Call:
    """A Web API call that the app made, and what it got; the token is not kept."""

    method: str
    arguments: Json
    answer: Json
    at: datetime

    @property
    def ok(self) -> bool:
        """Whether Slack did it."""
        return self.answer.get("ok") is True


class Workspace:
    """All state; every change goes through `touch`, so that nobody has to poll."""

    def __init__(
        self, *, team_id: str, team_name: str, enterprise_id: str | None, clock: Clock
    ) -> None:
        self.team_id = team_id
        self.team_name = team_name
        self.enterprise_id = enterprise_id
        self.is_org_wide = False
        """Whether the app is installed for the whole organisation."""
        self.clock = clock
        self.app_id = "A0UNDERSIGN"
        self.verification_token = secrets.token_hex(12)
        self.root_url = ""
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, list[Message]] = {}
        self.ephemerals: list[Message] = []
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.closed_views: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tickets: set[str] = set()
        self.calls: list[Call] = []
        self.on_own: Callable[[Message, Json | None], None] = lambda *_: None
        """Hears of what the bot posts, and of what it changes with what was there before."""
        self._counter = itertools.count(1)
        self._last_ts = 0
        self._pulse = asyncio.Event()
        self._changes = 0
        # Of this run alone: a page that outlives a restart must not take two states for one.
        self._run = secrets.token_hex(4)
        self.bot = Person(
            id=self.new_id("U"),
            name="Undersigned",
            handle="undersigned",
            email="",
            team_id=team_id,
            is_bot=True,
            bot_id=self.new_id("B"),
        )
        self.people[self.bot.id] = self.bot

    def new_id(self, prefix: str) -> str:
        """Make an id that looks like Slack's."""
        return f"{prefix}0SBX{next(self._counter):06d}"

    def new_ts(self) -> str:
        """Make a message's timestamp; no two are equal."""
        micros = int(self.clock.now().timestamp() * 1_000_000)
        self._last_ts = max(micros, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    @property
    def version(self) -> str:
        """Name the state; every change gives it another."""
        return f"{self._run}-{self._changes}"

    def touch(self) -> None:
        """Tell whoever waits that something changed."""
        self._changes += 1
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()

    async def until(self, look: Callable[[], T], within: timedelta) -> T:
        """Wait in real time until `look` answers something true, and answer it.

        Raises `NotChanged`.
        """
        try:
            async with asyncio.timeout(within.total_seconds()):
                while not (found := look()):
                    await self._pulse.wait()
        except TimeoutError:
            raise NotChanged(f"not within {within.total_seconds():g} s") from None
        return found

    def person(self, who: Person | str) -> Person:
        """Find a person by id or handle.

        Raises `NoSuchPerson`.
        """
        if isinstance(who, Person):
            return who
        for person in self.people.values():
            if who in {person.id, person.handle}:
                return person
        raise NoSuchPerson(who)

    def place(self, where: Channel | Person | str) -> Channel:
        """Find a channel by id or name, or a person's direct messages with the bot.

        Raises `NoSuchPlace`.
        """
        if isinstance(where, Channel):
            return where
        if isinstance(where, Person):
            return self.dm(where)
        for channel in self.channels.values():
            if where.removeprefix("#") in {channel.id, channel.name}:
                return channel
        if where in self.people:
            return self.dm(self.people[where])
        raise NoSuchPlace(where)

    def dm(self, person: Person) -> Channel:
        """Find or open the direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.kind == "im" and person.id in channel.members:
                return channel
        return self.add_channel("", "im", [person.id, self.bot.id])

    def add_channel(
        self, name: str, kind: Literal["public", "private", "im"], members: list[str]
    ) -> Channel:
        """Make a channel."""
        channel = Channel(
            id=self.new_id("D" if kind == "im" else "C"),
            name=name,
            kind=kind,
            created=int(self.clock.now().timestamp()),
            creator=members[0] if members else self.bot.id,
            members=list(dict.fromkeys(members)),
        )
        self.channels[channel.id] = channel
        self.messages[channel.id] = []
        self.touch()
        return channel

    def message(self, channel: str, ts: str) -> Message | None:
        """Find a message, deleted ones too."""
        return next((each for each in self.messages[channel] if each.ts == ts), None)

    def grant_trigger(self, user: str, view: str | None = None) -> str:
        """Make a trigger id for an interaction; three seconds, once."""
        now = self.clock.now()
        trigger_id = f"{next(self._counter)}.{int(now.timestamp())}.{secrets.token_hex(16)}"
        self.triggers[trigger_id] = Trigger(user, now + TRIGGER_LASTS, view)
        return trigger_id

    def redeem_trigger(self, trigger_id: str) -> Trigger:
        """Use a trigger up.

        Raises `ApiError` with Slack's code for unknown, used and late ones.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.is_used:
            raise ApiError("exchanged_trigger_id")
        if self.clock.now() > trigger.expires:
            raise ApiError("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def grant_response_url(
        self, kind: Literal["actions", "commands"], user: str, channel: str, message: Message | None
    ) -> str:
        """Make an address to answer at; 30 minutes, five times."""
        path = f"/{kind}/{self.team_id}/{next(self._counter)}/{secrets.token_urlsafe(18)}"
        self.response_urls[path] = ResponseUrl(
            user, channel, self.clock.now() + RESPONSE_URL_LASTS, message
        )
        return self.root_url + path

    def message_json(self, message: Message) -> Json:
        """Show a message as Slack's answers and payloads do; metadata is left to the caller."""
        shown: Json = {
            "type": "message",
            "user": message.author.id,
            "ts": message.ts,
            "text": message.text,
            "team": message.author.team_id,
        }
        if message.author.bot_id:
            shown |= {"bot_id": message.author.bot_id, "app_id": self.app_id}
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.edited:
            shown["edited"] = message.edited
        replies = [] if message.only_for else self.replies(message)
        if message.thread_ts or replies:
            shown["thread_ts"] = message.thread_ts or message.ts
        if replies:
            shown |= {
                "reply_count": len(replies),
                "reply_users": list(dict.fromkeys(each.author.id for each in replies)),
                "latest_reply": replies[-1].ts,
            }
        return shown

    def replies(self, parent: Message) -> list[Message]:
        """List the answers in a message's thread, oldest first."""
        return [
            each
            for each in self.messages[parent.channel]
            if each.thread_ts == parent.ts and each.ts != parent.ts and not each.is_deleted
        ]


def paged(found: list[Any], limit: int, cursor: str) -> tuple[list[Any], str]:
    """Cut a page out; answer it and the cursor of the next, empty at the end.

    Raises `ApiError` `invalid_cursor`.
    """
    if cursor and not cursor.isdecimal():
        raise ApiError("invalid_cursor")
    start = int(cursor or 0)
    end = start + limit
    return found[start:end], str(end) if end < len(found) else ""
