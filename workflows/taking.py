"""The loop's work: messages in order, what is due, and readings before either."""

from contextlib import suppress
from datetime import datetime

from temporalio import workflow

from lifecycle.commands import ReportDelivery, Tick
from workflows.alarm import BREATH, Alarm
from workflows.inbox import Inbox, Ticket
from workflows.messages import Envelope
from workflows.running_version import RunningVersion
from workflows.surroundings import STUCK, Surroundings, is_before


class Taker:
    """Takes what has come for one version, up to a bound in each workflow task."""

    def __init__(self, version: RunningVersion, inbox: Inbox, surroundings: Surroundings) -> None:
        self._version = version
        self._inbox = inbox
        self._surroundings = surroundings
        self._tick_not_before: datetime | None = None
        self.alarm = Alarm()

    def has_work(self) -> bool:
        """Say whether there is anything to do now."""
        return (
            bool(self._inbox)
            or self._surroundings.needs_reading()
            or bool(self._version.shower.receipts)
            or self._is_due()
            or self.alarm.is_late_for(self._wake_at())
        )

    async def work(self) -> None:
        """Take what has come, up to a bound; then let the workflow task end."""
        for _ in range(self._version.most_at_once()):
            if self._surroundings.needs_reading():
                await self._surroundings.read()
            elif self._inbox:
                await self._surroundings.learn_who_clicked(self._inbox.first())
                await self._take_first()
            elif self._version.shower.receipts:
                self._report_delivery()
            elif self._is_due():
                self._tick()
            else:
                break
        else:
            await self._breathe()
        self.alarm.set(self._wake_at())

    async def take_all(self) -> None:
        """Take every message; after a bound the rest waits for the next workflow task."""
        while self._inbox:
            for _ in range(min(self._version.most_at_once(), len(self._inbox))):
                await self._take_first()
            if self._inbox:
                await self._breathe()

    async def _take_first(self) -> None:
        await self._surroundings.read_before(self._inbox.first())
        self._version.take(self._inbox.next())

    async def _breathe(self) -> None:
        """Let the workflow task end, and go on once the facts so far are recorded.

        A server may fire the shortest timer a second late; recording takes milliseconds.
        """
        if not self._version.is_recorded():
            with suppress(TimeoutError):
                await workflow.wait_condition(self._version.is_recorded, timeout=BREATH)
        else:
            await workflow.sleep(BREATH)

    def _tick(self) -> None:
        now = workflow.now()
        self._version.take(Ticket(Envelope(kind="Tick"), command=Tick()))
        due = self._version.next_deadline()
        self._tick_not_before = now + STUCK if due is not None and due <= now else None

    def _report_delivery(self) -> None:
        """Have the core judge what of the newest receipts is news."""
        receipts, self._version.shower.receipts = tuple(self._version.shower.receipts), []
        command = ReportDelivery(receipts=receipts, mails=self._version.mailer.is_on)
        self._version.take(Ticket(Envelope(kind=command.kind), command=command))

    def _is_due(self) -> bool:
        due = self._version.next_deadline()
        return due is not None and not is_before(due) and not is_before(self._tick_not_before)

    def _wake_at(self) -> datetime | None:
        due, reading = self._version.next_deadline(), self._surroundings.wake_at()
        instants = [reading] if reading is not None else []
        if due is not None:
            instants.append(max(due, self._tick_not_before or due))
        return min(instants, default=None)
