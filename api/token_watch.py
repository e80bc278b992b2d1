"""Waiting for a Slack token that is accepted, and watching whether it stays so."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from api.deps import utc_now
from integrations.database.engine import is_unreachable
from integrations.slack.client import SlackClient, Team
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.token import UNKNOWN, Token

IDENTIFY_AGAIN = timedelta(seconds=15)

_log = logging.getLogger(__name__)


async def identified(slack: SlackClient, engine: AsyncEngine) -> Team:
    """Ask Slack until it says which workspace the token is for; each trouble is said once."""
    said, unknown = "", Token(slack, engine, UNKNOWN)
    while True:
        try:
            try:
                team = await slack.identify()
                for token in (unknown, Token(slack, engine, team.id)):
                    await token.works()
                return team
            except SlackAuthLost as lost:
                await unknown.lost(lost, utc_now())
        except (SlackUnavailable, SlackRefused) as trouble:
            said = _say("Slack is not reachable yet: %s", str(trouble), said)
        except Exception as error:
            if not is_unreachable(error):
                raise
            said = _say("the database is away (%s); cards wait", type(error).__name__, said)
        await asyncio.sleep(IDENTIFY_AGAIN.total_seconds())


def _say(sentence: str, what: str, said: str) -> str:
    if what != said:
        _log.warning(sentence, what)
    return what
