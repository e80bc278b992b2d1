"""Handing reminders and digests over to the workflow that gathers for a person."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.contracts import Handed, RemindersStart
from integrations.slack.gathering import DigestDue, Reminder
from integrations.workflow_names import REMIND, REMINDERS, TASK_QUEUE, reminders_id


class ReminderDesk:
    """Hands over what is to be sent in one workspace."""

    def __init__(self, client: Client, slack_queue: str, gathering: timedelta) -> None:
        self._client = client
        self._slack_queue = slack_queue
        self._gathering = gathering

    async def take(self, person: str, reminders: Sequence[Reminder]) -> None:
        """Tell the person's workflow, and start it where none runs; raises RPCError."""
        await self._tell(person, reminders=tuple(reminders))

    async def announce(self, person: str, due: DigestDue) -> None:
        """Tell the person's workflow that a digest is due; raises RPCError."""
        await self._tell(person, digests=(due,))

    async def _tell(
        self,
        person: str,
        reminders: tuple[Reminder, ...] = (),
        digests: tuple[DigestDue, ...] = (),
    ) -> None:
        handed = Handed(
            reminders=reminders,
            slack_queue=self._slack_queue,
            gathering=self._gathering,
            digests=digests,
        )
        await self._client.start_workflow(
            REMINDERS,
            RemindersStart(person=person),
            id=reminders_id(person, self._slack_queue),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=REMIND,
            start_signal_args=[handed],
        )
