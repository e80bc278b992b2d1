"""The home tab's buttons and modal about being away."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_absences import Absences, NotTaken
from api.slack_home import HomeTab
from api.slack_payload import sender
from integrations.slack.away_form import away_form, entered
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.modals import message
from integrations.slack.text import Json

OPENED_WITHIN = timedelta(seconds=1)

_log = logging.getLogger(__name__)


class AwayForm:
    """The buttons and the modal of the home tab."""

    def __init__(
        self,
        client: SlackClient,
        absences: Absences,
        home: HomeTab,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._absences = absences
        self._home = home
        self._clock = clock

    async def ask(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Open the modal."""
        try:
            known = await self._absences.known(sender(body))
        except NotTaken as refusal:
            return await self._say(ack, body, str(refusal))
        await self._open(body, away_form(known.away, known.names, self._clock()))
        return await ack()

    async def submit(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Take what was entered; what is wrong is said beside its field."""
        who = sender(body)
        try:
            await self._absences.add(who, entered(body["view"]))
        except NotTaken as refusal:
            return await ack(response_action="errors", errors={refusal.field: str(refusal)[:1000]})
        self._home.refresh(who)
        return await ack()

    async def clear(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Take all times away back."""
        who = sender(body)
        try:
            await self._absences.clear(who)
        except NotTaken as refusal:
            return await self._say(ack, body, str(refusal))
        self._home.refresh(who)
        return await ack()

    async def _say(self, ack: AsyncAck, body: Json, sentence: str) -> BoltResponse:
        await self._open(body, message("Undersigned", sentence))
        return await ack()

    async def _open(self, body: Json, view: Json) -> None:
        try:
            async with asyncio.timeout(OPENED_WITHIN.total_seconds()):
                await self._client.open_view(str(body.get("trigger_id", "")), view)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not open a modal: %s", trouble)
