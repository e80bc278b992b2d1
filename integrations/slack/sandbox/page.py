"""The workspace as a page for a browser: its files, what is on screen, what people do.

The page's scripts write text into the document and never markup; the policy below lets a browser
refuse everything else, inline scripts and styles and other hosts too.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from integrations.slack.sandbox import troubles
from integrations.slack.sandbox.delivery import Courier
from integrations.slack.sandbox.doings import DOING, perform
from integrations.slack.sandbox.errors import (
    NoSuchButton,
    NoSuchMessage,
    NoSuchPerson,
    NoSuchPlace,
    NoSuchView,
    NotChanged,
    NotConnected,
    SandboxError,
)
from integrations.slack.sandbox.faults import Faults
from integrations.slack.sandbox.modals import ModalActs
from integrations.slack.sandbox.records import Json, Person
from integrations.slack.sandbox.screen import screen
from integrations.slack.sandbox.state import Workspace
from integrations.slack.sandbox.tokens import Tokens

STATIC = Path(__file__).with_name("static")
KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
POLL_LASTS = timedelta(seconds=20)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Page:
    """Serves the workspace to a browser; every act goes the way that tests go."""

    def __init__(
        self,
        acts: ModalActs,
        workspace: Workspace,
        courier: Courier,
        faults: Faults,
        tokens: Tokens,
        *,
        host: str,
    ) -> None:
        self._acts = acts
        self._workspace = workspace
        self._courier = courier
        self._faults = faults
        self._tokens = tokens
        self._is_local = host in LOOPBACK
        self._is_over = False
        self._files = {path.name: path for path in STATIC.iterdir()}

    def routes(self) -> list[web.RouteDef]:
        """List what the server answers for the page."""
        return [
            web.get("/", self._guarded(self._index)),
            web.get("/page/state", self._guarded(self._state)),
            web.post("/page/acts", self._guarded(self._act)),
            web.get("/page/troubles", self._guarded(self._troubles)),
            web.post("/page/troubles", self._guarded(self._arm)),
            web.delete("/page/troubles", self._guarded(self._clear)),
            web.get("/page/{name}", self._guarded(self._file)),
        ]

    def end(self) -> None:
        """Let every waiting browser go."""
        self._is_over = True
        self._workspace.touch()

    def _guarded(self, handler: Handler) -> Handler:
        """Answer this page alone: no other site may click for people, under no other name."""

        async def answer(request: web.Request) -> web.Response:
            origin = request.headers.get("Origin", "")
            is_own = origin in {"", f"http://{request.host}", f"https://{request.host}"}
            is_named = not self._is_local or request.url.host in LOOPBACK
            is_json = request.method != "POST" or request.content_type == "application/json"
            if not (is_own and is_named):
                return _told("Only the sandbox's own page may ask this.", 403)
            response = await handler(request) if is_json else _told("Send application/json.", 415)
            response.headers.update(HEADERS)
            return response

        return answer

    async def _index(self, _: web.Request) -> web.Response:
        return _served(self._files["index.html"])

    async def _file(self, request: web.Request) -> web.Response:
        path = self._files.get(request.match_info["name"])
        return _served(path) if path else _told("There is no such file.", 404)

    async def _state(self, request: web.Request) -> web.Response:
        """Answer what a person sees, once it differs from what the page has."""
        await self._changed(request.query.get("since", ""))
        me = self._person(request.query.get("who", ""))
        if me is None:
            return _told("Nobody is in this workspace.", 404)
        shown = screen(self._workspace, me, request.query.get("place", ""))
        shown["app"] = self._courier.listener
        shown["shortcuts"] = self._acts.message_shortcuts
        shown["troubles"] = troubles.told(self._faults, self._tokens)
        # Looking may open the direct messages, so the version is read last.
        shown["version"] = self._workspace.version
        return web.json_response(shown)

    async def _changed(self, known: str) -> None:
        try:
            await self._workspace.until(
                lambda: self._is_over or self._workspace.version != known, POLL_LASTS
            )
        except NotChanged:
            return

    def _person(self, who: str) -> Person | None:
        try:
            return self._workspace.person(who)
        except NoSuchPerson:
            people = self._workspace.people.values()
            return next((each for each in people if not each.is_bot and not each.deleted), None)

    async def _act(self, request: web.Request) -> web.Response:
        try:
            doing = DOING.validate_json(await request.read())
            return web.json_response({"trouble": await perform(self._acts, doing)})
        except ValidationError as error:
            return _told(_first(error), 422)
        except SandboxError as error:
            return _told(_in_words(error), 409)

    async def _troubles(self, _: web.Request) -> web.Response:
        return web.json_response({"troubles": troubles.told(self._faults, self._tokens)})

    async def _arm(self, request: web.Request) -> web.Response:
        try:
            trouble = troubles.Trouble.model_validate_json(await request.read())
        except ValidationError as error:
            return _told(_first(error), 422)
        trouble.arm(self._faults, self._tokens)
        self._workspace.touch()
        return await self._troubles(request)

    async def _clear(self, request: web.Request) -> web.Response:
        troubles.clear(self._faults, self._tokens)
        self._workspace.touch()
        return await self._troubles(request)


def _served(path: Path) -> web.Response:
    return web.Response(body=path.read_bytes(), content_type=KINDS[path.suffix], charset="utf-8")


def _told(sentence: str, status: int) -> web.Response:
    answer: Json = {"trouble": sentence}
    return web.json_response(answer, status=status)


def _in_words(error: SandboxError) -> str:
    """Say to a person what the workspace's own words say to a test."""
    match error:
        case NotConnected():
            return "No app is connected: the sandbox has no --app-url, and no socket is open."
        case NoSuchPlace():
            return "You are not in that channel."
        case NoSuchMessage():
            return "That message is gone."
        case NoSuchButton():
            return "What you clicked is not there any more."
        case NoSuchView():
            return "That modal is not on top any more."
        case _:
            return str(error)


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    return f"{'.'.join(str(each) for each in found['loc'])}: {found['msg']}"
