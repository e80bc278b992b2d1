"""Which reminders are left to the digest of somebody's next morning."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import slack_store
from integrations.database.digest_people import hours_of
from integrations.database.open_requests import OpenRequest, count_waiting
from integrations.mornings import Mornings
from integrations.slack.gathering import REMINDER, DigestDue, Reminder, Said
from integrations.slack.moments import now
from integrations.slack.piles import Pile
from lifecycle.morning_reminders import said_by, waits_for_digest

UNDER_WAY = timedelta(minutes=15)
"""How long after its slot a digest may come: its jitter, and what is gathered meanwhile."""


class Postponing:
    """Leaves reminders to digests; without mornings there are none to leave them to."""

    def __init__(
        self,
        engine: AsyncEngine,
        mornings: Mornings | None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._engine = engine
        self._mornings = mornings
        self._clock = clock

    async def left(self, pile: Pile, due: Sequence[Reminder]) -> Said:
        """Give which of the reminders that are due wait, and until when at most."""
        able = [one for one in due if one.kind == REMINDER and not one.was_left]
        if self._mornings is None or pile.is_channel or not able:
            return Said()
        async with self._engine.connect() as connection:
            morning = await self._morning(connection, self._mornings, pile.gathered.person)
            waiting = await count_waiting(connection, pile.gathered.person)
        left = [one for one in able if _waits(one, pile.open(one), morning, waiting)]
        if morning is None or not left:
            return Said()
        return Said(left=tuple(one.request for one in left), again_at=said_by(morning))

    async def _morning(
        self, connection: AsyncConnection, mornings: Mornings, person: str
    ) -> datetime | None:
        """Give when the person's next digest comes; one that was sent comes no more."""
        hours, moment = await hours_of(connection, person), self._clock()
        if hours is None:
            return None
        coming = [
            DigestDue(kind="daily", day=day.isoformat(), at=slot)
            for day, slot in mornings.coming(hours, moment)
            if slot + UNDER_WAY > moment
        ][:2]
        names = [due.request(person) for due in coming]
        sent = await slack_store.messages_of(connection, names)
        left = (due.at for due in coming if (due.request(person), person) not in sent)
        return next(left, None)


def _waits(
    one: Reminder, requests: Sequence[OpenRequest], morning: datetime | None, waiting: int
) -> bool:
    instants = (at for each in requests for at in (each.due, each.escalates_at))
    is_chosen = any(each.was_snoozed_until(one.at) for each in requests)
    limits = [at for at in instants if at is not None]
    return waits_for_digest(morning, waiting, limits, is_chosen=is_chosen)
