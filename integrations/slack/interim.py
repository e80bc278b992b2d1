"""A card from a click until its outcome: "Recording…" in place of the buttons."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.database.click_outcomes import outcomes
from integrations.database.slack_store import SlackMessage
from integrations.slack.cards import Message, channel_card, owner_card, recording
from integrations.slack.clicks import Click
from integrations.slack.client import Posted, SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.plan import channel_request, is_channel, signoff_request
from lifecycle.commands import Decide
from lifecycle.view import SignoffView

MOST_AT_ONCE = 2
MOST_WAITING = 200
"""More cards are left as they are: their outcome comes all the same."""
CALM = timedelta(seconds=0.15)
"""While clicks still come, they are acknowledged first; drawing the cards of many takes long."""
WITHIN = timedelta(seconds=10)
RECORDING = "recording"
"""What is noted in place of a card's content, so that the next view brings it back."""

_log = logging.getLogger(__name__)
_Load = Callable[[str], Awaitable[SignoffView | None]]


class Interim:
    """Shows that an answer is being recorded; no decision hangs on it, so it may fail."""

    def __init__(self, client: SlackClient, engine: AsyncEngine, load_signoff: _Load) -> None:
        self._client = client
        self._engine = engine
        self._load = load_signoff
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._newest = -CALM.total_seconds()
        """When the newest click came, by the loop's clock."""

    @property
    def under_way(self) -> int:
        """How many cards it is showing, or will be."""
        return len(self._tasks)

    def begin(self, click: Click) -> None:
        """Show it beside what the caller goes on with; Slack's answer doesn't wait for it."""
        is_shown = isinstance(click.command, Decide) and click.reply_to.message_ts
        now = asyncio.get_running_loop().time()
        is_rush, self._newest = now < self._newest + CALM.total_seconds(), now
        if is_shown and self.under_way < MOST_WAITING:
            task = asyncio.create_task(self._try(click, is_rush=is_rush))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let go of what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _try(self, click: Click, *, is_rush: bool) -> None:
        try:
            async with asyncio.timeout(WITHIN.total_seconds()), self._turns:
                if is_rush:
                    await self._calm()
                if not is_rush or not await self._is_recorded(click):
                    await self.show(click)
        except TimeoutError:
            _log.info("a card's turn to say that an answer is being recorded did not come in time")
        except (SlackUnavailable, SlackRefused, SlackAuthLost, SQLAlchemyError) as it:
            _log.warning("a card doesn't say that an answer is being recorded: %s", it)

    async def _calm(self) -> None:
        """Return once no click has come for a moment."""
        loop = asyncio.get_running_loop()
        while (left := self._newest + CALM.total_seconds() - loop.time()) > 0:  # noqa: ASYNC110 - that none comes is no event
            await asyncio.sleep(left)

    async def show(self, click: Click) -> None:
        """Put "Recording…" in place of a card's buttons, unless the outcome is there already.

        Raises what Slack and the database raise.
        """
        row = await self._row(click)
        view = await self._load(click.signoff)
        if row is None or view is None or row.content_hash == RECORDING:
            return
        async with self._engine.begin() as connection:
            await slack_store.note_content(connection, row, RECORDING)
        await self._put(row, recording(_card(view, row.copy_of)))
        if await self._is_recorded(click):
            # The outcome may have been shown before "Recording…" was; then nothing shows it again.
            await self._bring_back(click, row)

    async def _row(self, click: Click) -> SlackMessage | None:
        """Find the copy that was clicked on."""
        signoff, where = click.signoff, click.reply_to
        requests = (signoff_request(signoff), channel_request(signoff))
        async with self._engine.connect() as connection:
            rows = await slack_store.messages_of(connection, requests)
        place = (where.channel, where.message_ts)
        return next((one for one in rows.values() if (one.channel, one.ts) == place), None)

    async def _is_recorded(self, click: Click) -> bool:
        command = click.command
        async with self._engine.connect() as connection:
            return bool(await outcomes(connection, {command.id: click.signoff}))

    async def _bring_back(self, click: Click, row: SlackMessage) -> None:
        view = await self._load(click.signoff)
        if view is None:
            return
        card = _card(view, row.copy_of)
        await self._put(row, card)
        async with self._engine.begin() as connection:
            await slack_store.note_content(connection, row, card.hash)

    async def _put(self, row: SlackMessage, message: Message) -> None:
        await self._client.update(Posted(channel=str(row.channel), ts=str(row.ts)), message)


def _card(view: SignoffView, copy_of: str) -> Message:
    return channel_card(view) if is_channel(copy_of) else owner_card(view, copy_of)


@asynccontextmanager
async def showing_interim(
    client: SlackClient, engine: AsyncEngine, load_signoff: _Load
) -> AsyncIterator[Interim]:
    """Show cards between click and outcome until the block ends."""
    interim = Interim(client, engine, load_signoff)
    try:
        yield interim
    finally:
        await interim.close()
