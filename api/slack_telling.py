"""Telling running versions what changed, where Slack waits three seconds and versions are many."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

TOLD_WITHIN = timedelta(seconds=0.5)

_log = logging.getLogger(__name__)


class Telling:
    """Tells, and goes on with the rest after Slack has its answer."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def all(self, telling: Coroutine[Any, Any, None]) -> bool:
        """Tell; False when it failed in time to be said. A later failure is logged."""
        task = asyncio.create_task(telling)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        done, _ = await asyncio.wait([task], timeout=TOLD_WITHIN.total_seconds())
        return not done or task.exception() is None

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("not every version could be told", exc_info=error)

    async def stop(self) -> None:
        """Tell nothing any more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
