"""Whose Slack account it is that clicked or was picked, in the time that a click has."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta

from integrations.slack.client import SlackClient
from integrations.slack.day_times import zone_named
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable

PersonOfSlack = Callable[[str | None, str, str], Awaitable[str | None]]
"""Finds a person by (enterprise, team, user)."""

REMEMBERED_FOR = timedelta(minutes=1)
MOST_REMEMBERED = 10_000
LOOK_UP_WITHIN = timedelta(seconds=0.3)
"""A click has three seconds in all; the core can judge without this."""

FOUND_WITHIN = timedelta(seconds=0.5)
ZONE_WITHIN = timedelta(seconds=0.4)
ZONE_REMEMBERED_FOR = timedelta(hours=1)
UNKNOWN_ZONE = "UTC"

AccountOfAddress = Callable[[str], Awaitable[str | None]]
"""Finds a person by the address of a Slack account that nobody linked."""

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
        except TimeoutError:
            _log.warning("a Slack account was not looked up in time; the click goes on")
            return ""
        except Exception:  # noqa: BLE001 - the edge: no trouble here may cost a click, the core judges by account
            _log.warning("could not look up a Slack account; the click goes on", exc_info=True)
            return ""


class Colleagues:
    """Finds whom somebody picks in Slack, linked or not."""

    def __init__(self, people: People, by_address: AccountOfAddress | None) -> None:
        self._people = people
        self._by_address = by_address

    async def of(self, enterprise: str | None, team: str, user: str) -> str | None:
        """Name the person; empty when the account is nobody's, None when it can't be told."""
        person = await self._people.of(enterprise, team, user)
        if person or self._by_address is None:
            return person
        try:
            async with asyncio.timeout(FOUND_WITHIN.total_seconds()):
                return await self._by_address(user) or ""
        except Exception:  # noqa: BLE001 - the edge: whatever it is, whoever picked hears of it
            _log.warning("could not look up who was picked", exc_info=True)
            return None


class Zones:
    """Remembers the zones that people have set in Slack."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    async def of(self, user: str) -> str:
        """Name somebody's zone; UTC when Slack doesn't say in time."""
        now = asyncio.get_running_loop().time()
        known = self._known.get(user)
        if known and known[1] > now:
            return known[0]
        try:
            async with asyncio.timeout(ZONE_WITHIN.total_seconds()):
                zone = zone_named(await self._client.zone_of(user)).key
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not learn a zone: %s", trouble)
            return UNKNOWN_ZONE
        self._known[user] = (zone, now + ZONE_REMEMBERED_FOR.total_seconds())
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return zone
