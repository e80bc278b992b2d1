"""The one state of a lost token: while Slack refuses it, nobody but one probe asks Slack."""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_tokens
from integrations.database.engine import is_unreachable
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.moments import now

PROBE_EVERY = timedelta(seconds=15)
"""How often one of all workers tries a lost token."""

UNKNOWN = ""
"""Stands for the workspace of a token that Slack never accepted from this worker."""

_log = logging.getLogger(__name__)


class KnownLost(SlackAuthLost):
    """The token is known to be lost; Slack was not asked again."""


class Token:
    """What is known of one workspace's token, shared by all workers through the database."""

    def __init__(
        self, client: SlackClient, engine: AsyncEngine, team: str, *, may_probe: bool = True
    ) -> None:
        """Keep what it asks; without `may_probe` somebody else tries the token while it is lost."""
        self._client = client
        self._engine = engine
        self._team = team
        self._may_probe = may_probe

    async def check(self, at: datetime) -> None:
        """Let work go on while the token is good; raises `KnownLost` without asking Slack.

        Now and then one caller of all is the probe, and goes on when Slack accepts the token.
        """
        async with self._engine.connect() as connection:
            lost = await slack_tokens.lost_tokens(connection, self._team)
        if lost and not (self._may_probe and await self._probe(at)):
            raise KnownLost(lost[0].code)

    async def lost(self, error: SlackAuthLost, at: datetime) -> None:
        """Write down that Slack refuses the token; said in the log once for all workers."""
        if isinstance(error, KnownLost):
            return
        async with self._engine.begin() as connection:
            is_news = await slack_tokens.note_lost(connection, self._team, error.error, at)
        if is_news:
            _log.error("%s Nothing is sent to Slack until then.", error)

    async def works(self) -> None:
        """Write down that Slack accepts the token."""
        async with self._engine.begin() as connection:
            was_lost = await slack_tokens.note_good(connection, self._team)
        if was_lost:
            _log.warning("Slack accepts the app's token again; work goes on")

    async def _probe(self, at: datetime) -> bool:
        """Try a lost token, when it is this caller's turn; say whether Slack accepts it."""
        async with self._engine.begin() as connection:
            if not await slack_tokens.claim_probe(connection, self._team, at, PROBE_EVERY):
                return False
        try:
            await self._client.probe()
        except (SlackAuthLost, SlackRefused, SlackUnavailable):
            return False
        await self.works()
        return True

    async def watch(self) -> None:
        """Try the token while it is lost, also when nothing waits for it, until cancelled."""
        while True:
            await asyncio.sleep(PROBE_EVERY.total_seconds())
            try:
                await self.check(now())
            except KnownLost:
                continue
            except Exception as error:
                if not is_unreachable(error):
                    raise
                _log.warning("the database is away; the Slack token is looked at later")
