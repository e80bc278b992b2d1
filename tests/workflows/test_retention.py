import asyncio

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from tests.workflows.office import Office, Version, kinds
from workflows.messages import Envelope, workflow_id


async def forget(version: Version) -> None:
    """Delete the workflow, as Temporal does after its retention."""
    client = version.office.client
    execution = WorkflowExecution(workflow_id=workflow_id(version.model, version.version))
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(namespace="default", workflow_execution=execution)
    )
    async with asyncio.timeout(20):
        while await is_known(version):  # noqa: ASYNC110 - it deletes later, and tells nobody
            await asyncio.sleep(0.05)


async def is_known(version: Version) -> bool:
    try:
        await version.handle.describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


async def test_the_story_goes_on_from_the_ledger_when_temporal_forgot_it(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        stage = await version.asked()
        first = await version.ask(version.decision(stage.signoffs[0], "ana"))
        before = await version.entries()
        await forget(version)
        again = await version.register()
        assert not again.changed
        assert again.sequence == first.sequence
        answer = await version.ask(version.decision(stage.signoffs[0], "ben"))
        entries = await version.entries()
        reply = await version.gate()
    assert entries[: len(before)] == before
    assert answer.sequence == len(entries) > len(before)
    assert reply.answer.allowed
    assert await office.is_intact()


async def test_a_story_that_has_ended_stays_ended(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        await version.asked()
        await version.retire()
        async with asyncio.timeout(20):
            await version.handle.result()
    before = await version.facts()
    # A Temporal that never heard of it: deleting what has ended takes the server 20 seconds.
    office = Office(office.engine, skipping.client)
    late = Envelope(id="late", kind="RequestReview", by="key:ci")
    async with office.worker():
        await office.lifecycles.tell(version.model, version.version, late, start=True)
        async with asyncio.timeout(20):
            await office.version(version.model).handle.result()
    facts = await version.facts()
    assert facts[: len(before)] == before
    assert kinds(facts[len(before) :]) == ["CommandRefused"]
    assert facts[-1].cause == "late"
    assert await office.is_intact()


async def test_a_long_story_of_large_facts_is_read_in_pages(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        await version.register()
        for number in range(60):
            large = version.evidence(f"extra{number}", uri="s3://" + "x" * 1900, value={})
            filled = large.model_copy(update={"body": {**large.body, "value": {"a": "x" * 16000}}})
            await version.tell(filled)
        before = await version.settled(63)
        assert sum(len(entry.body) for entry in await version.entries()) > 1_000_000
        await forget(version)
        again = await version.register()
    assert again.sequence == len(before)
