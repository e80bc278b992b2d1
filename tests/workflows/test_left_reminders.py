"""Reminders that are left to a digest: said in it, or by themselves where it doesn't come."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

import workflows.limits
import workflows.person_reminders
from activities.contracts import SEND_DIGEST, SEND_REMINDERS
from activities.reminders import ReminderDesk
from integrations.slack.gathering import CARD, REMINDER, DigestDue, DigestOrder, Gathered, Said
from integrations.workflow_names import reminders_id
from tests.workflows.office import PATIENCE, Office
from tests.workflows.test_gathering import reminder
from workflows.person_reminders import PersonReminders
from workflows.runner import workflow_runner

QUEUE = "slack-of-left-reminders"
SOON = timedelta(seconds=2)
HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=50)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the server's timers go by it


class Workspace:
    """Leaves what it is to say once, and takes or refuses digests."""

    def __init__(self, patience: timedelta, *, takes_digests: bool = True) -> None:
        self.patience = patience
        self.takes_digests = takes_digests
        self.asked: list[Gathered] = []
        self.digests: list[DigestOrder] = []
        self.has_left = asyncio.Event()

    @activity.defn(name=SEND_REMINDERS)
    async def send_reminders(self, gathered: Gathered) -> Said:
        self.asked.append(gathered)
        able = [one for one in gathered.reminders if one.kind == REMINDER and not one.was_left]
        left = tuple(one.request for one in able)
        self.has_left.set()
        return Said(left=left, again_at=now() + self.patience if left else None)

    @activity.defn(name=SEND_DIGEST)
    async def send_digest(self, order: DigestOrder) -> bool:
        self.digests.append(order)
        return self.takes_digests

    def worker(self, office: Office) -> Worker:
        return Worker(
            office.client,
            task_queue=QUEUE,
            activities=[self.send_reminders, self.send_digest],
        )

    async def leaves(self) -> None:
        """Wait until something is left."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await self.has_left.wait()
        self.has_left.clear()


def of(office: Office, person: str) -> WorkflowHandle[object, object]:
    return office.client.get_workflow_handle(reminders_id(person, QUEUE))


async def ended(office: Office, person: str) -> None:
    async with asyncio.timeout(PATIENCE.total_seconds()):
        await of(office, person).result()


async def replays(office: Office, person: str) -> None:
    await Replayer(
        workflows=[PersonReminders],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
    ).replay_workflow(await of(office, person).fetch_history())


def due() -> DigestDue:
    return DigestDue(kind="daily", day="2026-03-02", at=now())


def versions(said: Gathered | DigestOrder) -> list[int]:
    return [int(one.version) for one in said.reminders]


@pytest.fixture
def desk(office: Office) -> ReminderDesk:
    return ReminderDesk(office.client, QUEUE, MOMENT)


async def test_what_was_left_is_said_in_the_digest(office: Office, desk: ReminderDesk) -> None:
    slack = Workspace(HOUR)
    async with office.worker(), slack.worker(office):
        await desk.take("eli", [reminder(1)])
        await slack.leaves()
        await desk.take("eli", [reminder(1), reminder(2)])
        await slack.leaves()
        await desk.announce("eli", due())
        await ended(office, "eli")
        await replays(office, "eli")
    assert [versions(one) for one in slack.asked] == [[1], [2]]
    assert [versions(one) for one in slack.digests] == [[1, 2]]


async def test_a_digest_that_never_comes_leaves_nothing_unsaid(
    office: Office, desk: ReminderDesk
) -> None:
    slack = Workspace(SOON)
    async with office.worker(), slack.worker(office):
        began = now()
        await desk.take("fee", [reminder(1), reminder(2)])
        await ended(office, "fee")
        await replays(office, "fee")
    assert [versions(one) for one in slack.asked] == [[1, 2], [1, 2]]
    assert [one.was_left for one in slack.asked[1].reminders] == [True, True]
    assert now() - began >= SOON


async def test_what_a_late_digest_can_not_say_is_said_by_itself(
    office: Office, desk: ReminderDesk
) -> None:
    slack = Workspace(SOON, takes_digests=False)
    async with office.worker(), slack.worker(office):
        await desk.take("gil", [reminder(1)])
        await slack.leaves()
        await desk.announce("gil", due())
        await ended(office, "gil")
    assert [versions(one) for one in slack.digests] == [[1]]
    assert [versions(one) for one in slack.asked] == [[1], [1]]


async def test_what_is_left_goes_along_to_the_next_run(
    office: Office, desk: ReminderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.limits, "SOFT_LIMIT", 5)
    slack = Workspace(HOUR)
    async with office.worker(runner=UnsandboxedWorkflowRunner()), slack.worker(office):
        await desk.take("hal", [reminder(1)])
        await slack.leaves()
        first = (await of(office, "hal").describe()).run_id
        await desk.take("hal", [reminder(2)])
        await slack.leaves()
        await desk.announce("hal", due())
        await ended(office, "hal")
        last = (await of(office, "hal").describe()).run_id
    assert last != first
    assert [versions(one) for one in slack.digests] == [[1, 2]]


async def test_more_than_a_digest_holds_is_said_soon(
    office: Office, desk: ReminderDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.person_reminders, "MOST_LEFT", 2)
    slack = Workspace(HOUR)
    async with office.worker(runner=UnsandboxedWorkflowRunner()), slack.worker(office):
        await desk.take("ida", [reminder(number) for number in range(4)])
        await slack.leaves()
        await slack.leaves()
        await desk.announce("ida", due())
        await ended(office, "ida")
    assert [versions(one) for one in slack.asked] == [[0, 1, 2, 3], [2, 3]]
    assert [versions(one) for one in slack.digests] == [[0, 1]]


async def test_a_card_that_is_gathered_with_reminders_is_no_part_of_the_digest(
    office: Office, desk: ReminderDesk
) -> None:
    slack = Workspace(HOUR)
    card = reminder(1).model_copy(update={"kind": CARD, "request": "signoff:1"})
    async with office.worker(), slack.worker(office):
        await desk.take("jon", [reminder(2)])
        await slack.leaves()
        await desk.take("jon", [card])
        await desk.announce("jon", due())
        await ended(office, "jon")
    assert [versions(one) for one in slack.digests] == [[2]]
    assert [versions(one) for one in slack.asked] == [[2], [1]]
