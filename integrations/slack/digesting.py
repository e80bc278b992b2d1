"""Sends digests to persons in one workspace, each once."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.database.manager_week import manager_week
from integrations.database.person_overview import Requested, person_overview
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Accounts
from integrations.slack.cards import Message
from integrations.slack.client import SlackClient
from integrations.slack.copies import FAILED, OVER, POSTED, Copies
from integrations.slack.daily_digest import MOST_LISTED, daily_digest
from integrations.slack.gathering import DigestOrder, Reminder
from integrations.slack.members import Team
from integrations.slack.moments import now
from integrations.slack.pace import Pace
from integrations.slack.plan import (
    CHANNEL,
    Key,
    Wanted,
    channel_request,
    signoff_request,
)
from integrations.slack.weekly_digest import weekly_digest

LASTS = timedelta(hours=12)
"""Later than this a morning's digest isn't sent any more; the next one says it."""

_log = logging.getLogger(__name__)


class Digesting:
    """Sends daily digests to owners, weekly ones to managers."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        team: Team,
        *,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = now,
        trusts_email: bool = False,
    ) -> None:
        self._engine = engine
        self._team = team
        self._clock = clock
        self._accounts = Accounts(client, engine, team, trusts_email=trusts_email)
        self._copies = Copies(client, engine, pace or Pace())

    async def send(self, order: DigestOrder) -> bool:
        """Send what a digest has to say; repeating it sends nothing more.

        False when its time is over, so that its reminders are still to be said. Raises
        `SlackUnavailable`, `SlackAuthLost`.
        """
        key = (order.due.request(order.person), order.person)
        rows = await self._rows([key[0], *(one.request for one in order.reminders)])
        row = rows.get(key)
        # One that was posted, or may have been, is brought to its end whenever that is.
        if row is None and self._clock() - order.due.at > LASTS:
            return False
        if row is None or row.ts is None:
            row = await self._post(order, key, rows)
        await self._note(order, row, rows)
        return True

    async def _post(
        self, order: DigestOrder, key: Key, rows: Mapping[Key, SlackMessage]
    ) -> SlackMessage | None:
        message = await self._message(order)
        wanted = Wanted(
            *key, message or Message(text="", blocks=()), message is not None, is_once=True
        )
        found = await self._accounts.of([order.person] if message else [])
        for trouble in found.unsure.values():
            raise trouble
        row = await self._copies.bring(wanted, rows, found, None)
        if row is not None and row.error:
            _log.warning("not delivered: %s to %s: %s", row.request_id, row.copy_of, row.error)
        return row

    async def _message(self, order: DigestOrder) -> Message | None:
        moment, person = self._clock(), order.person
        if order.due.kind == "weekly":
            async with self._engine.connect() as connection:
                week = await manager_week(connection, person, moment)
            channel = {one.id: (channel_request(one.id), CHANNEL) for one in week.longest}
            return weekly_digest(week, moment, await self._links(channel))
        async with self._engine.connect() as connection:
            found = await person_overview(connection, person, moment, limit=MOST_LISTED)
        if found is None:
            return None
        own = {one.id: (signoff_request(one.id), person) for one in found.requests}
        return daily_digest(found, moment, await self._links(own), _reminded(order, found.requests))

    async def _links(self, cards: Mapping[str, Key]) -> dict[str, str]:
        """Give the addresses of cards that there are, by request."""
        rows = await self._rows((request for request, _ in cards.values()), self._team.id)
        placed = {id_: rows[key] for id_, key in cards.items() if key in rows}
        return {
            id_: self._team.link(row.channel, row.ts)
            for id_, row in placed.items()
            if row.channel and row.ts
        }

    async def _note(
        self, order: DigestOrder, said: SlackMessage | None, rows: Mapping[Key, SlackMessage]
    ) -> None:
        """Write down of each reminder where it is said."""
        where = {"state": FAILED, "error": OVER} if said is None else _where(said)
        noted = [
            known.model_copy(update=where)
            for one in order.reminders
            if (known := _known(one, order.person, rows)).ts is None
        ]
        async with self._engine.begin() as connection:
            await slack_store.save_messages(connection, noted)

    async def _rows(
        self, requests: Iterable[str], workspace: str | None = None
    ) -> dict[Key, SlackMessage]:
        async with self._engine.connect() as connection:
            return await slack_store.messages_of(connection, requests, workspace)


def _reminded(order: DigestOrder, requests: Iterable[Requested]) -> set[str]:
    """Name the requests of which a person still wants the reminder."""
    waiting = {one.id: one for one in requests}
    return {
        id_
        for one in order.reminders
        for id_ in one.signoffs
        if id_ in waiting and waiting[id_].is_silent_since(one.at)
    }


def _where(said: SlackMessage) -> dict[str, object]:
    return said.model_dump(exclude={"request_id", "copy_of", "content_hash"})


def _known(one: Reminder, person: str, rows: Mapping[Key, SlackMessage]) -> SlackMessage:
    found = rows.get((one.request, person))
    return found or SlackMessage(request_id=one.request, copy_of=person, state=POSTED)
