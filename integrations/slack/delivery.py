"""Brings Slack to what a view says, and nothing more: safe to repeat, and to go on with."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.database.slack_store import SlackMessage
from integrations.slack.accounts import Accounts, Found, Linked
from integrations.slack.bursts import Bursts
from integrations.slack.clicks import ReplyTo
from integrations.slack.client import SlackClient
from integrations.slack.copies import FAILED, POSTING, Copies, Undelivered
from integrations.slack.earlier import earlier_signoffs
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.gathering import Desk
from integrations.slack.leaving import Leaving, is_left
from integrations.slack.members import Team
from integrations.slack.pace import Pace
from integrations.slack.plan import Key, Wanted, is_channel, plan, requests
from integrations.slack.receipts import receipts_of
from integrations.slack.text import escape, shorten
from lifecycle.receipts import Receipt
from lifecycle.view import VersionView

AT_ONCE = 8
"""Copies of one view that are sent at the same time, each to another channel."""

MOST_TROUBLES = 5
"""After so many failures the rest waits for the next attempt, which meets the same otherwise."""

MOST_VERSIONS = 1_000
LONGEST_ANSWER = 2_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """What came of showing a view."""

    linked: tuple[Linked, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    """Whom the open requests reached, as far as it is known."""


class Delivery:
    """Shows views in one workspace."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        team: Team,
        *,
        pace: Pace | None = None,
        desk: Desk | None = None,
        bursts: Bursts | None = None,
        trusts_email: bool = False,
    ) -> None:
        """Keep what it delivers with; without a desk everything is sent by itself."""
        self._client = client
        self._engine = engine
        self._team = team
        self._accounts = Accounts(client, engine, team, trusts_email=trusts_email)
        self._copies = Copies(client, engine, pace or Pace())
        self._leaving = Leaving(engine, desk, bursts or Bursts())
        self._newest: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def show(self, view: VersionView) -> Shown:
        """Post and change what differs from the view.

        Raises `SlackUnavailable` after the others were tried, and `SlackAuthLost` at once.
        A copy that Slack refuses is written down and doesn't hold up the others.
        """
        name = (view.model, view.version)
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            if view.sequence < self._newest.get(name, 0):
                return Shown()  # an older attempt; what it would show is over
            self._remember(name, view.sequence)
            return await self._show(view)

    def _remember(self, name: tuple[str, str], sequence: int) -> None:
        self._newest[name] = sequence
        self._newest.move_to_end(name)
        while len(self._newest) > MOST_VERSIONS:
            self._newest.popitem(last=False)

    async def _show(self, view: VersionView) -> Shown:
        async with self._engine.connect() as connection:
            earlier = await earlier_signoffs(connection, view)
            rows = await slack_store.messages_of(connection, requests(view, earlier), self._team.id)
        due = [each for each in plan(view, earlier, rows) if _differs(each, rows.get(each.key))]
        own = [each for each in due if not self._leaving.takes_reminder(each)]
        found = await self._accounts.of(_strangers(own, rows))
        due, left = self._leaving.part(view, due, rows, found)
        troubles: list[SlackUnavailable] = [*found.unsure.values()]
        undelivered: list[Undelivered] = []
        # Cards first: notices go into their threads.
        for batch in (
            [each for each in due if not each.under],
            [each for each in due if each.under],
        ):
            await self._send(view, batch, rows, found, troubles, undelivered)
        await self._leaving.hand_over(left)
        for each in undelivered:
            _log.warning("not delivered: %s to %s: %s", each.request_id, each.copy_of, each.error)
        if troubles:
            raise max(troubles, key=_wait)
        return Shown(
            linked=tuple(found.linked),
            undelivered=tuple(undelivered),
            receipts=receipts_of(view, rows),
        )

    async def _send(
        self,
        view: VersionView,
        batch: Sequence[Wanted],
        rows: dict[Key, SlackMessage],
        found: Found,
        troubles: list[SlackUnavailable],
        undelivered: list[Undelivered],
    ) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one_by_one(chain: Sequence[Wanted]) -> None:
            async with gate:
                for wanted in chain:
                    if len(troubles) >= MOST_TROUBLES:
                        return
                    try:
                        row = await self._copies.bring(wanted, rows, found, view.slack_channel)
                    except SlackUnavailable as trouble:
                        troubles.append(trouble)
                        return  # what comes after it in a thread must not come before it
                    if row is None:
                        continue
                    rows[wanted.key] = row
                    if row.error:
                        undelivered.append(Undelivered(row.request_id, row.copy_of, row.error))

        # A channel has to wait for its turns; nobody's own card waits with it.
        ordered = sorted(_chains(batch, rows), key=lambda each: is_channel(each[0].copy_of))
        try:
            async with asyncio.TaskGroup() as group:
                for chain in ordered:
                    group.create_task(one_by_one(chain))
        except ExceptionGroup as failed:
            lost, others = failed.split(SlackAuthLost)
            raise (lost or others or failed).exceptions[0] from None

    async def without_slack(self, view: VersionView, code: str) -> tuple[Receipt, ...]:
        """Give whom open requests reached before, and that they don't reach the others now."""
        async with self._engine.connect() as connection:
            rows = await slack_store.messages_of(connection, requests(view, ()))
        return receipts_of(view, rows, otherwise=code)

    async def recognise(self, team: str, user: str) -> bool:
        """Look for whose an unconfirmed account of our team is; False when it still is nobody's."""
        if team != self._team.id and not self._team.is_org_wide:
            return False
        return await self._accounts.recognise(user) is not None

    async def answer(self, reply_to: ReplyTo, sentence: str) -> None:
        """Say something to whoever clicked, where they clicked or else directly.

        Raises `SlackUnavailable`, `SlackRefused` and `SlackAuthLost`.
        """
        text = escape(shorten(sentence, LONGEST_ANSWER))
        if reply_to.channel:
            try:
                await self._client.whisper(
                    reply_to.channel, reply_to.user, text, reply_to.thread_ts
                )
            except SlackRefused:
                _log.info("no answer in channel %s; answering directly", reply_to.channel)
            else:
                return
        direct = await self._client.open_dm(reply_to.user)
        await self._client.whisper(direct, reply_to.user, text)


def _chains(batch: Sequence[Wanted], rows: dict[Key, SlackMessage]) -> list[list[Wanted]]:
    """Give what is sent one after the other: all that goes into one thread, in its order."""
    chains: dict[Key, list[Wanted]] = {}
    for each in batch:
        card = rows.get(each.under) if each.under else None
        if not each.is_in_thread or (card is not None and card.ts):
            chains.setdefault(each.under or each.key, []).append(each)
    return list(chains.values())


def _differs(wanted: Wanted, row: SlackMessage | None) -> bool:
    if row is None or row.state == POSTING:
        return True
    if is_left(wanted, row):
        return False
    if row.ts is not None and wanted.is_once:
        return False
    # A channel that refused may let the app in meanwhile; who is not in Slack is rarely found.
    is_worth_a_try = row.state == FAILED and row.ts is None and wanted.is_new
    return is_worth_a_try or row.content_hash != wanted.message.hash


def _strangers(due: Sequence[Wanted], rows: dict[Key, SlackMessage]) -> set[str]:
    """Name the people whose account is needed: those who have no copy yet."""
    people = {each.copy_of for each in due if not is_channel(each.copy_of)}
    placed = {key for key, row in rows.items() if row.channel}
    return {
        person
        for person in people
        if any(each.copy_of == person and each.key not in placed for each in due)
    }


def _wait(trouble: SlackUnavailable) -> float:
    return trouble.retry_after.total_seconds() if trouble.retry_after else 0.0
