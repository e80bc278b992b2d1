"""Workers with a build id: new runs begin on the current build, idle versions move to it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client

from api.lifecycles import Lifecycles
from api.workers import running_worker
from integrations.database import registry
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.settings import Settings
from lifecycle.canonical import digest_of_bytes
from lifecycle.commands import ArtifactGiven, Register
from lifecycle.definition import Lifecycle
from lifecycle.roster import ModelFile
from tests.api.conftest import new_database
from tests.api.house import client_of
from workflows.messages import workflow_id

MODEL = "fraud-scorer"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def build(name: str) -> Settings:
    return Settings(_env_file=None, deployment="undersigned-test", build_id=name)


async def define(engine: AsyncEngine) -> None:
    stage = {"name": "review", "signoffs": [{"role": "validator", "statement": "I reviewed it."}]}
    lifecycle = Lifecycle.model_validate(
        {"lifecycle": "simple", "roles": ["validator"], "stages": [stage]}
    )
    model = ModelFile(model=MODEL, lifecycle="simple")
    async with engine.begin() as connection:
        await registry.put_lifecycle(connection, lifecycle, by="system", at=NOW)
        await registry.put_model(connection, model, by="system", by_person=None, at=NOW)


async def register(client: Client, version: str) -> int:
    lifecycles = Lifecycles(client, decision_wait=timedelta(seconds=20))
    command = Register(
        id=f"register-{version}",
        model=MODEL,
        version=version,
        artifacts=(ArtifactGiven(uri="s3://one", digest=digest_of_bytes(version.encode())),),
        producers=("mlflow:svc-train",),
        by="key:test",
    )
    answer = await lifecycles.ask(MODEL, version, command, update_id=command.id, start=True)
    return answer.sequence


async def build_of(client: Client, version: str) -> str:
    described = await client.get_workflow_handle(workflow_id(MODEL, version)).describe()
    info = described.raw_description.workflow_execution_info.versioning_info
    return info.deployment_version.build_id


async def current(client: Client) -> str:
    described = await client.workflow_service.describe_worker_deployment(
        DescribeWorkerDeploymentRequest(
            namespace=client.namespace, deployment_name="undersigned-test"
        )
    )
    info = described.worker_deployment_info
    return info.routing_config.current_deployment_version.build_id


@pytest.mark.timeout(90)
async def test_new_versions_run_on_the_newest_build_and_idle_ones_move_to_it(
    postgres: URL,
) -> None:
    with throwaway_directory() as directory:
        async with (
            TemporalServer(directory, SEARCH_ATTRIBUTES) as server,
            new_database(postgres) as engine,
        ):
            await define(engine)
            client = await client_of(server.address)
            async with running_worker(build("one"), client, engine):
                assert await register(client, "1") >= 1
                assert await build_of(client, "1") == "one"
                async with running_worker(build("two"), client, engine):
                    assert await register(client, "2") >= 1
                    assert await build_of(client, "2") == "two"
                    async with asyncio.timeout(30):
                        while await build_of(client, "1") != "two":  # noqa: ASYNC110 - nothing tells
                            await asyncio.sleep(0.1)
                # An old worker that comes back does not take new versions over again.
                again = await client_of(server.address)
                async with running_worker(build("one"), again, engine):
                    assert await current(client) == "two"
