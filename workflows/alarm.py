"""The one timer that a version's workflow keeps."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

BREATH = timedelta(milliseconds=1)
"""A timer this short ends the workflow task, so that answers leave before what follows."""


class Alarm:
    """Rings at one instant; ringing too early is cheaper than a new timer for each command."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def is_late_for(self, wake: datetime | None) -> bool:
        """Say whether it would ring too late, or rang and was not set again."""
        return wake is not None and (self._at is None or wake < self._at)

    def set(self, wake: datetime | None) -> None:
        """Ring at an instant, unless it rings before that already."""
        if wake is None or not self.is_late_for(wake):
            return
        if self._task is not None:
            self._task.cancel()
        self._at = wake
        self._task = asyncio.create_task(self._ring(wake))

    async def stop(self) -> None:
        """Never ring again."""
        if self._task is not None:
            await cancelled([self._task])

    async def _ring(self, at: datetime) -> None:
        await workflow.sleep(max(at - workflow.now(), BREATH))
        if self._at == at:
            self._at = None


async def cancelled(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until each has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
