"""What is known of gathered things when they are to be said."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import slack_store
from integrations.database.open_requests import OpenRequest, open_requests, pending_requests
from integrations.database.slack_store import SlackMessage
from integrations.slack.digests import ordered
from integrations.slack.gathering import CARD, REMINDER, Gathered, Reminder
from integrations.slack.plan import CHANNEL, Key, is_channel


@dataclass(frozen=True)
class Pile:
    """Gathered things, what is written down of them, and what they are about."""

    gathered: Gathered
    rows: dict[Key, SlackMessage]
    requests: dict[str, OpenRequest]
    """The sign-offs that still wait for the person, or in a channel for anybody, by id."""
    pending: frozenset[str]
    """Those that still wait for anybody."""

    @property
    def is_channel(self) -> bool:
        """Whether it is for a channel."""
        return is_channel(self.gathered.person)

    @property
    def digest(self) -> Key:
        """The key of the message that says everything."""
        return (f"digest:{self.gathered.id}", self.copy)

    @property
    def copy(self) -> str:
        """Whose copies they are; the model's own channel is known by its place."""
        is_own = any(one.place for one in self.gathered.reminders)
        return CHANNEL if is_own else self.gathered.person

    @property
    def place(self) -> str | None:
        """Name the model's channel."""
        return next((one.place for one in self.gathered.reminders if one.place), None)

    def row(self, one: Reminder) -> SlackMessage:
        """Give what is written down of one."""
        key = (one.request, one.copy_of or self.gathered.person)
        return self.rows.get(key) or SlackMessage(request_id=key[0], copy_of=key[1], state="")

    def is_due(self, one: Reminder) -> bool:
        """Tell whether it still says something true."""
        if one.kind in {REMINDER, CARD}:
            return bool(self.open(one))
        return not one.signoffs or any(id_ in self.pending for id_ in one.signoffs)

    def open(self, *some: Reminder) -> list[OpenRequest]:
        """Give the requests that are still to be asked for, each once, due first in front."""
        found = {
            id_: self.requests[id_]
            for one in some
            if one.kind in {REMINDER, CARD}
            for id_ in one.signoffs
            if id_ in self.requests
            and (one.kind == CARD or self.requests[id_].is_silent_since(one.at))
        }
        return ordered(list(found.values()))


async def read_pile(connection: AsyncConnection, gathered: Gathered, workspace: str) -> Pile:
    """Read what is known now, by three queries."""
    ids = [id_ for one in gathered.reminders for id_ in one.signoffs]
    names = [f"digest:{gathered.id}", *(one.request for one in gathered.reminders)]
    rows = await slack_store.messages_of(connection, names, workspace)
    theirs = () if is_channel(gathered.person) else gathered.person
    pending = await _pending(connection, gathered, ids)
    found = await open_requests(connection, gathered.person, ids) if theirs else pending
    return Pile(
        gathered, rows, {each.id: each for each in found}, frozenset(each.id for each in pending)
    )


async def _pending(
    connection: AsyncConnection, gathered: Gathered, ids: Iterable[str]
) -> tuple[OpenRequest, ...]:
    """Ask only where something is not for the person to decide."""
    if all(one.kind in {REMINDER, CARD} for one in gathered.reminders) and not is_channel(
        gathered.person
    ):
        return ()
    return await pending_requests(connection, ids)
