"""Installing the Slack app in workspaces: an administrator's link, consent, the sealed token."""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.deps import Composition
from api.problems import Invalid, SlackNotSetUp
from integrations.database import slack_installations as store
from integrations.settings import Settings
from integrations.slack.authorising import Granted, OAuthApp, exchange
from integrations.slack.manifest import REDIRECT_PATH
from integrations.slack.sealing import KeysUnusable, Seal, SealBroken
from lifecycle.registry import SlackInstalled

LINK_LASTS = timedelta(minutes=15)
"""For an administrator and whoever may install apps in the workspace to meet."""
INSTALL_PATH = "/slack/install"

NOT_SET_UP = (
    "To install the app in several workspaces, set UNDERSIGNED_SLACK_CLIENT_ID, "
    "UNDERSIGNED_SLACK_CLIENT_SECRET, UNDERSIGNED_SLACK_STORE_KEYS and UNDERSIGNED_PUBLIC_URL."
)

_log = logging.getLogger(__name__)


class LinkOver(Exception):  # noqa: N818 - it names what was found
    """A link is unknown, used or too old, or another browser opened it later."""


@dataclass(frozen=True)
class Leave:
    """A link that lets its bearer install the app once."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Installer:
    """Installs the app; stateless, so that any replica may end what another began."""

    composition: Composition
    app: OAuthApp
    seal: Seal
    public_url: str

    @property
    def redirect_uri(self) -> str:
        """Where Slack sends the browser back to; the app's settings name it too."""
        return f"{self.public_url}{REDIRECT_PATH}"

    async def invite(self, by: str) -> Leave:
        """Make a link for whoever installs the app."""
        ticket, now = secrets.token_urlsafe(32), self.composition.clock()
        until = now + LINK_LASTS
        async with self.composition.database.transaction() as connection:
            await store.add_link(connection, ticket, by=by, at=now, expires_at=until)
        return Leave(f"{self.public_url}{INSTALL_PATH}?ticket={ticket}", until)

    async def begin(self, ticket: str) -> tuple[str, str]:
        """Give Slack's page of consent and the state that the browser keeps; raises LinkOver."""
        state = secrets.token_urlsafe(32)
        async with self.composition.database.transaction() as connection:
            is_open = await store.open_link(connection, ticket, state, at=self.composition.clock())
        if not is_open:
            raise LinkOver
        return self.app.authorize_url(state, self.redirect_uri), state

    async def leave_of(self, state: str) -> str:
        """Use a state up, and give who made its link; raises LinkOver."""
        async with self.composition.database.transaction() as connection:
            by = await store.use_link(connection, state, at=self.composition.clock())
        if by is None:
            raise LinkOver
        return by

    async def complete(self, code: str, by: str) -> Granted:
        """Exchange the code and keep the token, sealed.

        Raises NotUsable, SlackUnavailable, SlackRefused, SlackAuthLost.
        """
        granted = await exchange(self.app, code, self.redirect_uri)
        fact = SlackInstalled(
            at=self.composition.clock(),
            by=by,
            workspace=granted.workspace,
            enterprise=granted.enterprise,
            name=granted.name,
            app=granted.app,
            bot_user=granted.bot_user,
            installer=granted.installer,
            scopes=granted.scopes,
        )
        sealed = self.seal.close(granted.token, token_purpose(granted.workspace))
        async with self.composition.database.transaction() as connection:
            await store.save_installation(connection, fact, url=granted.url, sealed_token=sealed)
        _log.warning("the Slack app is installed in %s (%s)", granted.workspace, granted.name)
        return granted


def token_purpose(workspace: str) -> str:
    """Name the one row that a token is sealed for."""
    return f"bot-token/{workspace}"


def seal_of(settings: Settings) -> Seal | None:
    """Read the keys of the store; None when there are none. Raises KeysUnusable."""
    keys = settings.slack_store_keys
    return Seal.of(keys.get_secret_value()) if keys is not None else None


def open_token(settings: Settings, workspace: str, sealed: str) -> str:
    """Decrypt a workspace's token; raises SealBroken, also where the keys can't be used."""
    try:
        seal = seal_of(settings)
    except KeysUnusable as error:
        raise SealBroken(str(error)) from error
    if seal is None:
        raise SealBroken("UNDERSIGNED_SLACK_STORE_KEYS is not set.")
    return seal.open(sealed, token_purpose(workspace))


def installer_of(composition: Composition) -> Installer:
    """Give the installer that the settings describe; raises SlackNotSetUp, Invalid."""
    settings = composition.settings
    app, public_url = OAuthApp.of(settings), settings.public_url
    try:
        seal = seal_of(settings)
    except KeysUnusable as error:
        raise SlackNotSetUp(str(error)) from error
    if app is None or seal is None or public_url is None:
        raise SlackNotSetUp(NOT_SET_UP)
    if not public_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Invalid("Slack sends browsers back by TLS alone: UNDERSIGNED_PUBLIC_URL is https://…")
    return Installer(composition, app, seal, public_url.rstrip("/"))
