"""Sends what was gathered for one person or channel: one thing as ever, several as one message."""

import logging
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store, versions
from integrations.database.open_requests import OpenRequest
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Accounts, Found
from integrations.slack.cards import Message
from integrations.slack.client import SlackClient
from integrations.slack.copies import FAILED, LISTED, OVER, POSTED, POSTING, Copies
from integrations.slack.digests import (
    MOST_LISTED,
    Entry,
    channel_message,
    digest_message,
    storm_message,
)
from integrations.slack.gathering import CARD, REMINDER, Gathered, Reminder, Said
from integrations.slack.members import Team
from integrations.slack.pace import Pace
from integrations.slack.piles import Pile, read_pile
from integrations.slack.plan import Key, Wanted, channel_request, signoff_request, wanted_of
from integrations.slack.postponing import Postponing
from lifecycle.view import VersionView

_log = logging.getLogger(__name__)


class Reminding:
    """Says gathered things in one workspace."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        team: Team,
        *,
        pace: Pace | None = None,
        trusts_email: bool = False,
        postponing: Postponing | None = None,
    ) -> None:
        """Keep what it sends with; without `postponing` nothing is left to digests."""
        self._postponing = postponing or Postponing(engine, None)
        self._engine = engine
        self._team = team
        self._accounts = Accounts(client, engine, team, trusts_email=trusts_email)
        self._copies = Copies(client, engine, pace or Pace())

    async def send(self, gathered: Gathered) -> Said:
        """Say once what is still true, and give what is left; repeating it sends nothing more.

        What Slack refuses for good is written down. Raises `SlackUnavailable`, `SlackAuthLost`.
        """
        async with self._engine.connect() as connection:
            pile = await read_pile(connection, gathered, self._team.id)
        left = [one for one in gathered.reminders if not _is_said(pile.row(one))]
        readers = [gathered.person] if left and not pile.is_channel else []
        found = await self._accounts.of(readers)
        for trouble in found.unsure.values():
            raise trouble
        # What an attempt before this one began to send alone is looked for, and said alone.
        begun = [one for one in left if pile.row(one).state == POSTING]
        for one in begun:
            await self._send_alone(pile, one, found)
        others = [one for one in left if one not in begun]
        due = [one for one in others if pile.is_due(one)]
        if pile.digest in pile.rows:
            await self._send_together(pile, others, due, found)
            return Said()
        await self._drop(pile, [one for one in others if one not in due])
        said = await self._postponing.left(pile, due)
        due = [one for one in due if one.request not in said.left]
        if len(due) == 1:
            await self._send_alone(pile, due[0], found)
        elif due:
            await self._send_together(pile, due, due, found)
        return said

    async def _drop(self, pile: Pile, over: Sequence[Reminder]) -> None:
        """Write down that things were over before they were sent."""
        changes = {"state": FAILED, "error": OVER}
        await self._save([pile.row(one).model_copy(update=changes) for one in over])

    async def _send_alone(self, pile: Pile, one: Reminder, found: Found) -> None:
        """Send one thing as it is sent where nothing is gathered."""
        requests = pile.open(one)
        async with self._engine.connect() as connection:
            doc = await versions.get_version(connection, one.model, one.version)
            cards = [
                name(id_) for id_ in one.signoffs for name in (signoff_request, channel_request)
            ]
            rows = pile.rows | await slack_store.messages_of(connection, cards, self._team.id)
        view = VersionView.model_validate(doc) if doc else None
        row = pile.row(one)
        wanted = wanted_of(view, (row.request_id, row.copy_of)) if view else None
        if wanted is None:  # the version keeps its newest notices only
            message = self._message(pile, [one], requests, rows)
            is_new = pile.is_due(one)
            wanted = Wanted(row.request_id, row.copy_of, message, is_new, is_once=True)
        _report(await self._copies.bring(wanted, rows, found, one.place or None))

    async def _send_together(
        self, pile: Pile, told: Sequence[Reminder], due: Sequence[Reminder], found: Found
    ) -> None:
        """Send one message for all that is due, and write down of all told where it is said.

        After a lost reply the message is there though what it says may be over by now.
        """
        requests = pile.open(*due)
        cards = [signoff_request(each.id) for each in requests[:MOST_LISTED]]
        async with self._engine.connect() as connection:
            rows = pile.rows | await slack_store.messages_of(connection, cards, self._team.id)
        message = self._message(pile, due, requests, rows)
        wanted = Wanted(*pile.digest, message, bool(due), is_once=True)
        row = await self._copies.bring(wanted, rows, found, pile.place)
        _report(row)
        if row is None:
            await self._drop(pile, told)
            return
        copies = [
            pile.row(one).model_copy(update=_said_in(row, one))
            for one in told
            if one in due or pile.row(one).state != FAILED
        ]
        await self._save(copies)

    def _message(
        self,
        pile: Pile,
        some: Sequence[Reminder],
        requests: Sequence[OpenRequest],
        rows: dict[Key, SlackMessage],
    ) -> Message:
        entries = [self._entry(each, pile.copy, rows) for each in requests]
        if all(one.kind == REMINDER for one in some) and not pile.is_channel:
            return digest_message(entries)
        told = [one.text for one in some if one.kind not in {REMINDER, CARD}]
        make = channel_message if pile.is_channel else storm_message
        return make(entries, tuple(dict.fromkeys(told)))

    def _entry(self, request: OpenRequest, copy: str, rows: dict[Key, SlackMessage]) -> Entry:
        card = rows.get((signoff_request(request.id), copy))
        if card is None or card.channel is None or card.ts is None:
            return Entry(request)
        return Entry(request, self._team.link(card.channel, card.ts))

    async def _save(self, rows: Sequence[SlackMessage]) -> None:
        async with self._engine.begin() as connection:
            await slack_store.save_messages(connection, rows)


def _is_said(row: SlackMessage) -> bool:
    return row.ts is not None or row.state == LISTED


def _said_in(row: SlackMessage, one: Reminder) -> dict[str, object]:
    """Give where something is said; of what may change later, not as a message of its own."""
    if one.kind == REMINDER:
        return row.model_dump(exclude={"request_id", "copy_of", "content_hash"})
    if row.state == POSTED:
        return {"state": LISTED, "error": "", "sent_at": row.sent_at}
    return {"state": row.state, "error": row.error, "sent_at": row.sent_at}


def _report(row: SlackMessage | None) -> None:
    if row is not None and row.error:
        _log.warning("not delivered: %s to %s: %s", row.request_id, row.copy_of, row.error)
