"""The Events API: events to the app, and Slack's retries of those that fail.

Source: https://docs.slack.dev/apis/events-api: at once, after a minute, after five.
"""

import asyncio
from datetime import timedelta

from integrations.slack.sandbox.delivery import Courier, Delivery, Forgery
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.state import Workspace

RETRIES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))

_REASONS = {
    "refused": "http_error",
    "timeout": "http_timeout",
    "unreachable": "connection_failed",
}


class Events:
    """Sends events; interactions never come this way, since Slack doesn't repeat those."""

    def __init__(
        self,
        courier: Courier,
        workspace: Workspace,
        deliveries: list[Delivery],
        retries: tuple[timedelta, ...] = RETRIES,
    ) -> None:
        self._courier = courier
        self._workspace = workspace
        self._deliveries = deliveries
        self._retries = retries
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, payload: Json, forgery: Forgery | None = None) -> Delivery:
        """Send an event; answer its first attempt, and repeat it by the clock while it fails."""
        first = Delivery(kind="events_api", payload=payload)
        self._deliveries.append(first)
        await self._courier.carry(first, forgery=forgery)
        if _is_worth_a_retry(first) and forgery is None:
            task = asyncio.create_task(self._repeat(first))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return first

    async def _repeat(self, failed: Delivery) -> None:
        for number, wait in enumerate(self._retries, start=1):
            await self._workspace.clock.sleep(wait)
            again = Delivery(kind="events_api", payload=failed.payload, attempt=number)
            self._deliveries.append(again)
            await self._courier.carry(again, retry=_REASONS[failed.outcome])
            self._workspace.touch()
            if not _is_worth_a_retry(again):
                return
            failed = again

    async def stop(self) -> None:
        """Forget what is still to be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _is_worth_a_retry(delivery: Delivery) -> bool:
    refuses = {name.lower(): value for name, value in delivery.headers.items()}
    return not delivery.is_acknowledged and refuses.get("x-slack-no-retry") != "1"
