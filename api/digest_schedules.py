"""The Temporal Schedules that begin rounds of digests: the same two whoever the people are."""

from datetime import timedelta
from typing import get_args

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.contracts import DigestStart
from integrations.mornings import SLOT
from integrations.slack.gathering import DigestKind
from integrations.workflow_names import DIGEST_ROUND, TASK_QUEUE, digests_id

CAUGHT_UP = timedelta(hours=4)
"""How long after an outage of Temporal a morning that was missed is still begun."""
RUNS_FOR = timedelta(hours=12)
_NOTES: dict[DigestKind, str] = {
    "daily": "Each quarter of an hour: sends digests to the owners whose working day begins.",
    "weekly": "Each quarter of an hour: sends digests to the managers whose working week begins.",
}


async def schedule_digests(client: Client, slack_queue: str, jitter: timedelta) -> None:
    """See that both schedules are there and as they should be; safe to repeat, by any number.

    One that an operator paused stays paused. Raises RPCError.
    """
    for kind in get_args(DigestKind):
        wanted = _schedule(kind, slack_queue, jitter)
        try:
            await client.create_schedule(digests_id(kind, slack_queue), wanted)
        except ScheduleAlreadyRunningError:
            await _bring_up(client, digests_id(kind, slack_queue), wanted)


async def unschedule_digests(client: Client, slack_queue: str) -> None:
    """See that there are none; raises RPCError."""
    for kind in get_args(DigestKind):
        try:
            await client.get_schedule_handle(digests_id(kind, slack_queue)).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def _bring_up(client: Client, id_: str, wanted: Schedule) -> None:
    def changed(known: ScheduleUpdateInput) -> ScheduleUpdate:
        wanted.state.paused = known.description.schedule.state.paused
        wanted.state.note = known.description.schedule.state.note or wanted.state.note
        return ScheduleUpdate(schedule=wanted)

    await client.get_schedule_handle(id_).update(changed)


def _schedule(kind: DigestKind, slack_queue: str, jitter: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            DIGEST_ROUND,
            DigestStart(kind=kind, slack_queue=slack_queue),
            id=digests_id(kind, slack_queue),
            task_queue=TASK_QUEUE,
            execution_timeout=RUNS_FOR,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=SLOT)], jitter=jitter or None),
        # Each round is for a slot of its own: one that still runs stands in for no other.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.ALLOW_ALL, catchup_window=CAUGHT_UP),
        state=ScheduleState(note=_NOTES[kind]),
    )
