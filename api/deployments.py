"""Making a worker's build the current one, and waking idle versions so that they move to it."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from temporalio.api.batch.v1 import BatchOperationSignal
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    StartBatchOperationRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.messages import NUDGE, WORKFLOW

AGAIN = timedelta(milliseconds=200)
KNOWN_WITHIN = timedelta(seconds=30)
"""Temporal learns of a build from its first poll."""


async def make_current(client: Client, deployment: str, build_id: str) -> bool:
    """Let new runs begin on this build, unless a newer one is current; idle versions look for it.

    Without a current build nothing runs. A build that was current before and comes back, as after a
    crash of one of its last workers, does not take over again; going back is an operator's step.
    Raises RPCError or TimeoutError when Temporal does not learn of the build in time.
    """
    async with asyncio.timeout(KNOWN_WITHIN.total_seconds()):
        while (info := await _deployment(client, deployment, build_id)) is None:  # noqa: ASYNC110 - Temporal tells nobody
            await asyncio.sleep(AGAIN.total_seconds())
        if _newest(info) != build_id:
            return False
        before = info.routing_config.current_deployment_version.build_id
        if before == build_id:
            return False
        while not await _set_current(client, deployment, build_id):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(AGAIN.total_seconds())
        while not await _is_known_everywhere(client, deployment):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(AGAIN.total_seconds())
        # The first build of all finds nobody to wake.
        while before and not await _nudge(client, build_id):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(AGAIN.total_seconds())
    return True


async def _deployment(
    client: Client, deployment: str, build_id: str
) -> WorkerDeploymentInfo | None:
    """Describe the deployment once Temporal has heard of the build from one of its polls."""
    try:
        described = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
        )
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None
    info = described.worker_deployment_info
    known = (summary.deployment_version.build_id for summary in info.version_summaries)
    return info if build_id in known else None


def _newest(info: WorkerDeploymentInfo) -> str:
    """Name the build that Temporal heard of last."""
    newest = max(info.version_summaries, key=lambda one: one.create_time.ToNanoseconds())
    return newest.deployment_version.build_id


async def _set_current(client: Client, deployment: str, build_id: str) -> bool:
    """Make the build current; False while Temporal has not heard of all its task queues yet."""
    try:
        await client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=client.namespace,
                deployment_name=deployment,
                build_id=build_id,
                identity=client.identity,
            )
        )
    except RPCError as error:
        if error.status != RPCStatusCode.FAILED_PRECONDITION:
            raise
        return False
    return True


async def _is_known_everywhere(client: Client, deployment: str) -> bool:
    """Say whether all of Temporal routes by the new build; a nudge before that changes nothing."""
    described = await client.workflow_service.describe_worker_deployment(
        DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    )
    state = described.worker_deployment_info.routing_config_update_state
    return state != RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS


async def _nudge(client: Client, build_id: str) -> bool:
    """Signal every running version by a batch on the server; False while another batch runs."""
    try:
        await client.workflow_service.start_batch_operation(
            StartBatchOperationRequest(
                namespace=client.namespace,
                visibility_query=f"WorkflowType = '{WORKFLOW}' AND ExecutionStatus = 'Running'",
                job_id=f"nudge-{build_id}-{uuid4()}",
                reason="a new build is current",
                signal_operation=BatchOperationSignal(signal=NUDGE, identity=client.identity),
            )
        )
    except RPCError as error:
        if error.status != RPCStatusCode.RESOURCE_EXHAUSTED:
            raise
        return False
    return True
