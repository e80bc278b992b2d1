"""A worker in its own process, to be killed: python -m tests.faults.worker TEMPORAL DATABASE."""

import asyncio
import sys
from datetime import timedelta

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.reading import ReadingActivities
from api.workers import WORKFLOWS, core_activities
from integrations.database.engine import open_engine
from workflows.messages import TASK_QUEUE
from workflows.runner import workflow_runner

MISSED_AFTER = timedelta(seconds=1)
"""When the server gives a task of a killed worker to another; the usual ten seconds are long."""


async def work(address: str, database: str) -> None:
    """Work until killed."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    engine = open_engine(database)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=core_activities(engine, client, ReadingActivities(engine)),
        workflow_runner=workflow_runner(),
        sticky_queue_schedule_to_start_timeout=MISSED_AFTER,
    )
    async with worker:
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2]))
