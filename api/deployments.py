"""Making a worker's build the current one, and waking idle versions so that they move to it."""

import asyncio
import logging
from datetime import timedelta

from temporalio.api.batch.v1 import BatchOperationSignal
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
_NOT_YET = {RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION}
_log = logging.getLogger(__name__)


async def make_current(client: Client, deployment: str, build_id: str) -> None:
    """Let new runs begin on this build, and have idle versions look for it.

    Without a current build nothing runs. Raises RPCError or TimeoutError when Temporal does not
    learn of the build in time.
    """
    async with asyncio.timeout(KNOWN_WITHIN.total_seconds()):
        while not await _is_set(client, deployment, build_id):  # noqa: ASYNC110 - Temporal tells nobody
            await asyncio.sleep(AGAIN.total_seconds())
        while not await _is_known_everywhere(client, deployment):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(AGAIN.total_seconds())
    await _nudge(client, build_id)


async def _is_set(client: Client, deployment: str, build_id: str) -> bool:
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
        if error.status not in _NOT_YET:
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


async def _nudge(client: Client, build_id: str) -> None:
    """Signal every running version, once for each build, by a batch on the server."""
    try:
        await client.workflow_service.start_batch_operation(
            StartBatchOperationRequest(
                namespace=client.namespace,
                visibility_query=f"WorkflowType = '{WORKFLOW}' AND ExecutionStatus = 'Running'",
                job_id=f"nudge-{build_id}",
                reason="a new build is current",
                signal_operation=BatchOperationSignal(signal=NUDGE, identity=client.identity),
            )
        )
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            _log.warning("idle versions could not be told of the new build: %s", error.message)
