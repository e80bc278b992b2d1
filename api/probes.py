"""What readiness asks: do the database and Temporal answer, does a worker listen."""

from datetime import timedelta

from sqlalchemy import text
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from api.database import Database
from api.deps import Probe
from integrations.database.slack_tokens import lost_tokens
from lifecycle.values import moment

ANSWERS_WITHIN = timedelta(seconds=2)


class Silent(Exception):  # noqa: N818 - it names what was found
    """A component that should answer does not."""


def database_probe(database: Database) -> Probe:
    """Ask whether the database answers; raises DatabaseUnreachable."""

    async def probe() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("SELECT 1"))

    return probe


async def lost_words(database: Database) -> dict[str, str]:
    """Say, by workspace, since when Slack refuses the token; sign-offs go on without it."""
    async with database.transaction() as connection:
        lost = await lost_tokens(connection)
    return {
        f"slack {one.team}".strip(): f"token lost since {moment(one.lost_since)}: {one.code}"
        for one in lost
    }


def temporal_probe(client: Client) -> Probe:
    """Ask whether Temporal serves; raises RPCError or Silent."""

    async def probe() -> None:
        if not await client.service_client.check_health(timeout=ANSWERS_WITHIN):
            raise Silent("Temporal says that it is not serving.")

    return probe


def worker_probe(client: Client, task_queue: str) -> Probe:
    """Ask whether a worker polls for workflow tasks; raises RPCError or Silent."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )

    async def probe() -> None:
        described = await client.workflow_service.describe_task_queue(
            request, timeout=ANSWERS_WITHIN
        )
        if not described.pollers:
            raise Silent(f"No worker listens on {task_queue}; start one: undersigned worker.")

    return probe
