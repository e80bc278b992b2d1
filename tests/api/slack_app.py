"""The real ingress on a real port, with a seam in place of Temporal that keeps clicks in a list."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.slack import build_slack, slack_router
from integrations.database.participation import OpenVersion
from integrations.slack.cards import Message, owner_card
from integrations.slack.clicks import Click
from integrations.slack.client import Posted, SlackClient, open_client
from integrations.slack.lookups import Lookups
from integrations.slack.manifest import manifest
from integrations.slack.sandbox.records import Person
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.slack.talks import Talk
from lifecycle.commands import Decide
from lifecycle.slack_links import SlackLink, SlackUser
from lifecycle.view import SignoffView, VersionView
from tests.integrations.slack.examples import signoff


@dataclass
class Kept:
    """Keeps clicks in a list, or fails as told."""

    clicks: list[Click] = field(default_factory=list)
    trouble: Exception | None = None
    trouble_lasts: int = 1_000
    """How many clicks meet it."""
    hangs: bool = False

    async def send(self, click: Click) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None and self.trouble_lasts:
            self.trouble_lasts -= 1
            raise self.trouble
        self.clicks.append(click)

    @property
    def decisions(self) -> list[Decide]:
        """What was decided; a click that asks for anything else fails here."""
        commands = [click.command for click in self.clicks]
        decisions = [command for command in commands if isinstance(command, Decide)]
        assert decisions == commands
        return decisions


@dataclass
class Ingress:
    """What a test holds."""

    slack: SlackSandbox
    client: SlackClient
    kept: Kept
    url: str
    people: dict[str, str] = field(default_factory=dict)
    """Persons by Slack user id."""
    views: dict[str, SignoffView] = field(default_factory=dict)
    lookups: int = 0
    addresses: dict[str, str | Exception] = field(default_factory=dict)
    """Persons by the Slack user whose address is theirs, though nobody linked it."""
    proposed: dict[str, str] = field(default_factory=dict)
    """Names by the Slack user whose account is not confirmed yet."""
    talks: dict[str, Talk] = field(default_factory=dict)
    """What threads are about, by the timestamp of their first message."""
    open_versions: dict[str, list[OpenVersion]] = field(default_factory=dict)
    """By person."""
    version_views: dict[tuple[str, str], VersionView] = field(default_factory=dict)
    is_database_away: bool = False

    async def person_of(self, enterprise: str | None, team: str, user: str) -> str | None:
        assert team == self.slack.team_id
        assert enterprise == self.slack.enterprise_id
        self.lookups += 1
        await self._database()
        return self.people.get(user)

    async def by_address(self, user: str) -> str | None:
        await self._database()
        found = self.addresses.get(user)
        if isinstance(found, Exception):
            raise found
        return found

    async def load(self, signoff: str) -> SignoffView | None:
        await self._database()
        return self.views.get(signoff)

    async def talk(self, channel: str, ts: str) -> Talk | None:
        assert self.slack.channel(channel).id == channel
        await self._database()
        return self.talks.get(ts)

    @property
    def looks(self) -> Lookups:
        """What replies and attached messages are looked up by."""
        return Lookups(self.talk, self.by_address, self.link_of, self.versions_of, self.version)

    async def link_of(self, account: SlackUser) -> tuple[str, SlackLink] | None:
        assert account.team == self.slack.team_id
        await self._database()
        name = self.proposed.get(account.user)
        link = SlackLink(team=account.team, user=account.user, person="somebody")
        return (name, link) if name else None

    async def versions_of(self, person: str) -> tuple[OpenVersion, ...]:
        await self._database()
        return tuple(self.open_versions.get(person, ()))

    async def version(self, model: str, version: str) -> VersionView | None:
        await self._database()
        return self.version_views.get((model, version))

    async def _database(self) -> None:
        if self.is_database_away:
            await asyncio.Event().wait()


@asynccontextmanager
async def ingress(**options: Any) -> AsyncIterator[Ingress]:
    """Serve the ingress and connect a workspace to it."""
    async with (
        SlackSandbox(manifest=manifest(socket_mode=True), **options) as slack,
        open_client(slack.bot_token, slack.base_url) as client,
    ):
        found = Ingress(slack=slack, client=client, kept=Kept(), url="")
        bolt = build_slack(
            client,
            found.kept,
            found.person_of,
            found.load,
            by_address=found.by_address,
            lookups=found.looks,
        )
        app = FastAPI()
        app.include_router(slack_router(bolt, slack.signing_secret))
        async with served(app) as url:
            found.url = f"{url}/slack/events"
            slack.connect(found.url)
            yield found


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


async def post(app: Ingress, where: str, message: Message) -> Posted:
    """Post a message as the app does."""
    return await app.client.post(where, message, payload={"request_id": "x", "copy": "y"})


async def card(app: Ingress, person: Person, view: SignoffView | None = None) -> Posted:
    """Give somebody the card of a sign-off that they can decide."""
    return await post(app, person.id, owner_card(view or signoff(), "ana"))
