"""Taking the Slack app out of a workspace, and forgetting its token."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from api.deps import Composition
from api.problems import NotFound, SlackAway
from api.slack_installing import open_token, token_purpose
from integrations.database import slack_installations as store
from integrations.slack.authorising import OAuthApp, uninstall
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.sealing import Seal, SealBroken

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Uninstalled:
    """What came of taking the app out."""

    workspace: str
    in_slack: bool
    """Whether Slack took it out; else somebody removes it in the workspace's settings."""


async def uninstall_from(composition: Composition, workspace: str, *, by: str) -> Uninstalled:
    """Take the app out of a workspace; raises NotFound, SlackAway."""
    async with composition.database.transaction() as connection:
        known = await store.get_installation(connection, workspace)
        sealed = await store.sealed_token(connection, workspace)
    if known is None or known.state == "asked":
        raise NotFound(f"The app is installed in no workspace {workspace[:50]}.")
    # Without a token Slack ended it; whoever asks now has taken note of that.
    is_out = sealed is None or await _uninstall_in_slack(composition, workspace, sealed)
    async with composition.database.transaction() as connection:
        now = composition.clock()
        await store.end_installation(connection, workspace, "asked", by=by, at=now)
    return Uninstalled(workspace, is_out)


async def _uninstall_in_slack(composition: Composition, workspace: str, sealed: str) -> bool:
    app = OAuthApp.of(composition.settings)
    if app is None or composition.settings.slack_store_keys is None:
        _log.warning("%s forgets the app's token, but Slack keeps the app: not set up", workspace)
        return False
    try:
        token = open_token(composition.settings, workspace, sealed)
        await uninstall(app, token)
    except SlackUnavailable as trouble:
        raise SlackAway("Slack does not answer now; nothing was changed. Try again.") from trouble
    except SlackAuthLost:
        return True  # the token was good for nothing already
    except (SlackRefused, SealBroken) as trouble:
        _log.warning("%s forgets the app's token, but Slack keeps the app: %s", workspace, trouble)
        return False
    return True


async def note_end(
    engine: AsyncEngine,
    places: tuple[str | None, ...],
    why: store.Ending,
    *,
    at: datetime,
    since: datetime,
    bots: tuple[str, ...] | None = None,
) -> str | None:
    """Write down what Slack says of an installation, the team's own before its organisation's.

    With `bots`, only where the bot is one of these users; gives the workspace that ended.
    """
    async with engine.begin() as connection:
        for place in filter(None, places):
            known = await store.get_installation(connection, place)
            if known is None or not known.is_live:
                continue
            if bots is not None and known.bot_user not in bots:
                return None
            ended = await store.end_installation(
                connection, place, why, by="slack", at=at, since=since
            )
            return place if ended else None
    return None


async def reseal(engine: AsyncEngine, seal: Seal) -> int:
    """Encrypt every token by the newest key; gives how many were not. Raises SealBroken."""

    def renewed(workspace: str, sealed: str) -> str | None:
        if seal.is_newest(sealed):
            return None
        purpose = token_purpose(workspace)
        return seal.close(seal.open(sealed, purpose), purpose)

    async with engine.begin() as connection:
        return await store.reseal_tokens(connection, renewed)
