"""Handing digests over to the workflows that gather for persons."""

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio import activity

from activities.contracts import HAND_OVER_DIGESTS, DigestPage, DigestsHandedOver
from activities.reminders import ReminderDesk
from integrations.database.digest_people import (
    ToTell,
    kinds_of_hours,
    managers_to_tell,
    owners_to_tell,
)
from integrations.database.slack_places import at_home
from integrations.mornings import Mornings, slot_before
from integrations.slack.gathering import DigestDue

PAGE = 200
AT_ONCE = 10
"""Workflows that are told at the same time."""


class DigestActivities:
    """Finds whose morning it is, for one workspace."""

    def __init__(
        self,
        engine: AsyncEngine,
        desk: ReminderDesk,
        mornings: Mornings,
        workspace: str | None = None,
        own: Callable[[], str | None] = lambda: None,
    ) -> None:
        """Keep what it works with; `own` names the settings' own workspace, once it is known."""
        self._engine = engine
        self._desk = desk
        self._mornings = mornings
        self._workspace = workspace
        self._own = own

    @activity.defn(name=HAND_OVER_DIGESTS)
    async def hand_over(self, page: DigestPage) -> DigestsHandedOver:
        """Tell the next people's workflows that their digest is due; a repeat counts once."""
        slot = slot_before(page.at)
        begins = self._mornings.day_begun if page.kind == "daily" else self._mornings.week_begun
        async with self._engine.connect() as connection:
            known = await kinds_of_hours(connection)
            days = {one: day for one in known if (day := begins(one, slot)) is not None}
            read = owners_to_tell if page.kind == "daily" else managers_to_tell
            people = await read(connection, days, slot, page.after, PAGE) if days else ()
            home = await self._at_home(connection, people)
        gate = asyncio.Semaphore(AT_ONCE)

        async def tell(one: ToTell) -> None:
            due = DigestDue(kind=page.kind, day=days[one.hours].isoformat(), at=slot)
            async with gate:
                await self._desk.announce(one.person, due)

        async with asyncio.TaskGroup() as group:
            for one in home:
                group.create_task(tell(one))
        last = people[-1].person if len(people) == PAGE else ""
        return DigestsHandedOver(count=len(home), last=last)

    async def _at_home(self, connection: AsyncConnection, people: Sequence[ToTell]) -> list[ToTell]:
        """Leave out whom another workspace tells, so that nobody hears the same twice."""
        if self._workspace is None:
            return list(people)
        named = [one.person for one in people]
        ours = await at_home(connection, self._workspace, self._own(), named)
        return [one for one in people if one.person in ours]
