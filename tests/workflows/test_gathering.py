"""The workflow that gathers for one person, on the real server."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

import workflows.limits
from activities.contracts import SEND_REMINDERS
from activities.reminders import ReminderDesk
from integrations.database.projection_rows import write_projection
from integrations.slack.gathering import Gathered, Reminder
from integrations.slack.sandbox.faults import ReplyLost
from integrations.workflow_names import reminders_id, slack_queue
from lifecycle.view import Projection
from tests.integrations.slack.examples import NOON, asked, notice, signoff, version
from tests.workflows.office import PATIENCE, Office
from tests.workflows.reminders import Post, post_of
from workflows.person_reminders import PersonReminders
from workflows.runner import workflow_runner

SOON = timedelta(seconds=2)
QUEUE = "slack-of-this-test"


@pytest.fixture
async def post(office: Office) -> AsyncIterator[Post]:
    async with post_of(office, SOON) as post:
        await office.describe()
        await post.enrol()
        yield post


def reminder(number: int) -> Reminder:
    one = signoff(version=str(number))
    return Reminder(
        request=f"notice:fraud-scorer/{number}:7",
        model="fraud-scorer",
        version=str(number),
        signoffs=(one.id,),
        at=NOON,
    )


async def record(post: Post, number: int) -> None:
    """Write what version `number` asks of Ana as its workflow does."""
    one = signoff(version=str(number), asked=asked("ana"), can_decide=("ana",))
    view = version(one, version=str(number), notices=(notice("reminder", "ana"),))
    async with post.office.engine.begin() as connection:
        rows = Projection(version=view, signoffs={one.id: one})
        await write_projection(connection, rows)


def of(office: Office, person: str, queue: str = "") -> WorkflowHandle[object, object]:
    return office.client.get_workflow_handle(reminders_id(person, queue or QUEUE))


async def ended(office: Office, person: str, queue: str = "") -> None:
    """Wait until nothing is gathered for a person."""
    async with asyncio.timeout(PATIENCE.total_seconds()):
        await of(office, person, queue).result()


async def test_a_storm_of_a_hundred_versions_is_one_message(post: Post) -> None:
    numbers = range(100)
    for number in numbers:
        await record(post, number)
    async with post.working():
        await asyncio.gather(*(post.desk.take("ana", [reminder(each)]) for each in numbers))
        [digest] = await post.reminded("ana")
        await ended(post.office, "ana", slack_queue(post.team.id))
    assert "100 sign-offs wait for you" in digest.text
    assert "…and 55 more" in digest.shown
    assert len(post.slack.calls_of("chat.postMessage")) == 1
    rows = [await post.row(reminder(number).request, "ana") for number in numbers]
    assert {(row.state, row.ts) for row in rows} == {("posted", digest.ts)}


async def test_the_same_reminder_told_again_counts_once(post: Post) -> None:
    await record(post, 1)
    async with post.working():
        for _ in range(3):
            await post.desk.take("ana", [reminder(1), reminder(1)])
        [alone] = await post.reminded("ana")
        await ended(post.office, "ana", slack_queue(post.team.id))
        await post.desk.take("ana", [reminder(1)])  # after everything
        await ended(post.office, "ana", slack_queue(post.team.id))
    assert "waits for your sign-off" in alone.shown
    assert post.reminders("ana") == [alone]


async def test_what_is_handed_over_while_no_worker_runs_is_said_when_one_does(post: Post) -> None:
    for number in (1, 2):
        await record(post, number)
        await post.desk.take("ana", [reminder(number)])
    async with post.working(is_lasting=False):
        await asyncio.sleep(SOON.total_seconds() / 2)
        assert post.reminders("ana") == []
    async with post.working():  # another one, after the first one stopped amid the gathering
        [digest] = await post.reminded("ana")
        await ended(post.office, "ana", slack_queue(post.team.id))
    assert "2 sign-offs wait for you" in digest.shown


async def test_after_a_lost_reply_there_is_one_message(post: Post) -> None:
    for number in (1, 2):
        await record(post, number)
    async with post.working():
        post.slack.faults.next("chat.postMessage", ReplyLost())
        await post.desk.take("ana", [reminder(1), reminder(2)])
        await post.reminded("ana")
        await ended(post.office, "ana", slack_queue(post.team.id))
    assert len(post.reminders("ana")) == 1


class Listener:
    """Stands in for a workspace: keeps what is sent, and may take long."""

    def __init__(self) -> None:
        self.sent: list[Gathered] = []
        self.let_go = asyncio.Event()
        self.let_go.set()

    @activity.defn(name=SEND_REMINDERS)
    async def send_reminders(self, gathered: Gathered) -> None:
        self.sent.append(gathered)
        await self.let_go.wait()

    def worker(self, office: Office) -> Worker:
        return Worker(office.client, task_queue=QUEUE, activities=[self.send_reminders])

    async def has_heard(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while len(self.sent) < count:  # noqa: ASYNC110 - the activity tells nobody
                await asyncio.sleep(0.02)


def numbers(gathered: Gathered) -> list[int]:
    return [int(each.version) for each in gathered.reminders]


async def test_what_comes_while_a_message_is_sent_is_in_the_next_one(office: Office) -> None:
    listener = Listener()
    listener.let_go.clear()
    desk = ReminderDesk(office.client, QUEUE, timedelta(milliseconds=100))
    async with office.worker(), listener.worker(office):
        await desk.take("bea", [reminder(1)])
        await listener.has_heard(1)
        await desk.take("bea", [reminder(1), reminder(2)])
        listener.let_go.set()
        await ended(office, "bea")
        history = await of(office, "bea").fetch_history()
    await Replayer(
        workflows=[PersonReminders],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
    ).replay_workflow(history)
    assert [numbers(each) for each in listener.sent] == [[1], [2]]
    assert len({each.id for each in listener.sent}) == 2


async def test_runs_follow_each_other_and_lose_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.limits, "SOFT_LIMIT", 20)
    listener = Listener()
    listener.let_go.clear()
    desk = ReminderDesk(office.client, QUEUE, timedelta(milliseconds=20))
    async with office.worker(runner=UnsandboxedWorkflowRunner()), listener.worker(office):
        await desk.take("cyd", [reminder(0)])
        await listener.has_heard(1)
        first = (await of(office, "cyd").describe()).run_id
        for number in range(1, 50):
            await desk.take("cyd", [reminder(number)])
        listener.let_go.set()
        await ended(office, "cyd")
        history = await of(office, "cyd").fetch_history()
    begun = history.events[0].workflow_execution_started_event_attributes
    assert begun.continued_execution_run_id == first
    assert [numbers(each) for each in listener.sent] == [[0], list(range(1, 50))]


async def test_more_than_one_message_holds_is_said_in_several(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflows.person_reminders, "LARGEST", 500)
    listener = Listener()
    desk = ReminderDesk(office.client, QUEUE, timedelta(milliseconds=20))
    given: Sequence[Reminder] = [reminder(number) for number in range(10)]
    async with office.worker(runner=UnsandboxedWorkflowRunner()), listener.worker(office):
        await desk.take("dan", given)
        await ended(office, "dan")
    assert len(listener.sent) > 1
    assert [number for each in listener.sent for number in numbers(each)] == list(range(10))
