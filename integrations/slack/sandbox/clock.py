"""The workspace's own time, so that a test can let a trigger expire without waiting."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the workspace asks for time."""

    def now(self) -> datetime:
        """Aware UTC."""

    async def sleep(self, duration: timedelta) -> None:
        """Return once this much of the clock's time has passed."""


class RealClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.fromtimestamp(wall_seconds(), UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait in real time."""
        await asyncio.sleep(duration.total_seconds())


class ManualClock:
    """Time that moves only when a test advances it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or RealClock().now()
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move time forward and wake whoever sleeps until then."""
        self._now += by
        for due, woken in self._sleepers:
            if due <= self._now:
                woken.set()

    async def sleep(self, duration: timedelta) -> None:
        """Wait until the clock was advanced this far."""
        if duration <= timedelta(0):
            return
        sleeper = (self._now + duration, asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)


def wall_seconds() -> float:
    """Seconds since 1970, for signatures: the app compares them with its own real clock."""
    return time.time()  # noqa: TID251  the workspace is the outside world and has its own clock
