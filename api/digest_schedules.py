"""The Temporal Schedules that begin rounds of digests: the same two whoever the people are."""

import asyncio
import logging
from datetime import timedelta
from typing import get_args

from sqlalchemy.ext.asyncio import AsyncEngine
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
from integrations.database.slack_installations import list_installations
from integrations.mornings import SLOT
from integrations.slack.gathering import DigestKind
from integrations.workflow_names import DIGEST_ROUND, TASK_QUEUE, digests_id, slack_queue

CAUGHT_UP = timedelta(hours=4)
"""How long after an outage of Temporal a morning that was missed is still begun."""
RUNS_FOR = timedelta(hours=12)
FORGET_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)
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


async def forget_digests(client: Client, engine: AsyncEngine) -> None:
    """Have no digests scheduled for workspaces that the app was taken out of, until cancelled."""
    done: set[tuple[str, int]] = set()
    while True:
        try:
            async with engine.connect() as connection:
                known = await list_installations(connection)
            for one in known:
                if not one.is_live and (one.id, one.revision) not in done:
                    await unschedule_digests(client, slack_queue(one.id))
                    done.add((one.id, one.revision))
        except Exception as error:  # noqa: BLE001 - the edge: a later look may succeed
            _log.warning("digests of workspaces that are gone stay scheduled for now: %s", error)
        await asyncio.sleep(FORGET_EVERY.total_seconds())


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
