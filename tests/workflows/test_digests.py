"""Digests by Temporal Schedules, on the real server: from the schedule to one message each."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleBackfill,
    ScheduleOverlapPolicy,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

import activities.digests
import lifecycle.morning_reminders
import workflows.digest_round
from activities.contracts import DigestStart
from api.digest_schedules import schedule_digests, unschedule_digests
from api.workers import running_worker
from integrations.database.projection_rows import write_projection
from integrations.mornings import Hours, Mornings, slot_before
from integrations.settings import Settings
from integrations.slack.gathering import DigestDue, DigestKind
from integrations.slack.sandbox.faults import ServerError
from integrations.slack.sandbox.records import Message
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.workflow_names import (
    DIGEST_ROUND,
    TASK_QUEUE,
    digests_id,
    reminders_id,
    slack_queue,
)
from lifecycle.view import Projection
from tests.integrations.slack.examples import asked, notice, signoff, version
from tests.workflows.office import PATIENCE, Office
from tests.workflows.reminders import Post, post_of
from tests.workflows.test_gathering import record, reminder
from workflows.digest_round import DigestRound
from workflows.person_reminders import PersonReminders
from workflows.runner import workflow_runner

MOMENT = timedelta(milliseconds=200)
JITTER = timedelta(minutes=5)


class Now(Mornings):
    """Knows one slot, in which every day begins: whatever day the test runs on."""

    # Not the slot that now is in, so that a round has to learn from Temporal which it is for.
    slot = slot_before(datetime.now(UTC)) - timedelta(hours=1)  # noqa: TID251 - as digests are sent

    def day_begun(self, hours: Hours, slot: datetime) -> date | None:  # noqa: ARG002
        return slot.date() if slot == self.slot else None

    def week_begun(self, hours: Hours, slot: datetime) -> date | None:
        return self.day_begun(hours, slot)


@pytest.fixture
async def post(office: Office) -> AsyncIterator[Post]:
    async with post_of(office, MOMENT) as post:
        post.mornings = Now()
        await office.describe()
        await post.enrol()
        yield post


def digests(post: Post, person: str) -> list[Message]:
    found = post.slack.messages(post.people[person])
    return [message for message in found if ":sunrise:" in message.shown]


async def received(post: Post, person: str) -> list[Message]:
    return await post.slack.changed(lambda _: digests(post, person), within=PATIENCE)


async def ended(post: Post, *people: str) -> None:
    """Wait until nothing is gathered for these people any more."""
    async with asyncio.timeout(PATIENCE.total_seconds()):
        for person in people:
            await post.office.client.get_workflow_handle(
                reminders_id(person, slack_queue(post.team.id))
            ).result()


async def ask(post: Post, people: Sequence[str], number: int = 1) -> None:
    one = signoff(version=str(number), asked=asked(*people), can_decide=tuple(people))
    view = version(one, version=str(number))
    async with post.office.engine.begin() as connection:
        rows = Projection(version=view, signoffs={one.id: one})
        await write_projection(connection, rows)


async def run_round(post: Post, name: str, kind: DigestKind = "daily") -> int:
    """Run one round for the slot; give how many its last run handed over."""
    start = DigestStart(kind=kind, slack_queue=slack_queue(post.team.id), at=Now.slot)
    told: int = await post.office.client.execute_workflow(
        DIGEST_ROUND, start, id=name, task_queue=TASK_QUEUE, result_type=int
    )
    return told


async def test_replicas_that_start_at_once_leave_one_schedule_of_each_kind(
    client: Client,
) -> None:
    queue = "slack-T-many"
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(schedule_digests(client, queue, JITTER))
    handles = [client.get_schedule_handle(digests_id(kind, queue)) for kind in ("daily", "weekly")]
    for handle in handles:
        described = (await handle.describe()).schedule
        assert isinstance(described.action, ScheduleActionStartWorkflow)
        assert described.action.task_queue == TASK_QUEUE
        assert described.spec.jitter == JITTER
        assert [one.every for one in described.spec.intervals] == [timedelta(minutes=15)]
    await unschedule_digests(client, queue)
    await unschedule_digests(client, queue)
    for handle in handles:
        with pytest.raises(RPCError):
            await handle.describe()


async def test_a_paused_schedule_stays_paused_when_a_worker_starts_with_other_settings(
    client: Client,
) -> None:
    queue = "slack-T-paused"
    await schedule_digests(client, queue, JITTER)
    handle = client.get_schedule_handle(digests_id("daily", queue))
    await handle.pause(note="not in August")
    await schedule_digests(client, queue, timedelta(minutes=1))
    described = (await handle.describe()).schedule
    assert (described.state.paused, described.state.note) == (True, "not in August")
    assert described.spec.jitter == timedelta(minutes=1)
    await unschedule_digests(client, queue)


async def schedules(client: Client, queue: str, count: int) -> None:
    """Wait until a workspace has as many schedules."""
    async with asyncio.timeout(PATIENCE.total_seconds()):
        while await _scheduled(client, queue) != count:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)


async def _scheduled(client: Client, queue: str) -> int:
    found = 0
    for kind in ("daily", "weekly"):
        try:
            await client.get_schedule_handle(digests_id(kind, queue)).describe()
        except RPCError:
            continue
        found += 1
    return found


async def test_a_worker_schedules_digests_and_one_without_them_takes_them_away(
    office: Office,
) -> None:
    async with SlackSandbox() as slack:
        given = {"slack_bot_token": slack.bot_token, "slack_api_url": slack.base_url}
        queue = slack_queue(slack.team_id)
        for digests, count in ((True, 2), (False, 0)):
            settings = Settings.model_validate({**given, "digests": digests})
            async with running_worker(settings, office.client, office.engine):
                await schedules(office.client, queue, count)


def test_a_zone_that_nobody_knows_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="zone 'Nowhere' is not known"):
        Settings.model_validate({"digest_zone": "Nowhere"})


async def test_the_schedule_sends_each_owner_one_digest_however_often_a_slot_comes(
    post: Post,
) -> None:
    await ask(post, ["ana", "ben"])
    client, queue = post.office.client, slack_queue(post.team.id)
    async with post.working():
        await schedule_digests(client, queue, timedelta(0))
        handle = client.get_schedule_handle(digests_id("daily", queue))
        slot = ScheduleBackfill(
            start_at=Now.slot, end_at=Now.slot, overlap=ScheduleOverlapPolicy.ALLOW_ALL
        )
        try:
            await handle.backfill(slot)
            for person in ("ana", "ben"):
                [digest] = await received(post, person)
                assert "One sign-off waits for you" in digest.text
            await ended(post, "ana", "ben")
        finally:
            await unschedule_digests(client, queue)
        # As after an outage, when the server takes a slot a second time.
        assert await run_round(post, "again") == 2
        await ended(post, "ana", "ben")
    assert [len(digests(post, each)) for each in ("ana", "ben", "cho")] == [1, 1, 0]


async def test_a_round_goes_on_in_runs_that_follow_each_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities.digests, "PAGE", 1)
    monkeypatch.setattr(workflows.digest_round, "PAGES_OF_A_RUN", 2)
    people = ["ana", "ben", "cho", "dee"]
    await ask(post, people)
    async with post.working(runner=UnsandboxedWorkflowRunner()):
        assert await run_round(post, "paged") == 0  # the last page is empty
        for person in people:
            assert len(await received(post, person)) == 1
        await ended(post, *people)
        history = await post.office.client.get_workflow_handle("paged").fetch_history()
    begun = history.events[0].workflow_execution_started_event_attributes
    assert begun.continued_execution_run_id


async def test_what_is_reminded_in_the_morning_is_said_in_the_digest(post: Post) -> None:
    for number in (1, 2):
        await record(post, number)
    async with post.working():
        due = DigestDue(kind="daily", day=Now.slot.date().isoformat(), at=Now.slot)
        await post.desk.take("ana", [reminder(1)])
        await post.desk.announce("ana", due)
        [digest] = await received(post, "ana")
        await ended(post, "ana")
        id_ = reminders_id("ana", slack_queue(post.team.id))
        history = await post.office.client.get_workflow_handle(id_).fetch_history()
    assert digest.shown.count(":bell: reminder") == 1
    assert post.slack.messages(post.people["ana"]) == [digest]
    await Replayer(
        workflows=[PersonReminders, DigestRound],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
    ).replay_workflow(history)


async def test_a_digest_waits_for_slack_and_only_the_newest_is_sent(post: Post) -> None:
    await ask(post, ["ana"])
    post.slack.faults.next("chat.postMessage", ServerError(), times=2)
    for number in (1, 2):
        due = DigestDue(kind="daily", day=f"2026-03-0{number}", at=Now.slot)
        await post.desk.announce("ana", due)
    async with post.working():
        await received(post, "ana")
        await ended(post, "ana")
    assert post.slack.faults.armed() == []
    assert len(digests(post, "ana")) == 1
    assert (await post.row("daily:2026-03-02:ana", "ana")).state == "posted"


async def test_a_digest_that_is_over_leaves_the_reminders_to_be_said_alone(post: Post) -> None:
    await record(post, 1)
    async with post.working():
        due = DigestDue(kind="daily", day="2026-03-02", at=Now.slot - timedelta(hours=20))
        await post.desk.take("ana", [reminder(1)])
        await post.desk.announce("ana", due)
        [alone] = await post.reminded("ana")
        await ended(post, "ana")
    assert "waits for your sign-off" in alone.shown
    assert digests(post, "ana") == []


async def test_a_manager_gets_one_message_when_the_week_begins(post: Post) -> None:
    await post.enrol(manager="dee")
    one = signoff(asked=asked("ana"), can_decide=("ana",), managers=("dee",))
    async with post.office.engine.begin() as connection:
        rows = Projection(version=version(one), signoffs={one.id: one})
        await write_projection(connection, rows)
    async with post.working():
        for name in ("week", "week-again"):
            assert await run_round(post, name, "weekly") == 1
            await ended(post, "dee")
    [told] = post.slack.messages(post.people["dee"])
    assert "One sign-off waits for your people" in told.text


class Coming(Now):
    """Knows the morning that everybody's digest comes in."""

    def __init__(self, morning: datetime) -> None:
        super().__init__()
        self.morning = morning

    def coming(self, hours: Hours, now: datetime) -> tuple[tuple[date, datetime], ...]:  # noqa: ARG002
        return ((self.morning.date(), self.morning),)


async def remind(post: Post) -> None:
    """Have Ana reminded of two requests that are due long after the next morning."""
    far = Now.slot + timedelta(days=9)
    for number in (1, 2):
        fields = {"due": far, "upcoming": None, "version": str(number)}
        one = signoff(asked=asked("ana"), can_decide=("ana",), **fields)
        view = version(one, version=str(number), notices=(notice("reminder", "ana"),))
        async with post.office.engine.begin() as connection:
            rows = Projection(version=view, signoffs={one.id: one})
            await write_projection(connection, rows)
    await post.desk.take("ana", [reminder(1), reminder(2)])


async def left(post: Post, person: str) -> None:
    """Wait until a person's reminders were left to their digest."""
    handle = post.office.client.get_workflow_handle(reminders_id(person, slack_queue(post.team.id)))
    completed = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    async with asyncio.timeout(PATIENCE.total_seconds()):
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.event_type == completed:
                return


async def test_reminders_that_can_wait_are_said_in_the_digest_alone(post: Post) -> None:
    post.mornings = Coming(Now.slot + timedelta(hours=2))
    async with post.working():
        await remind(post)
        await left(post, "ana")
        assert post.slack.messages(post.people["ana"]) == []
        due = DigestDue(kind="daily", day=Now.slot.date().isoformat(), at=Now.slot)
        await post.desk.announce("ana", due)
        [digest] = await received(post, "ana")
        await ended(post, "ana")
    assert digest.shown.count(":bell: reminder") == 2
    assert post.slack.messages(post.people["ana"]) == [digest]
    rows = [await post.row(reminder(number).request, "ana") for number in (1, 2)]
    assert {(row.state, row.ts) for row in rows} == {("posted", digest.ts)}


async def test_while_the_schedule_is_paused_reminders_are_said_by_themselves(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle.morning_reminders, "GRACE", timedelta(seconds=-3600 + 3))
    moment = datetime.now(UTC)  # noqa: TID251 - the server's timers go by it
    post.mornings = Coming(moment + timedelta(hours=1))
    async with post.working():
        await remind(post)
        await left(post, "ana")
        [together] = await post.reminded("ana")
        await ended(post, "ana")
    assert "2 sign-offs wait for you" in together.text
    assert digests(post, "ana") == []
