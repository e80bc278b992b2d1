"""Sends what was gathered for one person: one reminder as ever, several as one message."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store, versions
from integrations.database.open_requests import OpenRequest, open_requests
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Accounts, Found
from integrations.slack.client import SlackClient, Team
from integrations.slack.copies import FAILED, OVER, POSTING, Copies
from integrations.slack.digests import MOST_LISTED, Entry, digest_message, ordered
from integrations.slack.gathering import Gathered, Reminder
from integrations.slack.pace import Pace
from integrations.slack.plan import Key, Wanted, reminder_to, signoff_request
from lifecycle.view import VersionView

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pile:
    """What is known of gathered reminders when they are to be sent."""

    gathered: Gathered
    rows: dict[Key, SlackMessage]
    requests: dict[str, OpenRequest]
    """The sign-offs that still wait for the person, by id."""

    @property
    def digest(self) -> Key:
        """The key of the message that says everything."""
        return (f"digest:{self.gathered.id}", self.gathered.person)

    def row(self, reminder: Reminder) -> SlackMessage:
        """Give what is written down of a reminder."""
        key = (reminder.request, self.gathered.person)
        return self.rows.get(key) or SlackMessage(request_id=key[0], copy_of=key[1], state="")

    def left(self) -> list[Reminder]:
        """Give the reminders that were not sent yet."""
        return [one for one in self.gathered.reminders if self.row(one).ts is None]

    def open(self, *reminders: Reminder) -> list[OpenRequest]:
        """Give what reminders still have to say, each request once, due first in front."""
        found = {
            id_: self.requests[id_]
            for one in reminders
            for id_ in one.signoffs
            if id_ in self.requests and self.requests[id_].is_silent_since(one.at)
        }
        return ordered(list(found.values()))


class Reminding:
    """Reminds persons in one workspace."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        team: Team,
        *,
        pace: Pace | None = None,
        trusts_email: bool = False,
    ) -> None:
        self._engine = engine
        self._team = team
        self._accounts = Accounts(client, engine, team, trusts_email=trusts_email)
        self._copies = Copies(client, engine, pace or Pace())

    async def send(self, gathered: Gathered) -> None:
        """Say once what still waits for the person; repeating it sends nothing more.

        What Slack refuses for good is written down. Raises `SlackUnavailable`, `SlackAuthLost`.
        """
        pile = await self._read(gathered)
        found = await self._accounts.of([gathered.person] if pile.left() else [])
        for trouble in found.unsure.values():
            raise trouble
        # What an attempt before this one began to send alone is looked for, and said alone.
        begun = [one for one in pile.left() if pile.row(one).state == POSTING]
        for one in begun:
            await self._send_alone(pile, one, found)
        others = [one for one in pile.left() if one not in begun]
        due = [one for one in others if pile.open(one)]
        if pile.digest in pile.rows:
            await self._send_together(pile, others, due, found)
            return
        await self._drop(pile, [one for one in others if one not in due])
        if len(due) == 1:
            await self._send_alone(pile, due[0], found)
        elif due:
            await self._send_together(pile, due, due, found)

    async def _read(self, gathered: Gathered) -> Pile:
        names = [f"digest:{gathered.id}", *(one.request for one in gathered.reminders)]
        signoffs = [id_ for one in gathered.reminders for id_ in one.signoffs]
        async with self._engine.connect() as connection:
            rows = await slack_store.messages_of(connection, names)
            found = await open_requests(connection, gathered.person, signoffs)
        return Pile(gathered, rows, {each.id: each for each in found})

    async def _drop(self, pile: Pile, over: Sequence[Reminder]) -> None:
        """Write down that reminders were over before they were sent."""
        changes = {"state": FAILED, "error": OVER}
        await self._save([pile.row(one).model_copy(update=changes) for one in over])

    async def _send_alone(self, pile: Pile, reminder: Reminder, found: Found) -> None:
        """Send a reminder under its card, as it is sent where nothing is gathered."""
        person, requests = pile.gathered.person, pile.open(reminder)
        async with self._engine.connect() as connection:
            doc = await versions.get_version(connection, reminder.model, reminder.version)
            cards = [signoff_request(id_) for id_ in reminder.signoffs]
            rows = pile.rows | await slack_store.messages_of(connection, cards)
        view = VersionView.model_validate(doc) if doc else None
        wanted = reminder_to(view, reminder.request, person) if view else None
        if wanted is None:  # the version keeps its newest notices only
            entries = [self._entry(each, person, rows) for each in requests]
            wanted = Wanted(
                reminder.request, person, digest_message(entries), bool(requests), is_once=True
            )
        row = await self._copies.bring(wanted, rows, found, None)
        _report(row)

    async def _send_together(
        self, pile: Pile, told: Sequence[Reminder], due: Sequence[Reminder], found: Found
    ) -> None:
        """Send one message for all that is due, and write down of all told where it is said.

        After a lost reply the message is there though what it says may be over by now.
        """
        person, requests = pile.gathered.person, pile.open(*due)
        cards = [signoff_request(each.id) for each in requests[:MOST_LISTED]]
        async with self._engine.connect() as connection:
            rows = pile.rows | await slack_store.messages_of(connection, cards)
        message = digest_message([self._entry(each, person, rows) for each in requests])
        wanted = Wanted(pile.digest[0], person, message, bool(due), is_once=True)
        row = await self._copies.bring(wanted, rows, found, None)
        _report(row)
        if row is None:
            await self._drop(pile, told)
            return
        where = row.model_dump(exclude={"request_id", "copy_of", "content_hash"})
        copies = [pile.row(one) for one in told if one in due or pile.row(one).state != FAILED]
        await self._save([copy.model_copy(update=where) for copy in copies])

    def _entry(self, request: OpenRequest, person: str, rows: dict[Key, SlackMessage]) -> Entry:
        card = rows.get((signoff_request(request.id), person))
        if card is None or card.channel is None or card.ts is None:
            return Entry(request)
        return Entry(request, self._team.link(card.channel, card.ts))

    async def _save(self, rows: Sequence[SlackMessage]) -> None:
        async with self._engine.begin() as connection:
            await slack_store.save_messages(connection, rows)


def _report(row: SlackMessage | None) -> None:
    if row is not None and row.error:
        _log.warning("not delivered: %s to %s: %s", row.request_id, row.copy_of, row.error)
