import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from integrations.workflow_names import LANE, PLACE, TASK_QUEUE, lane_id
from lifecycle.commands import WithdrawRequest
from lifecycle.errands import LaneErrand
from lifecycle.view import VersionView
from tests.workflows.office import PATIENCE, REVIEW, Office, Version, kinds
from workflows.messages import Envelope

ALONE: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "alone",
    "supersede": False,
    "stages": [
        {
            "name": "validate",
            "one_at_a_time": True,
            "signoffs": [{"role": "validator", "statement": "I reviewed it."}],
        }
    ],
}


def is_asking(view: VersionView) -> bool:
    return view.stages[0].status == "asking"


def is_behind(*versions: str) -> Any:
    return lambda view: view.stages[0].behind == versions


async def lane_is_over(office: Office, model: str) -> None:
    """Wait until nobody has a place any more, so that the keeper has ended."""
    async with asyncio.timeout(PATIENCE.total_seconds()):
        await office.client.get_workflow_handle(lane_id(model)).result()


async def begin(*versions: Version) -> None:
    """Register and request versions one after the other, each once the one before has its place."""
    for index, version in enumerate(versions):
        await version.register()
        await version.request()
        ahead = tuple(one.version for one in versions[:index])
        await version.until(is_behind(*ahead) if ahead else is_asking)


async def approve(version: Version) -> None:
    view = await version.until(is_asking)
    await version.ask(version.decision(view.stages[0].signoffs[0], "ana"))


async def test_versions_take_their_turns_in_the_order_of_asking(office: Office) -> None:
    model = await office.describe(ALONE)
    first, second, third = (office.version(model, name) for name in ("1", "2", "3"))
    async with office.worker():
        await begin(first, second, third)
        waiting = await third.view()
        assert waiting.explanation.summary == "validate: Version 1 is in this stage; 2, then 3."
        await approve(first)
        await second.until(is_asking)
        view = await third.until(is_behind("2"))
        assert view.stages[0].status == "waiting"
        await approve(second)
        await approve(third)
        await lane_is_over(office, model)
        facts = await third.settled()
    assert kinds(facts).count("TurnTaken") == 1
    assert await office.is_intact()


@pytest.mark.parametrize("how", ["withdrawn", "retired", "terminated"])
async def test_a_version_that_is_gone_does_not_keep_the_others_waiting(
    office: Office, how: str
) -> None:
    model = await office.describe(ALONE)
    first, second, third = (office.version(model, name) for name in ("1", "2", "3"))
    async with office.worker():
        await begin(first, second, third)
        match how:
            case "withdrawn":
                await second.ask(WithdrawRequest(id="w", by="key:ci"))
            case "retired":
                await second.retire()
            case _:
                await second.handle.terminate()
        if how != "terminated":
            await third.until(is_behind("1"))
        await approve(first)
        await third.until(is_asking)


async def test_a_withdrawn_version_that_resumes_queues_at_the_end(office: Office) -> None:
    model = await office.describe(ALONE)
    first, second = office.version(model, "1"), office.version(model, "2")
    async with office.worker():
        await begin(first, second)
        await first.ask(WithdrawRequest(id="w", by="key:ci"))
        await second.until(is_asking)
        await first.request()
        await first.until(is_behind("2"))
        await approve(second)
        await approve(first)
        await lane_is_over(office, model)


async def test_messages_that_come_again_or_from_nowhere_let_nobody_past(office: Office) -> None:
    model = await office.describe(ALONE)
    first, second = office.version(model, "1"), office.version(model, "2")
    async with office.worker():
        await begin(first, second)
        tickets: dict[str, int] = await second.handle.query("places", result_type=dict[str, int])
        lane = office.client.get_workflow_handle(lane_id(model))
        for what, version, ticket in [
            ("join", "2", tickets["validate"]),
            ("leave", "1", 1),  # of an earlier place
            ("join", "9", 1),  # a version that there is not
            ("join", "1", 1),
        ]:
            errand = {"id": "again", "model": model, "version": version, "stage": "validate",
                      "what": what, "ticket": ticket}  # fmt: skip
            await lane.signal(PLACE, LaneErrand.model_validate(errand))
        late = {"stage": "validate", "behind": [], "ticket": tickets["validate"] + 1}
        await second.tell(Envelope(kind="TakeTurn", by="system", body=late))
        await approve(first)
        await approve(second)
        await lane_is_over(office, model)
        facts = await second.settled()
    assert kinds(facts).count("TurnTaken") == 1


async def test_a_keeper_with_nobody_to_keep_ends(office: Office) -> None:
    errand = LaneErrand(
        id="late", model="nobody", version="1", stage="validate", what="leave", ticket=1
    )
    async with office.worker():
        handle = await office.client.start_workflow(
            LANE,
            {"model": "nobody"},
            id=lane_id("nobody"),
            task_queue=TASK_QUEUE,
            start_signal=PLACE,
            start_signal_args=[errand],
        )
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await handle.result()


async def test_a_version_lost_in_its_turn_is_noticed_within_two_hours(
    engine: AsyncEngine, skipping: WorkflowEnvironment
) -> None:
    office = Office(engine, skipping.client)
    model = await office.describe(ALONE)
    first, second = office.version(model, "1"), office.version(model, "2")
    async with office.worker():
        await begin(first, second)
        await skipping.sleep(timedelta(seconds=10))  # nothing is under way then, see `skipping`
        await first.handle.terminate()
        await skipping.sleep(timedelta(hours=2))
        await second.until(is_asking)
        lane = await skipping.client.get_workflow_handle(lane_id(model)).describe()
        assert lane.status == WorkflowExecutionStatus.RUNNING
        await second.retire()
