"""The stand-in workspace's HTTP face: Web API, `response_url`s, Socket Mode, a browser's page.

It is aiohttp's server because that one speaks WebSocket without a further dependency.

What it does not imitate
------------------------
- Only the methods in `METHODS` exist; any other is `unknown_method`. No files, reactions, pins,
  reminders, scheduled messages, bookmarks, canvases, workflows, user groups, search or admin.
- The page offers the shortcuts of messages, not the global ones.
- No user tokens, no token rotation, no PKCE, no Slack Connect beyond people of a foreign team, no
  message retention, no edit window (`edit_window_closed` comes only as the fault `Refused`).
- An organisation-wide installation reaches one workspace of the organisation. Installing the app
  again gives another token, where Slack mostly gives the same.
- Legacy attachments are refused as an unknown argument. Refused as unsupported are the blocks
  `video`, `table`, `card`, `carousel`, `plan`, `task_card`, `call`, `file`, `context_actions`, and
  the elements `external_select`, `rich_text_input`, `file_input`, `workflow_button`.
- Rich text is checked for its kinds and fields, not for lengths.
- Text is kept as sent: nothing is linkified, unfurled, escaped or cut. `chat.postMessage` refuses
  text over 40,000 characters where Slack cuts it.
- Only the events that `acts` and `echoes` send exist. Messages that are deleted send none, and the
  bot's own send them only to an app whose manifest is given.
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
from integrations.slack.sandbox.oauth import (
    ACCESS,
    AUTHORIZE,
    Branch,
    ConsentRefused,
    Registration,
)
from integrations.slack.sandbox.page import Page
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.replies import reply
from integrations.slack.sandbox.sockets import SocketHub
from integrations.slack.sandbox.state import Call

# Importing them declares their methods.
API = (api_apps, api_chat, api_conversations, api_people, api_views)

MOST_BODY_BYTES = 2 * 1024 * 1024


class Server:
    """Answers the app's calls out of the workspaces that it is installed in."""

    def __init__(
        self, registration: Registration, faults: Faults, hub: SocketHub, page: Page
    ) -> None:
        self._registration = registration
        self._workspace = registration.branches[0].workspace
        self._faults = faults
        self._hub = hub
        self._page = page
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; answer the address, without a slash at its end."""
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self._hub.serve)
        app.router.add_post("/{kind:actions|commands}/{team}/{rest:.+}", self._response_url)
        app.router.add_get(AUTHORIZE, self._consent)
        app.router.add_post(AUTHORIZE, self._consented)
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
        branch = self._registration.branches[0]
        try:
            body = await request.read()
            values = decoded(request.headers.get("Content-Type", ""), request.query_string, body)
            token = _bearer(request) or str(values.pop("token", ""))
            branch = self._registration.of_token(token)
            done, scopes = self._do(branch, name, token, request, values)
            answer = {"ok": True, **done}
            headers["X-OAuth-Scopes"] = ",".join(sorted(scopes))
        except ApiError as refusal:
            answer = {"ok": False, "error": refusal.code, **refusal.extra}
        wait = answer.pop("retry_after", None)
        if wait is not None:
            headers["Retry-After"], status = str(wait), 429
        for secret in ("token", "client_secret", "code"):
            values.pop(secret, None)
        workspace = branch.workspace
        shown = {name: each for name, each in answer.items() if name != "access_token"}
        workspace.calls.append(Call(name, values, shown, workspace.clock.now()))
        workspace.touch()
        return answer, headers, status

    def _do(
        self, branch: Branch, name: str, token: str, request: web.Request, values: Json
    ) -> tuple[Json, frozenset[str]]:
        if name == ACCESS:
            authorization = request.headers.get("Authorization", "")
            return self._registration.access(authorization, values), frozenset()
        method, arguments = METHODS.get(name), Arguments(values)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        scopes = branch.tokens.scopes(token, method.caller)
        ask = Ask(branch.workspace, arguments, scopes, branch, self._registration)
        for scope in method.scopes:
            ask.require(scope)
        unknown = sorted(set(arguments.values) - method.arguments)
        if unknown:
            messages = [f"[ERROR] unknown argument: {each}" for each in unknown]
            raise ApiError("invalid_arg_name", response_metadata={"messages": messages})
        self._keep_pace(branch, name, arguments)
        return method.run(ask), scopes

    def _keep_pace(self, branch: Branch, name: str, arguments: Arguments) -> None:
        where, workspace = arguments.text("channel"), branch.workspace
        if where in workspace.people:
            where = workspace.dm(workspace.people[where]).id
        # One channel, however it is named.
        where = next(
            (one.id for one in workspace.channels.values() if one.name == where.lstrip("#")), where
        )
        wait = branch.pace.admit(name, where, workspace.clock.now())
        if wait is not None:
            raise ApiError("ratelimited", retry_after=_whole_seconds(wait))

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        fault = self._take("response_url")
        if fault is not None and not isinstance(fault, ReplyLost):
            return await self._go_wrong(request, fault)
        try:
            branch = self._registration.of_team(request.match_info["team"])
            reply(branch.workspace, request.path, json.loads(await request.read()))
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except ApiError as refusal:
            status = 404 if refusal.code.endswith("_url") else 400
            refused = {"ok": False, "error": refusal.code, **refusal.extra}
            return web.json_response(refused, status=status)
        return _cut(request) if fault is not None else web.json_response({"ok": True})

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        try:
            page = self._registration.consent_page(request.query_string)
        except ConsentRefused as refusal:
            return web.Response(status=400, text=str(refusal))
        return web.Response(text=page, content_type="text/html")

    async def _consented(self, request: web.Request) -> web.StreamResponse:
        team, query = str((await request.post()).get("team", "")), request.query_string
        try:
            if not team:
                raise web.HTTPFound(self._registration.deny(query))
            branch = self._registration.of_team(team)
            installer = next(iter(branch.workspace.people))
            raise web.HTTPFound(self._registration.allow(query, branch, installer))
        except ConsentRefused as refusal:
            return web.Response(status=400, text=str(refusal))

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
