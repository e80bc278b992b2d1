"""The Slack ingress of one process: one for each workspace, behind one address or socket."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import APIRouter
from slack_bolt.async_app import AsyncApp

from api.deps import Composition
from api.slack import Dispatcher, build_slack, closed_slack_router, slack_router
from api.slack_front import Front
from api.slack_installed import Installed, PerWorkspace
from api.slack_personal import personal
from api.slack_socket import socket_mode
from integrations.slack.clicks import Click, Clicks
from integrations.slack.client import SlackClient, open_client
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.interim import showing_interim
from integrations.slack.lookups import colleague_finder, lookups, person_finder, signoff_loader

LINGER = timedelta(seconds=35)
"""What a replaced ingress began, it ends: a home tab follows a click for 30 seconds."""
NAMED_WITHIN = timedelta(seconds=0.2)

_log = logging.getLogger(__name__)


class ClicksOf:
    """Keeps the clicks of one workspace, so that each is answered from there."""

    def __init__(self, clicks: Clicks, slack: SlackClient) -> None:
        self._clicks = clicks
        self._slack = slack

    async def send(self, click: Click) -> None:
        """Keep a click; raises as the other does."""
        try:
            async with asyncio.timeout(NAMED_WITHIN.total_seconds()):
                workspace = (await self._slack.identify()).id
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError):
            workspace = ""  # it is answered from where the cards are
        reply_to = click.reply_to.model_copy(update={"workspace": workspace})
        await self._clicks.send(click.model_copy(update={"reply_to": reply_to}))


@asynccontextmanager
async def ingress(
    composition: Composition, clicks: Clicks, slack: SlackClient
) -> AsyncIterator[AsyncApp]:
    """Answer for one workspace until the block ends."""
    engine = composition.engine
    load = signoff_loader(engine)
    own = personal(composition, slack)
    try:
        async with showing_interim(slack, engine, load) as interim:
            yield build_slack(
                slack,
                ClicksOf(clicks, slack),
                person_finder(engine),
                load,
                own,
                colleague_finder(engine, slack),
                interim.begin,
                lookups(engine, slack, trusts_email=composition.settings.slack_trust_email),
            )
    finally:
        await own.stop()


@asynccontextmanager
async def fronted(
    composition: Composition, clicks: Clicks, single: AsyncApp | None = None
) -> AsyncIterator[Front]:
    """Answer for every workspace that the app is installed in, while it is."""
    settings = composition.settings

    @asynccontextmanager
    async def start(installed: Installed) -> AsyncIterator[AsyncApp]:
        async with (
            open_client(installed.token, settings.slack_api_url, team=installed.team) as slack,
            ingress(composition, clicks, slack) as app,
        ):
            yield app

    every = PerWorkspace(composition.engine, settings, start, linger=LINGER)
    looking = asyncio.create_task(every.run())
    try:
        yield Front(composition, every, single)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await every.close()


async def slack_routers(
    composition: Composition, clicks: Clicks, stack: AsyncExitStack
) -> list[APIRouter]:
    """Open what Slack reaches, by HTTP and Socket Mode as the settings say."""
    settings = composition.settings
    token, secret = settings.slack_bot_token, settings.slack_signing_secret
    if not settings.slack_is_configured:
        return [closed_slack_router()]
    if secret is None and settings.slack_app_token is None:
        _log.warning(
            "cards go out, but clicks can't come in: set UNDERSIGNED_SLACK_SIGNING_SECRET, "
            "or UNDERSIGNED_SLACK_APP_TOKEN for Socket Mode"
        )
    app: Dispatcher | None = None
    single: AsyncApp | None = None
    if token is not None:
        slack = await stack.enter_async_context(
            open_client(token.get_secret_value(), settings.slack_api_url)
        )
        composition.slack_home.client = slack
        app = single = await stack.enter_async_context(ingress(composition, clicks, slack))
    if settings.slack_is_installable:
        app = await stack.enter_async_context(fronted(composition, clicks, single))
    assert app is not None, "Slack is configured in one of the two ways"
    if settings.slack_app_token is not None:
        nobody = await stack.enter_async_context(open_client("", settings.slack_api_url))
        app_token = settings.slack_app_token.get_secret_value()
        await stack.enter_async_context(socket_mode(app, nobody.web, app_token))
    if secret is None:
        return [closed_slack_router()]
    return [slack_router(app, secret.get_secret_value())]
