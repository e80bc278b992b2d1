"""Which workspace the settings' own token is for."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable

NAMED_WITHIN = timedelta(seconds=0.5)
"""A click has three seconds in all; asked once, then known."""
_log = logging.getLogger(__name__)


@dataclass
class HomeTeam:
    """The settings' own workspace, where they have a token."""

    client: SlackClient | None = None

    async def id(self) -> str | None:
        """Name the workspace; None where there is none, or Slack doesn't say in time."""
        if self.client is None:
            return None
        try:
            async with asyncio.timeout(NAMED_WITHIN.total_seconds()):
                return (await self.client.identify()).id
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not learn the app's own team: %s", trouble)
            return None
