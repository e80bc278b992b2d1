"""Waiting for a Slack token that is accepted, and what goes on meanwhile."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from api.deps import utc_now
from integrations.database import slack_tokens
from integrations.database.engine import is_unreachable
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.members import Team
from integrations.slack.token import UNKNOWN, Token

IDENTIFY_AGAIN = timedelta(seconds=15)

_log = logging.getLogger(__name__)


class Identifying:
    """Asks Slack which workspace the settings' token is for, until it says so."""

    def __init__(self, slack: SlackClient, engine: AsyncEngine) -> None:
        self._slack = slack
        self._engine = engine
        self._said = ""
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """The workspace that it was for, once it is known that Slack refuses it."""

    async def team(self) -> Team:
        """Give the workspace; each trouble is said once."""
        while True:
            try:
                return await self._asked()
            except (SlackUnavailable, SlackRefused) as trouble:
                self._say("Slack is not reachable yet: %s", str(trouble))
            except Exception as error:
                if not is_unreachable(error):
                    raise
                self._say("the database is away (%s); cards wait", type(error).__name__)
            await asyncio.sleep(IDENTIFY_AGAIN.total_seconds())

    async def _asked(self) -> Team:
        """Ask until the token is not refused; a refused one is written down."""
        while True:
            try:
                team = await self._slack.identify()
            except SlackAuthLost as lost:
                await self._note(lost)
                await asyncio.sleep(IDENTIFY_AGAIN.total_seconds())
                continue
            for name in (UNKNOWN, team.id):
                await Token(self._slack, self._engine, name).works()
            async with self._engine.begin() as connection:
                await slack_tokens.note_own(connection, team.id)
            return team

    async def _note(self, lost: SlackAuthLost) -> None:
        async with self._engine.connect() as connection:
            known = await slack_tokens.own_team(connection)
        await Token(self._slack, self._engine, known or UNKNOWN).lost(lost, utc_now())
        if known is not None and not self.lost.done():
            self.lost.set_result(known)

    def _say(self, sentence: str, what: str) -> None:
        if what != self._said:
            self._said = what
            _log.warning(sentence, what)
