"""A whole application with OAuth, real workers, Temporal and PostgreSQL, and several workspaces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from httpx import ASGITransport, AsyncClient
from sqlalchemy import URL
from temporalio.client import Client

from api.serving import application
from api.workers import running_worker
from integrations.settings import Settings
from integrations.slack.manifest import SCOPES
from integrations.slack.sandbox.records import Message, Person
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.api.conftest import new_database
from tests.api.house import House
from tests.api.slack_app import served
from tests.api.slack_offices import PUBLIC_URL, Lobby, oauth_settings

SOON = timedelta(seconds=20)


@dataclass
class Grounds:
    """What a test of several workspaces holds."""

    lobby: Lobby
    first: SlackSandbox
    second: SlackSandbox
    settings: Settings
    client: Client

    @property
    def house(self) -> House:
        return self.lobby.house

    async def enrol(self, name: str, *workspaces: SlackSandbox) -> tuple[str, list[Person]]:
        """Describe somebody of a new name with an account in each of these workspaces."""
        person = f"{name.lower()}-{uuid4().hex[:8]}"
        email = f"{person}@example.com"
        described = {"name": name, "email": email}
        assert (await self.house.put(f"/v1/people/{person}", json=described)).status_code == 200
        return person, [one.add_person(name, email) for one in workspaces]

    async def card(self, slack: SlackSandbox, who: Person, model: str) -> Message:
        """Wait for somebody's card about a model."""

        def look(there: SlackSandbox) -> Message | None:
            found = [one for one in there.messages(who) if model in one.shown]
            return found[-1] if found else None

        found = await slack.changed(look, within=SOON)
        assert found is not None
        return found


@asynccontextmanager
async def grounds(
    postgres: URL, client: Client, *, has_own: bool = False, **more: Any
) -> AsyncIterator[Grounds]:
    """Open two workspaces of one app, which is installed in none of them yet.

    With `has_own`, the first one's token is in the settings, as without OAuth.
    """
    async with (
        new_database(postgres) as engine,
        SlackSandbox(team_id="T0FIRST", team_name="First", scopes=list(SCOPES)) as first,
    ):
        second = SlackSandbox(team_id="T0SECOND", team_name="Second", beside=first)
        if has_own:
            more["slack_bot_token"] = first.bot_token
        else:
            first.revoke_token()
        given = {
            **oauth_settings(first),
            "slack_trust_email": True,
            "gathering": timedelta(0),
            "digests": False,
            **more,
        }
        settings = Settings(_env_file=None, **given)
        async with application(settings, client, engine) as app, served(app) as url:
            first.connect(f"{url}/slack/events")
            transport = ASGITransport(app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url=PUBLIC_URL) as http:
                house = House(engine, app.state.composition, http)
                yield Grounds(Lobby(house, first, http), first, second, settings, client)


@asynccontextmanager
async def working(there: Grounds) -> AsyncIterator[None]:
    """Run the worker of the same settings."""
    async with running_worker(there.settings, there.client, there.house.engine):
        yield
