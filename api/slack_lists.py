"""The lists of the home tab that are too long for it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from api.slack_payload import sender
from api.slack_persons import Persons
from integrations.database.person_overview import person_overview
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.home_lists import MOST_ROWS, list_view
from integrations.slack.modals import message
from integrations.slack.text import Json

READ_WITHIN = timedelta(seconds=1.3)
OPENED_WITHIN = timedelta(seconds=1)
NOT_READ = "This list can't be read now. Try again in a minute."

_log = logging.getLogger(__name__)


class HomeLists:
    """Opens them in a modal."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        persons: Persons,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._engine = engine
        self._persons = persons
        self._clock = clock

    async def open(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show all rows of one list."""
        try:
            async with asyncio.timeout(READ_WITHIN.total_seconds()):
                view = await self._view(body)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not read a list of a home tab", exc_info=True)
            view = message("Undersigned", NOT_READ)
        try:
            async with asyncio.timeout(OPENED_WITHIN.total_seconds()):
                await self._client.open_view(str(body.get("trigger_id", "")), view)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not open a modal: %s", trouble)
        return await ack()

    async def _view(self, body: Json) -> Json:
        who, now = sender(body), self._clock()
        person = await self._persons.of(who)
        async with self._engine.connect() as connection:
            found = await person_overview(connection, person or "", now, limit=1, most=MOST_ROWS)
        if found is None:
            return message("Undersigned", await self._persons.unknown(who))
        return list_view(found, str(body["actions"][0].get("value", "")), now)
