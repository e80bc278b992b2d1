"""A tiny real Slack app, to show that the stand-in workspace speaks as Slack does."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.slack.sandbox.clock import ManualClock
from integrations.slack.sandbox.records import Person
from integrations.slack.sandbox.workspace import SlackSandbox

SOON = timedelta(seconds=2)

REASON_MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "reason",
    "title": {"type": "plain_text", "text": "Request changes"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "to",
            "optional": True,
            "label": {"type": "plain_text", "text": "Back to"},
            "element": {
                "type": "static_select",
                "action_id": "stage",
                "options": [{"text": {"type": "plain_text", "text": "Data"}, "value": "data"}],
            },
        },
    ],
}


def button(action_id: str, value: str = "v") -> dict[str, Any]:
    text = {"type": "plain_text", "text": action_id.title()}
    return {"type": "button", "action_id": action_id, "text": text, "value": value}


def card(*buttons: dict[str, Any]) -> list[dict[str, Any]]:
    statement = {"type": "mrkdwn", "text": "*I reviewed it.*"}
    section = {"type": "section", "block_id": "statement", "text": statement}
    return [section, {"type": "actions", "block_id": "acts", "elements": list(buttons)}]


def client_of(slack: SlackSandbox) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.base_url, retry_handlers=[])


def bolt_app(slack: SlackSandbox) -> tuple[AsyncApp, list[Any]]:
    """Build the app; it notes what it hears."""
    heard: list[Any] = []
    app = AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)
    listen_for_clicks(app, heard)
    listen_for_views(app, heard)
    listen_for_the_rest(app, heard)
    return app, heard


def listen_for_clicks(app: AsyncApp, heard: list[Any]) -> None:
    @app.action("approve")
    async def approve(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        heard.append(body)
        await respond(text="Recording…", replace_original=True)

    @app.action("slow")
    async def slow(ack: Any, body: Any) -> None:
        heard.append(body)
        await asyncio.Event().wait()
        await ack()

    @app.action("changes")
    async def changes(ack: Any, body: Any, client: AsyncWebClient) -> None:
        await ack()
        opened = await client.views_open(trigger_id=body["trigger_id"], view=REASON_MODAL)
        heard.append(opened["view"])

    @app.action("menu")
    async def menu(ack: Any, body: Any) -> None:
        await ack()
        heard.append(body["actions"][0])


def listen_for_views(app: AsyncApp, heard: list[Any]) -> None:
    @app.view("reason")
    async def reason(ack: Any, view: Any) -> None:
        text = view["state"]["values"]["why"]["text"]["value"]
        heard.append(view["state"]["values"])
        match text:
            case "short":
                await ack(response_action="errors", errors={"why": "Say more."})
            case "bad":
                await ack(response_action="errors", errors={"nowhere": "Say more."})
            case "more":
                await ack(response_action="push", view={**REASON_MODAL, "callback_id": "second"})
            case _:
                await ack()

    @app.view_closed("reason")
    async def closed(ack: Any, body: Any) -> None:
        await ack()
        heard.append(body)


def listen_for_the_rest(app: AsyncApp, heard: list[Any]) -> None:
    @app.command("/undersigned")
    async def pending(ack: Any, command: Any) -> None:
        heard.append(command)
        await ack(f"Nothing waits for <@{command['user_id']}>.")

    @app.event("message")
    async def message(event: Any) -> None:
        heard.append(event)

    @app.event("app_home_opened")
    async def home(event: Any, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": card(button("menu"))}
        await client.views_publish(user_id=event["user"], view=view)


@asynccontextmanager
async def serving(app: AsyncApp) -> AsyncIterator[str]:
    """Serve the app by uvicorn; answer its request URL."""
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    web = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(web, log_level="error", lifespan="off"))
    # Bound and listening before the server accepts, so that nobody waits for its start.
    listener = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    finally:
        server.force_exit = server.should_exit = True
        await task


class Stage:
    """A workspace with a connected app, and one person to show a card to."""

    def __init__(self, slack: SlackSandbox, heard: list[Any]) -> None:
        self.slack, self.client, self.heard = slack, client_of(slack), heard
        self.ana: Person = slack.add_person("Ana Ruiz", "ana@example.com")
        self.ts = ""

    async def post(self, *buttons: dict[str, Any]) -> None:
        sent = await self.client.chat_postMessage(
            channel=self.ana.id, text="Approve?", blocks=card(*buttons)
        )
        self.ts = str(sent["ts"])


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Connect the app to a workspace whose time a test moves."""
    patience = timedelta(seconds=0.5)
    async with SlackSandbox(acknowledge_within=patience, clock=ManualClock()) as slack:
        app, heard = bolt_app(slack)
        async with serving(app) as url:
            slack.connect(url)
            yield Stage(slack, heard)
