"""One copy of a message: posted once, changed in place, found again after a lost reply."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Found
from integrations.slack.client import Posted, SlackClient
from integrations.slack.failures import SlackRefused
from integrations.slack.moments import now
from integrations.slack.pace import Pace
from integrations.slack.plan import CHANNEL, Key, Wanted, is_channel

POSTING, POSTED, FAILED, NOT_IN_SLACK = "posting", "posted", "failed", "not in Slack"
GATHERING = "gathering"
"""A reminder that waits for others to the same person."""
LISTED = "listed"
"""Said with many others in one message, which is not its own to change."""
OVER = "over before it was sent"

CLOCKS_DIFFER = timedelta(minutes=1)
"""How far before the first try a message is looked for."""

_LOST = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
"""Refusals of a change after which an open request is posted anew, so that it can be answered."""
_GONE = frozenset({"channel_not_found", "is_archived", "is_inactive", "not_in_channel"})
"""Refusals after which a channel's card goes to the channel that the model has now, if another."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undelivered:
    """A copy that did not reach anybody, and why."""

    request_id: str
    copy_of: str
    error: str


class NotInSlack(Exception):  # noqa: N818 - named as the state it is
    """Somebody has no account that can be written to."""


class Copies:
    """Brings single copies to what they should be."""

    def __init__(self, client: SlackClient, engine: AsyncEngine, pace: Pace) -> None:
        self._client = client
        self._engine = engine
        self._pace = pace

    async def bring(
        self, wanted: Wanted, rows: Mapping[Key, SlackMessage], found: Found, channel: str | None
    ) -> SlackMessage | None:
        """Post or change one copy, and answer its row; None when there is nothing to do.

        What Slack refuses for good is on the row. Raises `SlackUnavailable`, `SlackAuthLost`.
        """
        row = rows.get(wanted.key)
        person = wanted.copy_of
        is_placed = row is not None and row.channel is not None
        if not is_placed and (not wanted.is_new or person in found.unsure):
            return None
        row = row or SlackMessage(request_id=wanted.request_id, copy_of=person, state="")
        try:
            if row.ts is None and row.state == POSTING:
                row = await self._found_again(row)
            if row.ts is not None:
                return await self._change(wanted, row, rows, channel)
            if not wanted.is_new:
                await self._save(row, wanted, state=FAILED, error=OVER)
                return None  # nobody misses it
            where = _place(wanted, row, found, channel)
            return await self._post(wanted, row, where, rows)
        except SlackRefused as refusal:
            return await self._save(row, wanted, state=FAILED, error=str(refusal))
        except NotInSlack as missing:
            return await self._save(row, wanted, state=NOT_IN_SLACK, error=str(missing))

    async def _change(
        self,
        wanted: Wanted,
        row: SlackMessage,
        rows: Mapping[Key, SlackMessage],
        channel: str | None,
    ) -> SlackMessage:
        at = Posted(channel=str(row.channel), ts=str(row.ts))
        if wanted.is_once or row.content_hash == wanted.message.hash:
            return await self._save(row, wanted, state=POSTED)
        try:
            await self._client.update(at, wanted.message)
        except SlackRefused as refusal:
            moved = await self._moved(wanted, at, channel) if refusal.error in _GONE else None
            if moved is not None:
                fresh = row.model_copy(update={"ts": None, "state": "", "sent_at": None})
                return await self._post(wanted, fresh, moved, rows)
            if refusal.error not in _LOST or not wanted.is_new:
                raise
            _log.warning("%s is lost (%s); posting it anew", wanted.key, refusal.error)
            fresh = row.model_copy(update={"ts": None, "state": "", "sent_at": None})
            return await self._post(wanted, fresh, at.channel, rows)
        return await self._save(row, wanted, state=POSTED)

    async def _moved(self, wanted: Wanted, at: Posted, channel: str | None) -> str | None:
        """Find the channel that a model has now, where its card's own takes nothing any more."""
        if wanted.copy_of != CHANNEL or channel is None or not wanted.is_new:
            return None
        try:
            found = await self._client.channel_id(channel)
        except SlackRefused:
            return None
        return found if found != at.channel else None

    async def _post(
        self, wanted: Wanted, row: SlackMessage, where: str, rows: Mapping[Key, SlackMessage]
    ) -> SlackMessage:
        card = rows.get(wanted.under) if wanted.under else None
        thread = card.ts if card and card.ts else None
        place = str(card.channel) if card and thread else where
        # Written down before it is sent, so that after a crash or a lost reply it is looked for.
        here = {"workspace": (await self._client.identify()).id}
        row = row.model_copy(update={"channel": place, "thread_ts": thread, **here})
        row = await self._save(row, None, state=POSTING)
        await self._pace.turn(place)
        try:
            posted = await self._try(wanted, row, place, thread)
        except SlackRefused as refusal:
            if refusal.error != "not_in_channel":
                raise
            await self._client.join(await self._client.channel_id(place))
            posted = await self._try(wanted, row, place, thread)
        self._pace.learn(place, posted.channel)
        row = row.model_copy(update={"channel": posted.channel, "ts": posted.ts})
        return await self._save(row, wanted, state=POSTED)

    async def _try(
        self, wanted: Wanted, row: SlackMessage, place: str, thread: str | None
    ) -> Posted:
        return await self._client.post(
            place,
            wanted.message,
            payload=_payload(row),
            thread_ts=thread,
            # In direct messages a reminder shows below the newest message as well.
            broadcast=not is_channel(wanted.copy_of),
        )

    async def _found_again(self, row: SlackMessage) -> SlackMessage:
        """Look for a copy whose posting was begun; the row stays as it is when there is none."""
        since = (row.sent_at or now()) - CLOCKS_DIFFER
        try:
            place = await self._channel(str(row.channel))
            posted = await self._client.find_posted(place, _payload(row), since, row.thread_ts)
        except SlackRefused as refusal:
            _log.warning("can't look for %s (%s); posting it", row.request_id, refusal)
            return row
        if posted is None:
            return row
        return row.model_copy(update={"channel": posted.channel, "ts": posted.ts})

    async def _channel(self, place: str) -> str:
        """Give the id of where a message went, which was written down as it was known then."""
        if place.startswith(("U", "W")):
            return await self._client.open_dm(place)
        return place if place[:1].isupper() else await self._client.channel_id(place)

    async def _save(
        self, row: SlackMessage, wanted: Wanted | None, *, state: str, error: str = ""
    ) -> SlackMessage:
        changed: dict[str, object] = {"state": state, "error": error}
        if wanted is not None:
            changed["content_hash"] = wanted.message.hash
        if row.sent_at is None:
            changed["sent_at"] = now()
        row = row.model_copy(update=changed)
        async with self._engine.begin() as connection:
            await slack_store.save_message(connection, row)
        return row


def _payload(row: SlackMessage) -> dict[str, str]:
    return {"request_id": row.request_id, "copy": row.copy_of}


def _place(wanted: Wanted, row: SlackMessage, found: Found, channel: str | None) -> str:
    """Say where a copy goes: a channel's name or id, or a person's account."""
    if wanted.copy_of == CHANNEL:
        return channel or str(row.channel)
    if is_channel(wanted.copy_of):
        return row.channel or wanted.copy_of
    user = row.channel or found.users.get(wanted.copy_of)
    if user is None:
        raise NotInSlack(found.missing.get(wanted.copy_of, "not known"))
    return user
