"""The events that an app's own messages cause: it hears of them as of everybody's."""

import asyncio
from datetime import timedelta

from integrations.slack.sandbox import payloads
from integrations.slack.sandbox.app import InstalledApp
from integrations.slack.sandbox.delivery import Courier, Delivery
from integrations.slack.sandbox.events import Events
from integrations.slack.sandbox.records import Json, Message
from integrations.slack.sandbox.state import Workspace


class Echoes:
    """Tells an app with a manifest of what it posted and changed itself.

    Apart from the deliveries of what people do, so that a test finds those in their order.
    """

    def __init__(
        self,
        courier: Courier,
        workspace: Workspace,
        app: InstalledApp,
        retries: tuple[timedelta, ...],
    ) -> None:
        self.deliveries: list[Delivery] = []
        self._courier = courier
        self._workspace = workspace
        self._app = app
        self._events = Events(courier, workspace, self.deliveries, retries)
        self._tasks: set[asyncio.Task[None]] = set()
        if app.manifest is not None:
            workspace.on_own = self._tell

    def _tell(self, message: Message, before: Json | None) -> None:
        event = payloads.said(self._workspace, message)
        if before is not None:
            event = payloads.changed(self._workspace, event, before)
        if self._courier.is_connected and self._app.hears(event):
            task = asyncio.get_running_loop().create_task(self._send(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, event: Json) -> None:
        await self._events.send(payloads.event_callback(self._workspace, event))
        self._workspace.touch()

    async def stop(self) -> None:
        """Forget what is still to be told."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._events.stop()
