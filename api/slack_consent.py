"""The two pages of an installation: where the link leads, and where Slack sends the browser back.

Both answer a browser, so that what goes wrong is said in a sentence on a page.
"""

import hmac
import logging
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.deps import Composition
from api.problems import DatabaseUnreachable, Problem
from api.slack_installing import (
    INSTALL_PATH,
    LINK_LASTS,
    Installer,
    LinkOver,
    installer_of,
)
from integrations.slack.authorising import Granted, NotUsable
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.manifest import REDIRECT_PATH, SCOPES

COOKIE = "undersigned_slack_state"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LONGEST_PARAMETER = 1_000

OVER = (
    "This link was used already, is older than 15 minutes, or was opened in another browser. "
    "An administrator of Undersigned makes a new one: undersigned slack install."
)
OTHER_BROWSER = (
    "This browser did not begin this installation. Open the administrator's link here, and allow "
    "cookies of this site."
)
DENIED = "Slack says that the installation was not allowed. Nothing was installed."
AWAY = "Slack does not answer now. Nothing was kept; ask for a new link and try again."
NOT_TAKEN = "Slack did not take the installation: {why}. Nothing was kept; ask for a new link."

_log = logging.getLogger(__name__)


class Consent:
    """Answers the browser of whoever installs the app."""

    def __init__(self, composition: Composition) -> None:
        self._composition = composition

    async def begin(self, request: Request) -> Response:
        """Lead from an administrator's link to Slack's page of consent."""
        try:
            installer = installer_of(self._composition)
            url, state = await installer.begin(_parameter(request, "ticket"))
        except LinkOver:
            return _page(410, "This link can't be used", OVER)
        except Problem as problem:
            return _page(problem.status, problem.title, problem.detail)
        answer = RedirectResponse(url, 302, HEADERS)
        answer.set_cookie(
            COOKIE,
            state,
            max_age=int(LINK_LASTS.total_seconds()),
            path="/slack",
            secure=installer.public_url.startswith("https://"),
            httponly=True,
            samesite="lax",  # it comes along when Slack sends the browser back
        )
        return answer

    async def end(self, request: Request) -> Response:
        """Take what Slack sends back, and say what came of it."""
        try:
            answer = await self._end(installer_of(self._composition), request)
        except LinkOver:
            answer = _page(410, "This link can't be used", OVER)
        except DatabaseUnreachable:
            answer = _page(503, "Try again", "The database can't be reached; open the link again.")
        except Problem as problem:
            answer = _page(problem.status, problem.title, problem.detail)
        answer.delete_cookie(COOKIE, path="/slack")
        return answer

    async def _end(self, installer: Installer, request: Request) -> Response:
        state = _parameter(request, "state")
        kept = request.cookies.get(COOKIE, "")
        if not state or not hmac.compare_digest(state.encode(), kept.encode()):
            return _page(403, "Not the browser that began", OTHER_BROWSER)
        if request.query_params.get("error"):
            return _page(403, "Not installed", DENIED)
        by = await installer.leave_of(state)
        try:
            granted = await installer.complete(_parameter(request, "code"), by)
        except NotUsable as error:
            return _page(409, "Not installed", str(error))
        except SlackUnavailable:
            return _page(503, "Not installed", AWAY)
        except (SlackRefused, SlackAuthLost) as refusal:
            _log.warning("an installation failed: %s", refusal.error)
            return _page(409, "Not installed", NOT_TAKEN.format(why=refusal.error))
        return _page(200, "Installed", _installed(granted))


def _installed(granted: Granted) -> str:
    missing = [scope for scope in SCOPES if scope not in granted.scopes]
    sentence = f"Undersigned works in {granted.name or granted.workspace} now."
    if missing:
        sentence += (
            f" It was not granted {', '.join(missing)}, which it needs: bring the app's settings "
            "up to its manifest and install it again."
        )
    return sentence


def _parameter(request: Request, name: str) -> str:
    return request.query_params.get(name, "")[:LONGEST_PARAMETER]


def _page(status: int, title: str, sentence: str) -> Response:
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(sentence)}</p>"
    )
    return HTMLResponse(text, status, HEADERS)


def consent_router(composition: Composition) -> APIRouter:
    """Serve the two pages; they are for browsers, and no part of the API's schema."""
    router, consent = APIRouter(include_in_schema=False), Consent(composition)

    @router.get(INSTALL_PATH)
    async def install(request: Request) -> Response:
        return await consent.begin(request)

    @router.get(REDIRECT_PATH)
    async def oauth_redirect(request: Request) -> Response:
        return await consent.end(request)

    return router
