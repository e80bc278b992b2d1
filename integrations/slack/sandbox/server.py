"""The stand-in workspace's HTTP face: Web API, `response_url`s, Socket Mode, a browser's page.

It is aiohttp's server because that one speaks WebSocket without a further dependency.

What it does not imitate
------------------------
- Only the methods in `METHODS` exist; any other is `unknown_method`. No files, reactions, pins,
  reminders, scheduled messages, bookmarks, canvases, workflows, user groups, search or admin.
- No user tokens, no OAuth, no token rotation, no Slack Connect beyond people of a foreign team, no
  organisation-wide installation, no message retention, no edit window (`edit_window_closed` comes
  only as the fault `Refused`).
- Legacy attachments are refused as an unknown argument. Refused as unsupported are the blocks
  `video`, `table`, `card`, `carousel`, `plan`, `task_card`, `call`, `file`, `context_actions`, and
  the elements `external_select`, `rich_text_input`, `file_input`, `workflow_button`.
- Rich text is checked for its kinds and fields, not for lengths.
- Text is kept as sent: nothing is linkified, unfurled, escaped or cut. `chat.postMessage` refuses
  text over 40,000 characters where Slack cuts it.
- Messages of the bot itself send no `message` events, and only the events that `acts` sends exist.
- `Retry-After` follows the published rates; Slack's own burst allowance is not published, and the
  limit on all messages of a workspace is not kept.
- `views.open` replaces whatever modals the person has open; what Slack does there isn't published.
- A click on an old screen carries the message as that screen shows it, which is our assumption.
- Signatures carry the machine's time, whatever clock the workspace runs on: the app checks them
  against its own.
- Messages and views stay in memory, in one process.

Stricter than Slack
-------------------
- Arguments, and fields of a `response_url` body, that it doesn't know are refused; Slack ignores
  them.
- A `thread_ts` must name a message that exists.
- The sizes of metadata and of all blocks of a message are estimates of limits that Slack enforces
  but doesn't publish.
"""

import asyncio
import json
import math
from datetime import timedelta

from aiohttp import web

from integrations.slack.sandbox import (
    api_apps,
    api_chat,
    api_conversations,
    api_people,
    api_views,
)
from integrations.slack.sandbox.arguments import Arguments, decoded
from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.faults import (
    Cut,
    Fault,
    Faults,
    Hang,
    RateLimited,
    Refused,
    ReplyLost,
    ServerError,
)
from integrations.slack.sandbox.methods import METHODS, Ask
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.page import Page
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.replies import reply
from integrations.slack.sandbox.sockets import SocketHub
from integrations.slack.sandbox.state import Call, Workspace
from integrations.slack.sandbox.tokens import Tokens

# Importing them declares their methods.
API = (api_apps, api_chat, api_conversations, api_people, api_views)

MOST_BODY_BYTES = 2 * 1024 * 1024


class Server:
    """Answers the app's calls out of a workspace."""

    def __init__(
        self,
        workspace: Workspace,
        tokens: Tokens,
        faults: Faults,
        pace: Pace,
        hub: SocketHub,
        page: Page,
    ) -> None:
        self._workspace = workspace
        self._tokens = tokens
        self._faults = faults
        self._pace = pace
        self._hub = hub
        self._page = page
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; answer the address, without a slash at its end."""
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self._hub.serve)
        app.router.add_post("/{kind:actions|commands}/{rest:.+}", self._response_url)
        app.router.add_routes(self._page.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0][1]
        return f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"

    async def stop(self) -> None:
        """End all connections and stop listening."""
        self._stopping.set()
        self._page.end()
        await self._hub.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self._take(name)
        if fault is not None and not isinstance(fault, ReplyLost):
            return await self._go_wrong(request, fault)
        answer, headers, status = await self._answer(name, request)
        if fault is not None:
            return _cut(request)
        return web.json_response(answer, headers=headers, status=status)

    def _take(self, method: str) -> Fault | None:
        fault = self._faults.take(method)
        if fault is not None:
            self._workspace.touch()  # the page shows what is still to go wrong
        return fault

    async def _answer(self, name: str, request: web.Request) -> tuple[Json, dict[str, str], int]:
        values: Json = {}
        headers: dict[str, str] = {}
        status = 200
        answer: Json
        try:
            body = await request.read()
            values = decoded(request.headers.get("Content-Type", ""), request.query_string, body)
            token = _bearer(request) or str(values.pop("token", ""))
            done, scopes = self._do(name, token, Arguments(values))
            answer = {"ok": True, **done}
            headers["X-OAuth-Scopes"] = ",".join(sorted(scopes))
        except ApiError as refusal:
            answer = {"ok": False, "error": refusal.code, **refusal.extra}
        wait = answer.pop("retry_after", None)
        if wait is not None:
            headers["Retry-After"], status = str(wait), 429
        values.pop("token", None)
        now = self._workspace.clock.now()
        self._workspace.calls.append(Call(name, values, answer, now))
        self._workspace.touch()
        return answer, headers, status

    def _do(self, name: str, token: str, arguments: Arguments) -> tuple[Json, frozenset[str]]:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        scopes = self._tokens.scopes(token, method)
        ask = Ask(self._workspace, arguments, scopes)
        for scope in method.scopes:
            ask.require(scope)
        unknown = sorted(set(arguments.values) - method.arguments)
        if unknown:
            messages = [f"[ERROR] unknown argument: {each}" for each in unknown]
            raise ApiError("invalid_arg_name", response_metadata={"messages": messages})
        self._keep_pace(name, arguments)
        return method.run(ask), scopes

    def _keep_pace(self, name: str, arguments: Arguments) -> None:
        where = arguments.text("channel")
        if where in self._workspace.people:
            where = self._workspace.dm(self._workspace.people[where]).id
        wait = self._pace.admit(name, where, self._workspace.clock.now())
        if wait is not None:
            raise ApiError("ratelimited", retry_after=_whole_seconds(wait))

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        fault = self._take("response_url")
        if fault is not None and not isinstance(fault, ReplyLost):
            return await self._go_wrong(request, fault)
        try:
            reply(self._workspace, request.path, json.loads(await request.read()))
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except ApiError as refusal:
            status = 404 if refusal.code.endswith("_url") else 400
            refused = {"ok": False, "error": refusal.code, **refusal.extra}
            return web.json_response(refused, status=status)
        return _cut(request) if fault is not None else web.json_response({"ok": True})

    async def _go_wrong(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        await request.read()
        match fault:
            case RateLimited():
                wait = {"Retry-After": str(_whole_seconds(fault.retry_after))}
                body = {"ok": False, "error": "ratelimited"}
                return web.json_response(body, status=429, headers=wait)
            case ServerError():
                page = "<html><body>Slack is having trouble</body></html>"
                return web.Response(status=fault.status, text=page, content_type="text/html")
            case Refused():
                return web.json_response({"ok": False, "error": fault.error})
            case Hang():
                await self._hang(fault.duration)
                return _cut(request)
            case Cut() | ReplyLost():
                return _cut(request)

    async def _hang(self, duration: timedelta | None) -> None:
        try:
            async with asyncio.timeout(duration.total_seconds() if duration else None):
                await self._stopping.wait()
        except TimeoutError:
            return


def _cut(request: web.Request) -> web.StreamResponse:
    """Break the connection; the answer goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _whole_seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))
