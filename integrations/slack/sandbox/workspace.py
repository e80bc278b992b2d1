"""A stand-in Slack workspace that the real `slack_sdk` client talks to over HTTP.

    async with SlackSandbox() as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
        slack.connect("http://127.0.0.1:8080/slack/events")
        ana = slack.add_person("Ana Ruiz", "ana@example.com")
        room = slack.add_channel("model-fraud", members=[ana])     # the bot is in it by default
        await client.chat_postMessage(channel=ana.id, text="Approve?", blocks=[...])
        card = (await slack.changed(lambda s: s.messages(ana), within=timedelta(seconds=2)))[-1]
        delivery = await slack.click(ana, card.channel, card.ts, "approve")

What it imitates and what not is listed in `server.py`. What people do is in `acts.py` and
`modals.py`, what can go wrong in `faults.py`.
"""

import secrets
from collections.abc import Callable, Iterable
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from integrations.slack.sandbox.app import InstalledApp
from integrations.slack.sandbox.clock import Clock, RealClock
from integrations.slack.sandbox.delivery import Courier, Delivery
from integrations.slack.sandbox.echoes import Echoes
from integrations.slack.sandbox.errors import NoSuchMessage
from integrations.slack.sandbox.events import RETRIES, Events
from integrations.slack.sandbox.faults import Faults
from integrations.slack.sandbox.installing import Installs
from integrations.slack.sandbox.oauth import Branch, Registration
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.page import Page
from integrations.slack.sandbox.records import Channel, Json, Message, Person
from integrations.slack.sandbox.server import Server
from integrations.slack.sandbox.sockets import SocketHub
from integrations.slack.sandbox.state import Call, Workspace
from integrations.slack.sandbox.tokens import BOT_SCOPES, Tokens

T = TypeVar("T")

ACKNOWLEDGE_WITHIN = timedelta(seconds=3)


class SlackSandbox(Installs):
    """A workspace with one installed app; use it as an async context manager."""

    def __init__(
        self,
        *,
        team_id: str = "T0SANDBOX01",
        team_name: str = "Sandbox",
        enterprise_id: str | None = None,
        scopes: Iterable[str] = BOT_SCOPES,
        clock: Clock | None = None,
        pace: Pace | None = None,
        acknowledge_within: timedelta = ACKNOWLEDGE_WITHIN,
        event_retries: tuple[timedelta, ...] = RETRIES,
        signing_secret: str | None = None,
        bot_token: str | None = None,
        manifest: Json | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        beside: "SlackSandbox | None" = None,
        is_org_wide: bool = False,
    ) -> None:
        self.clock = clock or RealClock()
        self.faults = Faults()
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.deliveries: list[Delivery] = []
        self._beside = beside
        self._workspace = Workspace(
            team_id=team_id, team_name=team_name, enterprise_id=enterprise_id, clock=self.clock
        )
        self._workspace.is_org_wide = is_org_wide
        app_token = beside.app_token if beside else None
        self._tokens = Tokens(frozenset(scopes), bot_token, app=app_token)
        self._app = InstalledApp(
            manifest or (beside._app.manifest if beside else None), self._tokens.bot_scopes
        )
        self._branch = Branch(self._workspace, self._tokens, pace or Pace())
        self._begin_telling()
        if beside is None:
            self._open_the_app(acknowledge_within, host, port)
        else:
            self._join(beside)
        self._events = Events(self._courier, self._workspace, self.deliveries, event_retries)
        self.echoes = Echoes(self._courier, self._workspace, self._app, event_retries)

    def _open_the_app(self, acknowledge_within: timedelta, host: str, port: int) -> None:
        """Make what all workspaces of the app share."""
        self._registration = Registration(self._branch)
        self.sockets = SocketHub(self._workspace)
        self._courier = Courier(self.signing_secret, self.sockets, acknowledge_within)
        page = Page(self, self._workspace, self._courier, self.faults, self._tokens, host=host)
        self._server = Server(self._registration, self.faults, self.sockets, page)
        self._bind = (host, port)

    def _join(self, other: "SlackSandbox") -> None:
        """Be another workspace of the same app, which is not installed in it yet."""
        self.faults, self.signing_secret = other.faults, other.signing_secret
        self._registration, self._courier = other._registration, other._courier
        self.sockets, self._server = other.sockets, other._server
        self._workspace.root_url = other._workspace.root_url
        self._registration.branches.append(self._branch)
        self._tokens.revoke()

    async def __aenter__(self) -> Self:
        if self._beside is None:
            self._workspace.root_url = await self._server.start(*self._bind)
            await self._courier.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.echoes.stop()
        await self._events.stop()
        if self._beside is None:
            await self._server.stop()
            await self._courier.stop()

    @property
    def base_url(self) -> str:
        """The Web API, for `AsyncWebClient(base_url=…)`."""
        return f"{self._workspace.root_url}/api/"

    @property
    def page_url(self) -> str:
        """The workspace as a page, for a browser."""
        return f"{self._workspace.root_url}/"

    @property
    def bot_token(self) -> str:
        """The bot token of the newest installation."""
        return self._tokens.bot

    @property
    def app_token(self) -> str:
        """The app-level token, for Socket Mode."""
        return self._tokens.app

    @property
    def team_id(self) -> str:
        """The workspace."""
        return self._workspace.team_id

    @property
    def enterprise_id(self) -> str | None:
        """The organisation that the workspace belongs to, if any."""
        return self._workspace.enterprise_id

    @property
    def app_id(self) -> str:
        """The app."""
        return self._workspace.app_id

    @property
    def bot(self) -> Person:
        """The app's bot, with `id` and `bot_id`."""
        return self._workspace.bot

    @property
    def calls(self) -> list[Call]:
        """All Web API calls that reached Slack, oldest first."""
        return self._workspace.calls

    def calls_of(self, method: str) -> list[Call]:
        """All calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def connect(self, request_url: str) -> None:
        """Name the address that gets interactions, commands and events while no socket is open."""
        self._courier.request_url = request_url

    def add_person(
        self,
        name: str,
        email: str = "",
        *,
        is_bot: bool = False,
        deleted: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        team_id: str | None = None,
        tz: str = "Etc/UTC",
    ) -> Person:
        """Let somebody into the workspace; one of another team is a stranger from Slack Connect."""
        handle = (email.partition("@")[0] or name).lower().replace(" ", ".")
        person = Person(
            id=self._workspace.new_id("U"),
            name=name,
            handle=handle,
            email=email,
            team_id=team_id or self.team_id,
            tz=tz,
            is_bot=is_bot,
            deleted=deleted,
            is_restricted=is_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_stranger=team_id not in {None, self.team_id},
            bot_id=self._workspace.new_id("B") if is_bot else None,
            updated=int(self.clock.now().timestamp()),
        )
        self._workspace.people[person.id] = person
        self._workspace.touch()
        return person

    async def change_person(self, who: Person | str, **fields: Any) -> Person:
        """Change fields of an account (`email`, `deleted` …); the app gets `user_change`."""
        person = self._workspace.person(who)
        for name, value in fields.items():
            if name not in {"name", "email", "deleted", "is_restricted", "tz"}:
                raise TypeError(f"{name} of a person can't change")
            setattr(person, name, value)
        person.updated = int(self.clock.now().timestamp())
        self._workspace.touch()
        shown = person.to_json(self.clock.now(), with_email=True)
        await self.event({"type": "user_change", "user": shown, "event_ts": self._ts()})
        return person

    def _ts(self) -> str:
        return self._workspace.new_ts()

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[Person] = (),
        is_private: bool = False,
        invite_bot: bool = True,
    ) -> Channel:
        """Make a channel; `#` before its name is dropped."""
        inside = [person.id for person in members]
        kind: Literal["public", "private"] = "private" if is_private else "public"
        if invite_bot:
            inside.append(self.bot.id)
        return self._workspace.add_channel(name.removeprefix("#"), kind, inside)

    def invite(self, where: Channel | str, who: Person | str) -> None:
        """Let a person, or the bot, into a channel."""
        channel, person = self._workspace.place(where), self._workspace.person(who)
        if person.id not in channel.members:
            channel.members.append(person.id)
            self._workspace.touch()

    def remove(self, where: Channel | str, who: Person | str) -> None:
        """Put a person, or the bot, out of a channel."""
        self._workspace.place(where).members.remove(self._workspace.person(who).id)
        self._workspace.touch()

    def archive(self, where: Channel | str) -> None:
        """Close a channel for good."""
        self._workspace.place(where).is_archived = True
        self._workspace.touch()

    def channel(self, where: Channel | Person | str) -> Channel:
        """Find a channel by id or name, or a person's direct messages with the bot."""
        return self._workspace.place(where)

    def person(self, who: Person | str) -> Person:
        """Find a person by id or handle."""
        return self._workspace.person(who)

    def messages(self, where: Channel | Person | str) -> list[Message]:
        """List what a channel or a person's direct messages show, threads too, oldest first."""
        channel = self._workspace.place(where)
        return [each for each in self._workspace.messages[channel.id] if not each.is_deleted]

    def message(self, where: Channel | Person | str, ts: str) -> Message:
        """Find a message, deleted ones too.

        Raises `NoSuchMessage`.
        """
        found = self._workspace.message(self._workspace.place(where).id, ts)
        if found is None:
            raise NoSuchMessage(ts)
        return found

    def thread(self, where: Channel | Person | str, ts: str) -> list[Message]:
        """List the answers to a message, oldest first."""
        return self._workspace.replies(self.message(where, ts))

    def ephemerals(self, who: Person | str) -> list[Message]:
        """List what only this person sees, oldest first."""
        person = self._workspace.person(who)
        return [
            each
            for each in self._workspace.ephemerals
            if each.only_for == person.id and not each.is_deleted
        ]

    async def changed(self, predicate: Callable[[Self], T], *, within: timedelta) -> T:
        """Wait, in real time, until the predicate finds something; answer what it found.

        The predicate is looked at after every change of the workspace, never by the clock.
        Raises `NotChanged`.
        """
        return await self._workspace.until(lambda: predicate(self), within)
