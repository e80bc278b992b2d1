"""Installing the app by OAuth: the page of consent, codes, and what they are exchanged for.

Source: https://docs.slack.dev/authentication/installing-with-oauth and
https://docs.slack.dev/reference/methods/oauth.v2.access
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.pace import Pace
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.state import Workspace
from integrations.slack.sandbox.tokens import Tokens

CODE_LASTS = timedelta(minutes=10)
ACCESS = "oauth.v2.access"
AUTHORIZE = "/oauth/v2/authorize"
_ASKED = ("client_id", "scope", "redirect_uri", "state")


@dataclass(eq=False)
class Branch:
    """A workspace, and how the app is installed in it."""

    workspace: Workspace
    tokens: Tokens
    pace: Pace
    on_uninstalled: Callable[[], None] | None = None


@dataclass
class Code:
    """What the app gets for consent, to be exchanged once."""

    branch: Branch
    redirect_uri: str
    scopes: frozenset[str]
    installer: str
    expires: datetime
    is_used: bool = False


class ConsentRefused(Exception):  # noqa: N818 - it names what was found
    """Slack shows an error in place of its page of consent."""


class Registration:
    """The app as Slack knows it, with every workspace that it may be installed in."""

    def __init__(self, home: Branch, redirect_urls: Iterable[str] = ()) -> None:
        self.client_id = f"{secrets.randbelow(10**10):010d}.{secrets.randbelow(10**10):010d}"
        self.client_secret = secrets.token_hex(16)
        self.redirect_urls = list(redirect_urls)
        self.branches = [home]
        self._codes: dict[str, Code] = {}

    def of_token(self, token: str) -> Branch:
        """Find the workspace of a token; the first one answers for unknown ones."""
        return next((one for one in self.branches if one.tokens.knows(token)), self.branches[0])

    def of_team(self, team: str) -> Branch:
        """Find a workspace by its id; the first one where there is none."""
        found = (one for one in self.branches if one.workspace.team_id == team)
        return next(found, self.branches[0])

    def consent_page(self, query: str) -> str:
        """Draw the page on which somebody chooses a workspace; raises ConsentRefused."""
        asked = self._asked(query)
        forms = "".join(
            f"<form method=post><input type=hidden name=team value={escape(each)}>"
            f"<button>Allow in {escape(name)}</button></form>"
            for each, name in (
                (one.workspace.team_id, one.workspace.team_name) for one in self.branches
            )
        )
        return (
            "<!doctype html><html lang=en><meta charset=utf-8><title>Install the app</title>"
            f"<h1>Undersigned asks for</h1><p>{escape(asked['scope'])}</p>{forms}"
            "<form method=post><button>Cancel</button></form>"
        )

    def allow(self, query: str, branch: Branch, installer: str) -> str:
        """Consent, and answer where the browser goes; raises ConsentRefused."""
        asked = self._asked(query)
        code = f"{secrets.randbelow(10**10)}.{secrets.token_hex(24)}"
        scopes = frozenset(filter(None, asked["scope"].split(",")))
        expires = branch.workspace.clock.now() + CODE_LASTS
        self._codes[code] = Code(branch, asked["redirect_uri"], scopes, installer, expires)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def deny(self, query: str) -> str:
        """Refuse consent, and answer where the browser goes; raises ConsentRefused."""
        asked = self._asked(query)
        said = urlencode({"error": "access_denied", "state": asked["state"]})
        return f"{asked['redirect_uri']}?{said}"

    def _asked(self, query: str) -> dict[str, str]:
        found = dict(parse_qsl(query))
        asked = {name: found.get(name, "") for name in _ASKED}
        if asked["client_id"] != self.client_id:
            raise ConsentRefused("invalid_client_id")
        if not asked["scope"]:
            raise ConsentRefused("no_scopes")
        if not any(_covers(each, asked["redirect_uri"]) for each in self.redirect_urls):
            raise ConsentRefused("bad_redirect_uri")
        return asked

    def check_client(self, authorization: str, values: Json) -> None:
        """Refuse whoever isn't the app; its credentials come as HTTP Basic or as arguments.

        Raises `ApiError`.
        """
        client, secret = _basic(authorization)
        client = client or str(values.pop("client_id", ""))
        secret = secret or str(values.pop("client_secret", ""))
        if client != self.client_id:
            raise ApiError("invalid_client_id")
        if secret != self.client_secret:
            raise ApiError("bad_client_secret")

    def access(self, authorization: str, values: Json) -> Json:
        """Exchange a code for a bot token, which takes the place of the one before.

        Raises `ApiError`.
        """
        self.check_client(authorization, values)
        code = self._codes.get(str(values.get("code", "")))
        if code is None:
            raise ApiError("invalid_code")
        if code.is_used:
            raise ApiError("code_already_used")
        branch, workspace = code.branch, code.branch.workspace
        if workspace.clock.now() > code.expires:
            raise ApiError("code_expired")
        if str(values.get("redirect_uri", "")) != code.redirect_uri:
            raise ApiError("bad_redirect_uri")
        code.is_used = True
        branch.tokens.bot_scopes = code.scopes
        token = branch.tokens.renew()
        workspace.touch()
        return {**_granted(branch, code), "access_token": token}


def _granted(branch: Branch, code: Code) -> Json:
    workspace = branch.workspace
    org = {"id": workspace.enterprise_id, "name": "Sandbox Enterprise"}
    return {
        "app_id": workspace.app_id,
        "authed_user": {"id": code.installer},
        "scope": ",".join(sorted(code.scopes)),
        "token_type": "bot",
        "bot_user_id": workspace.bot.id,
        "team": None
        if workspace.is_org_wide
        else {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": org if workspace.enterprise_id else None,
        "is_enterprise_install": workspace.is_org_wide,
    }


def _covers(known: str, asked: str) -> bool:
    """Say whether a redirect URL is, or lies below, one of the app's settings."""
    ours, theirs = urlsplit(known), urlsplit(asked)
    is_host = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
    return is_host and f"{theirs.path}/".startswith(f"{ours.path.rstrip('/')}/")


def _basic(authorization: str) -> tuple[str, str]:
    kind, _, given = authorization.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret
