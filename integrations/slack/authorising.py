"""OAuth 2.0 with Slack: where a workspace consents, and what its consent is exchanged for.

Source: https://docs.slack.dev/authentication/installing-with-oauth
"""

import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from integrations.settings import Settings
from integrations.slack.client import open_client
from integrations.slack.failures import failure_of
from integrations.slack.manifest import SCOPES

# At level DEBUG slack_sdk logs what is sent and answered, secrets and tokens included.
_quiet = logging.getLogger("undersigned.slack.oauth")
_quiet.setLevel(logging.INFO)


class NotUsable(Exception):  # noqa: N818 - it names what was found
    """What Slack granted can't be used; the sentence says why, and holds no token."""


@dataclass(frozen=True)
class OAuthApp:
    """The app as Slack knows it."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str

    @classmethod
    def of(cls, settings: Settings) -> "OAuthApp | None":
        """Read the app from the settings; None where it can't be installed by OAuth."""
        secret = settings.slack_client_secret
        if settings.slack_client_id is None or secret is None:
            return None
        return cls(settings.slack_client_id, secret.get_secret_value(), settings.slack_api_url)

    def basic(self) -> str:
        """Give the app's credentials as a header; slack_sdk's own way warns in aiohttp 3.14."""
        both = f"{self.client_id}:{self.client_secret}".encode()
        return f"Basic {base64.b64encode(both).decode()}"

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Give the page on which somebody consents for their workspace."""
        asked = {
            "client_id": self.client_id,
            "scope": ",".join(SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self.api_url.removesuffix('api/')}oauth/v2/authorize?{urlencode(asked)}"


@dataclass(frozen=True)
class Granted:
    """What a workspace granted."""

    workspace: str
    """The team's id, or the enterprise's where it is for the whole organisation."""
    enterprise: str | None
    name: str
    url: str
    app: str
    bot_user: str
    installer: str
    scopes: tuple[str, ...]
    token: str = field(repr=False)


async def exchange(app: OAuthApp, code: str, redirect_uri: str) -> Granted:
    """Exchange a code for the bot token, and look whose it is.

    Raises `NotUsable`, `SlackUnavailable`, `SlackRefused`, `SlackAuthLost`.
    """
    async with open_client("", app.api_url, logger=_quiet) as anonymous:
        answer = await _ask(
            lambda: anonymous.web.api_call(
                "oauth.v2.access",
                data={"code": code, "redirect_uri": redirect_uri},
                headers={"Authorization": app.basic()},
            )
        )
    token = str(answer.get("access_token") or "")
    if answer.get("token_type") != "bot" or not token:
        raise NotUsable("Slack granted no bot token; create the app from Undersigned's manifest.")
    if answer.get("refresh_token") or answer.get("expires_in"):
        raise NotUsable(
            "The app rotates its tokens, which Undersigned doesn't support: switch token rotation "
            "off in the app's settings and install it again."
        )
    async with open_client(token, app.api_url, logger=_quiet) as client:
        team = await client.identify()
    return _granted(answer, token, team.url)


async def uninstall(app: OAuthApp, token: str) -> None:
    """Take the app out of a workspace, which revokes its tokens.

    Raises `SlackUnavailable`, `SlackRefused`, `SlackAuthLost`.
    """
    # In the body: slack_sdk's own method writes the secret into the address, which proxies log.
    known = {"client_id": app.client_id, "client_secret": app.client_secret}
    async with open_client(token, app.api_url, logger=_quiet) as client:
        await _ask(lambda: client.web.api_call("apps.uninstall", data=known))


def _granted(answer: Any, token: str, url: str) -> Granted:
    team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
    is_org_wide = bool(answer.get("is_enterprise_install"))
    place = enterprise if is_org_wide else team
    if not place.get("id"):
        raise NotUsable("Slack did not say which workspace it is.")
    return Granted(
        workspace=str(place["id"]),
        enterprise=str(enterprise["id"]) if enterprise.get("id") else None,
        name=str(place.get("name") or "")[:200],
        url=url,
        app=str(answer.get("app_id") or ""),
        bot_user=str(answer.get("bot_user_id") or ""),
        installer=str((answer.get("authed_user") or {}).get("id") or ""),
        scopes=tuple(sorted(filter(None, str(answer.get("scope") or "").split(",")))),
        token=token,
    )


async def _ask(call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    try:
        return await call()
    except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
        # Without the cause, whose request holds the code and the app's secret.
        raise failure_of(error) from None
