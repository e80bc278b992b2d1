"""The Slack ingress: `slack-bolt` at `/slack/events`, over HTTP and Socket Mode."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.request.internals import parse_body
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from api.problems import SlackNotSetUp
from api.slack_answers import Answers
from api.slack_attaching import Attaching
from api.slack_guard import is_from_slack
from api.slack_home import HomeClicks
from api.slack_interactions import FOREIGN, Interactions
from api.slack_keeper import AfterKept, Keeper, LoadSignoff
from api.slack_menu import Menu
from api.slack_payload import Sender, command_sender, sender
from api.slack_people import AccountOfAddress, Colleagues, People, PersonOfSlack, Zones
from api.slack_personal import Personal
from integrations.slack.attaching import ATTACH, ATTACH_ANSWER, ATTACH_EVIDENCE
from integrations.slack.clicks import (
    ANSWER,
    APPROVE,
    APPROVE_CONFIRM,
    APPROVE_WITH,
    ASK,
    DELEGATE,
    DETAILS,
    MORE,
    REQUEST_CHANGES,
    SNOOZE,
    Clicks,
)
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.lookups import Lookups
from integrations.slack.moments import now
from integrations.slack.text import Json

IDENTIFIED_WITHIN = timedelta(seconds=0.3)
ANYTHING = re.compile(".*", re.DOTALL)


class Dispatcher(Protocol):
    """Answers what Slack sends: bolt's app does, and whoever chooses one of several."""

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer one request."""


_log = logging.getLogger(__name__)
_OBJECTS = ("user", "team", "enterprise", "container", "channel", "message", "view", "event")


def build_slack(
    client: SlackClient,
    clicks: Clicks,
    people: PersonOfSlack,
    load_signoff: LoadSignoff,
    personal: Personal | None = None,
    by_address: AccountOfAddress | None = None,
    after_kept: AfterKept | None = None,
    lookups: Lookups | None = None,
) -> AsyncApp:
    """Wire the ingress; decisions are kept through `clicks` before Slack gets its 200.

    `by_address` finds colleagues whose account nobody linked; `after_kept` begins what follows on
    a durable click and nothing depends on. Without `lookups` replies in threads answer
    nothing, and no message is attached.
    """
    web = client.web
    tokenless = AsyncWebClient(base_url=web.base_url, session=web.session, retry_handlers=[])
    tokenless.proxy = web.proxy
    app = AsyncApp(
        name="undersigned",
        client=tokenless,
        authorize=_authorize(client),
        process_before_response=True,  # else bolt answers Slack while a click is still being kept
        request_verification_enabled=False,  # the route has verified; bolt's own check can raise
        ssl_check_enabled=False,
    )
    if personal is not None:
        clicks = HomeClicks(clicks, personal.home)
    known, zones = People(people), Zones(client)
    keeper = Keeper(client, clicks, known, load_signoff, after_kept)
    interactions = Interactions(keeper, zones)
    is_foreign = partial(_is_foreign, client)
    app.middleware(_turn_foreigners_away(client, interactions))
    if personal is not None:
        personal.register(app)
    _add_decisions(app, interactions)
    _add_menu(app, Menu(keeper, Colleagues(known, by_address), zones, interactions.details))
    if lookups is not None:
        _add_talk(
            app, Attaching(keeper, client, lookups), Answers(keeper, is_foreign, lookups.talk)
        )
    _add_the_rest(app, interactions)
    return app


def _add_decisions(app: AsyncApp, interactions: Interactions) -> None:
    app.action(APPROVE)(interactions.approve)
    app.action(APPROVE_CONFIRM)(interactions.confirm)
    app.action(APPROVE_WITH)(interactions.approve_with)
    app.action(REQUEST_CHANGES)(interactions.request_changes)
    app.action(DETAILS)(interactions.details)
    app.view(APPROVE)(interactions.submit_approval)
    app.view(REQUEST_CHANGES)(interactions.submit_changes)


def _add_menu(app: AsyncApp, menu: Menu) -> None:
    app.action(MORE)(menu.choose)
    app.view(DELEGATE)(menu.submit_delegation)
    app.view(SNOOZE)(menu.submit_snooze)
    app.view(ASK)(menu.submit_question)


def _add_talk(app: AsyncApp, attaching: Attaching, answers: Answers) -> None:
    app.message_shortcut(ATTACH)(attaching.open)
    app.view(ATTACH)(attaching.ask)
    app.view(ATTACH_EVIDENCE)(attaching.submit_evidence)
    app.view(ATTACH_ANSWER)(attaching.submit_answer)
    app.action(ANSWER)(answers.ask)
    app.view(ANSWER)(answers.submit)
    app.event("message")(answers.reply)


def _add_the_rest(app: AsyncApp, interactions: Interactions) -> None:
    """Answer, too, whatever a card of another version of Undersigned has; bolt takes the first."""
    app.action(ANYTHING)(interactions.unknown_action)
    app.view(ANYTHING)(interactions.unknown_view)
    app.command(ANYTHING)(interactions.unknown_command)
    app.shortcut(ANYTHING)(interactions.ignore)
    app.event(ANYTHING)(interactions.ignore)


def _authorize(client: SlackClient) -> Callable[..., Awaitable[AuthorizeResult]]:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Accept what Slack signed; bolt's own way asks Slack first, on the path of a click."""
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=client.web.token
        )

    return authorize


def _turn_foreigners_away(
    client: SlackClient, interactions: Interactions
) -> Callable[..., Awaitable[BoltResponse | None]]:
    async def check(
        ack: AsyncAck,
        body: Json,
        next: Callable[[], Awaitable[None]],  # noqa: A002 - bolt's name
    ) -> BoltResponse | None:
        if "user" in body and "team" in body and await _is_foreign(client, sender(body)):
            return await interactions.foreign(ack, body)
        if "command" in body and await _is_foreign(client, command_sender(body)):
            return await ack(FOREIGN)
        await next()
        return None

    return check


async def _is_foreign(client: SlackClient, who: Sender) -> bool:
    try:
        async with asyncio.timeout(IDENTIFIED_WITHIN.total_seconds()):
            return not (await client.identify()).has(who.team, who.enterprise)
    except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError):
        # The core knows nobody of a foreign team, so that a click need not be lost for this.
        _log.warning("could not learn the app's own team; the core judges alone")
        return False


def closed_slack_router() -> APIRouter:
    """Serve `POST /slack/events` where nothing can check Slack's signature: always a 503."""
    router = APIRouter()

    @router.post("/slack/events", summary="Everything that Slack sends", tags=["Slack"])
    async def events() -> Response:
        raise SlackNotSetUp(
            "Set UNDERSIGNED_SLACK_BOT_TOKEN and UNDERSIGNED_SLACK_SIGNING_SECRET to receive over"
            " HTTP; with UNDERSIGNED_SLACK_APP_TOKEN, Slack is reached by Socket Mode instead."
        )

    return router


def slack_router(app: Dispatcher, signing_secret: str) -> APIRouter:
    """Serve `POST /slack/events`; what Slack did not sign is 401."""
    router = APIRouter()

    @router.post("/slack/events", summary="Everything that Slack sends", tags=["Slack"])
    async def events(request: Request) -> Response:
        body = await request.body()
        headers = request.headers
        timestamp = headers.get("x-slack-request-timestamp")
        signature = headers.get("x-slack-signature")
        if not is_from_slack(signing_secret, timestamp, signature, body, now()):
            return _problem(
                401, "slack-signature", "The request is not signed by Slack, or is old."
            )
        if not _is_readable(body, headers.get("content-type", "")):
            return _problem(400, "malformed-body", "The body is neither JSON nor a Slack form.")
        answer = await app.async_dispatch(to_async_bolt_request(request, body))
        return to_starlette_response(answer)

    return router


def _is_readable(body: bytes, content_type: str) -> bool:
    try:
        found = parse_body(body.decode(), content_type.partition(";")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and bool(found) and _has_slacks_shape(found)


def _has_slacks_shape(body: Json) -> bool:
    """Say whether what bolt and the handlers reach into is what Slack sends there."""
    found = [body.get(name) or {} for name in _OBJECTS]
    if not all(isinstance(one, dict) and isinstance(one.get("id", ""), str) for one in found):
        return False
    actions = body.get("actions") or []
    return isinstance(actions, list) and all(isinstance(one, dict) for one in actions)


def _problem(status: int, kind: str, title: str) -> JSONResponse:
    return JSONResponse(
        {"type": f"urn:undersigned:{kind}", "title": title, "status": status},
        status_code=status,
        media_type="application/problem+json",
    )
