"""What Slack says unasked of people's accounts: deactivated, made a guest, a member again."""

import asyncio
import logging
from datetime import timedelta

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.deps import Composition
from api.rosters import tell_of_person
from api.slack_telling import Telling
from integrations.slack.client import SlackClient
from integrations.slack.members import account_in
from integrations.slack.moments import now
from integrations.slack.standing import Standing
from integrations.slack.text import Json

NOTED_WITHIN = timedelta(seconds=2)

_log = logging.getLogger(__name__)


class Changes:
    """Writes down what accounts became, and tells the versions that it concerns."""

    def __init__(self, composition: Composition, client: SlackClient, telling: Telling) -> None:
        self._composition = composition
        self._client = client
        self._telling = telling

    async def taken(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Take a change; where that fails, Slack sends it again."""
        try:
            async with asyncio.timeout(NOTED_WITHIN.total_seconds()):
                standing = Standing(
                    self._client, self._composition.engine, await self._client.identify()
                )
                people = await standing.note(account_in(body["event"]["user"]), now())
        except Exception:  # noqa: BLE001 - the edge: Slack delivers it again, and a click asks anyway
            _log.warning("could not write down what an account became", exc_info=True)
            return BoltResponse(status=503, body="not noted")
        for person in people:
            await self._telling.all(tell_of_person(self._composition, person))
        return await ack()
