"""The home tab: shown when it is opened, and again while what was decided there is recorded."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from sqlalchemy.ext.asyncio import AsyncEngine

from api.slack_payload import Sender, event_sender, sender
from api.slack_persons import Persons
from integrations.database.click_outcomes import outcomes
from integrations.database.person_overview import person_overview
from integrations.slack.clicks import Click, Clicks
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.home import Mark, home_view, start_of, stranger_view
from integrations.slack.text import Json
from lifecycle.values import SignoffKey

SHOWN_WITHIN = timedelta(seconds=2.2)
"""Slack asks again for an event that is not acknowledged within three seconds."""
LOOKED_AGAIN_AFTER = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=2)
FOLLOWED_FOR = timedelta(seconds=30)
"""How long the outcome of a click is waited for; then the buttons come back."""
MOST_ATTEMPTS = 10
"""How often what is new is shown while Slack doesn't take it."""
REFUSALS_SHOWN_FOR = timedelta(minutes=10)
MOST_HOMES = 10_000

NOBODY = (
    "This Slack account belongs to {person}, whom nobody describes any more. Ask an administrator "
    "of Undersigned to describe you again (undersigned apply people.yaml)."
)

_log = logging.getLogger(__name__)


@dataclass
class _Home:
    """What a process knows of one person's home tab."""

    start: int = 0
    marks: dict[str, Mark] = field(default_factory=dict)
    """By sign-off: clicks that are being recorded, or were refused."""
    clicks: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By click: its sign-off, and until when its outcome is waited for."""
    refused_until: datetime | None = None
    is_stale: bool = False
    """Whether something else than marks is to be shown."""


class HomeTab:
    """Shows home tabs. Nothing here is part of a decision: that is kept before."""

    def __init__(
        self,
        client: SlackClient,
        engine: AsyncEngine,
        persons: Persons,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._engine = engine
        self._persons = persons
        self._clock = clock
        self._homes: OrderedDict[Sender, _Home] = OrderedDict()
        self._locks: WeakValueDictionary[Sender, asyncio.Lock] = WeakValueDictionary()
        self._following: dict[Sender, asyncio.Task[None]] = {}

    async def opened(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show the home tab; where that fails, Slack sends the event again."""
        if body["event"].get("tab") != "home":
            return await ack()
        who = event_sender(body)
        is_shown = await self._show_in_time(who, 0)
        return await ack() if is_shown else BoltResponse(status=503, body="not shown")

    async def turn(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show another page."""
        value = str(body["actions"][0].get("value", ""))
        await self._show_in_time(sender(body), int(value) if value.isdecimal() else 0)
        return await ack()

    async def remember(self, body: Json, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 - bolt's name
        """Note which page somebody acts on, as another process may have shown it."""
        view = body.get("view") or {}
        if view.get("type") == "home":
            self._of(sender(body)).start = start_of(view)
        await next()

    async def show(self, who: Sender, start: int | None = None) -> None:
        """Read and show one home tab.

        Raises `SlackUnavailable`, `SlackRefused`, `SlackAuthLost`, and what the database does.
        """
        async with self._locks.setdefault(who, asyncio.Lock()):
            home = self._of(who)
            view = await self._view(who, home, home.start if start is None else start)
            await self._client.publish_home(who.user, view)

    def follow(self, click: Click) -> None:
        """Show that a click is being recorded, and what came of it."""
        via, command = click.command.via, click.command
        who = Sender(via.enterprise, via.team or "", via.slack_user or "")
        key = SignoffKey.parse(click.signoff)
        home = self._of(who)
        home.marks[click.signoff] = Mark(
            signoff=click.signoff, model=key.model, version=key.version, role=key.role
        )
        home.clicks[command.id] = (click.signoff, self._clock() + FOLLOWED_FOR)
        self.refresh(who)

    def refresh(self, who: Sender) -> None:
        """Show a home tab anew, soon."""
        home = self._of(who)
        home.is_stale = True
        if who not in self._following:
            self._following[who] = asyncio.create_task(self._follow(who, home))

    async def stop(self) -> None:
        """Follow nothing any more; a home tab is shown anew whenever it is opened."""
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, who: Sender, home: _Home) -> None:
        """Look until the outcome of every click is known, and show what is new."""
        pause, attempts = LOOKED_AGAIN_AFTER, 0
        while home.clicks or (home.is_stale and attempts < MOST_ATTEMPTS):
            if home.is_stale:
                home.is_stale = False
                if await self._show_in_time(who, None):
                    pause, attempts = LOOKED_AGAIN_AFTER, 0
                else:
                    home.is_stale, attempts = True, attempts + 1
            if home.clicks or home.is_stale:
                await asyncio.sleep(pause.total_seconds())
                pause = min(2 * pause, LONGEST_PAUSE)
                await self._settle(home)
        # Without an await since the last look, so that no click comes in between and is missed.
        del self._following[who]

    async def _settle(self, home: _Home) -> None:
        """Note what became of clicks, by the record; the buttons come back where nothing did."""
        try:
            await self._note_outcomes(home)
        except Exception:  # noqa: BLE001 - the edge: the decision is kept, only its outcome is unknown
            _log.warning("could not look for the outcome of clicks", exc_info=True)
        for click, (signoff, until) in list(home.clicks.items()):
            if self._clock() >= until:
                del home.clicks[click]
                home.marks.pop(signoff, None)
                home.is_stale = True

    async def _note_outcomes(self, home: _Home) -> None:
        asked = {click: signoff for click, (signoff, _) in home.clicks.items()}
        async with self._engine.connect() as connection:
            known = await outcomes(connection, asked)
        for click, refusal in known.items():
            signoff, _ = home.clicks.pop(click)
            home.is_stale = True
            mark = home.marks.get(signoff)
            if refusal and mark is not None:  # else another click on it was taken
                home.marks[signoff] = mark.model_copy(update={"refusal": refusal})
                home.refused_until = self._clock() + REFUSALS_SHOWN_FOR
            else:
                home.marks.pop(signoff, None)

    async def _show_in_time(self, who: Sender, start: int | None) -> bool:
        try:
            async with asyncio.timeout(SHOWN_WITHIN.total_seconds()):
                await self.show(who, start)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not show a home tab: %s", trouble)
            return False
        except Exception:  # noqa: BLE001 - the edge: a home tab is shown again when it is opened
            _log.warning("could not read a home tab", exc_info=True)
            return False
        return True

    async def _view(self, who: Sender, home: _Home, start: int) -> Json:
        person = await self._persons.of(who)
        if person is None:
            return stranger_view(await self._persons.unknown(who))
        now = self._clock()
        if home.refused_until and home.refused_until <= now:
            home.marks = {name: mark for name, mark in home.marks.items() if not mark.refusal}
        async with self._engine.connect() as connection:
            found = await person_overview(connection, person, now, start=start)
        if found is None:
            return stranger_view(NOBODY.format(person=person))
        home.start = found.requests[0].place if found.requests else 0
        return home_view(found, now, home.marks)

    def _of(self, who: Sender) -> _Home:
        home = self._homes.setdefault(who, _Home())
        self._homes.move_to_end(who)
        while len(self._homes) > MOST_HOMES:
            self._homes.popitem(last=False)
        return home


class HomeClicks:
    """Keeps clicks as another does, and follows those that were made on a home tab."""

    def __init__(self, clicks: Clicks, home: HomeTab) -> None:
        self._clicks = clicks
        self._home = home

    async def send(self, click: Click) -> None:
        """Keep a click; raises as the other does."""
        await self._clicks.send(click)
        if not click.reply_to.channel:  # only a home tab is in no channel
            self._home.follow(click)
