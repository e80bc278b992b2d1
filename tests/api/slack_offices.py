"""Workspaces that install the app through a browser, over an application with OAuth set up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from api.app import create_app
from api.deps import Composition
from api.slack_consent import consent_router
from integrations.settings import Settings
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.slack.sealing import new_key
from tests.api.house import Clock, House, open_house

PUBLIC_URL = "https://undersigned.test"
KEYS = new_key()


def oauth_settings(slack: SlackSandbox, **more: Any) -> dict[str, Any]:
    """Give the settings that an operator makes for the app of a stand-in workspace."""
    slack.allow_redirects_to(f"{PUBLIC_URL}/slack/oauth_redirect")
    return {
        "public_url": PUBLIC_URL,
        "slack_client_id": slack.client_id,
        "slack_client_secret": slack.client_secret,
        "slack_store_keys": KEYS,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.base_url,
        **more,
    }


@dataclass
class Lobby:
    """An application that a browser installs the app at."""

    house: House
    slack: SlackSandbox
    browser: AsyncClient

    async def link(self) -> str:
        """Make an administrator's link."""
        made = await self.house.post("/v1/slack/links")
        assert made.status_code == 201, made.text
        return str(made.json()["url"])

    async def open(self, link: str) -> Response:
        """Open the link in the browser; nothing is followed."""
        return await self.browser.get(link)

    async def install(self, slack: SlackSandbox | None = None) -> Response:
        """Install the app in a workspace from the link to the last page."""
        sent = await self.open(await self.link())
        assert sent.status_code == 302, sent.text
        back = (slack or self.slack).consent(sent.headers["location"], installer="U0INSTALLER")
        return await self.browser.get(back)


@asynccontextmanager
async def lobby(
    engine: AsyncEngine, client: Client, slack: SlackSandbox, clock: Clock, **settings: Any
) -> AsyncIterator[Lobby]:
    """Open the application over a database, with OAuth set up for a workspace's app."""
    given = oauth_settings(slack, **settings)
    async with open_house(engine, client, clock, **given) as house:
        app = create_app(house.composition, extra_routers=[consent_router(house.composition)])
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser:
            yield Lobby(house, slack, browser)


def another_browser(lobby: Lobby) -> AsyncClient:
    """Open a browser that shares no cookies."""
    transport = lobby.browser._transport
    return AsyncClient(transport=transport, base_url=PUBLIC_URL)


def composition_with(house: House, **changes: Any) -> Composition:
    """Give the composition of a replica whose settings differ."""
    known = house.composition
    settings = Settings(_env_file=None, **{**known.settings.model_dump(), **changes})
    return Composition(known.engine, known.lifecycles, settings, known.clock)


def path_of(url: str) -> str:
    return urlsplit(url).path
