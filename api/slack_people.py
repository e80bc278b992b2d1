"""Whose Slack account clicked, without waiting for the database on every click."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta

PersonOfSlack = Callable[[str | None, str, str], Awaitable[str | None]]
"""Finds a person by (enterprise, team, user)."""

REMEMBERED_FOR = timedelta(minutes=1)
MOST_REMEMBERED = 10_000
LOOK_UP_WITHIN = timedelta(seconds=0.3)
"""A click has three seconds in all; the core can judge without this."""

_log = logging.getLogger(__name__)


class People:
    """Remembers who an account belongs to; that it belongs to nobody is not remembered."""

    def __init__(self, look_up: PersonOfSlack) -> None:
        self._look_up = look_up
        self._known: OrderedDict[tuple[str | None, str, str], tuple[str, float]] = OrderedDict()

    async def of(self, enterprise: str | None, team: str, user: str) -> str:
        """Name the person behind an account; empty when nobody knows, or not in time."""
        account = (enterprise, team, user)
        now = asyncio.get_running_loop().time()
        known = self._known.get(account)
        if known and known[1] > now:
            return known[0]
        person = await self._ask(account)
        if person:
            self._known[account] = (person, now + REMEMBERED_FOR.total_seconds())
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return person

    async def _ask(self, account: tuple[str | None, str, str]) -> str:
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN.total_seconds()):
                return await self._look_up(*account) or ""
        except Exception:  # noqa: BLE001 - the edge: no trouble here may cost a click, the core judges by account
            _log.warning("could not look up a Slack account; the click goes on", exc_info=True)
            return ""
