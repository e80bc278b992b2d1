import asyncio
import json
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

import workflows.limits
import workflows.running_version
from lifecycle.commands import Attach
from lifecycle.state import FORMAT, blank
from tests.workflows.office import TASK, Office, Version, kinds, named, troubles
from tests.workflows.workspace import QUEUE, Slack
from workflows.carried import Carried
from workflows.continuing import Continuing
from workflows.messages import Envelope, workflow_id

WAVES = 3
SIGNALS = 120
UPDATES = 40
IN_FLIGHT = 8
"""Updates at a time; one run takes ten, and answers others with an error."""
STATE_LIMIT = 256 * 1024
MINUTE = timedelta(minutes=1)


async def tell_many(version: Version, count: int) -> list[str]:
    events = [version.evidence(f"extra{n % 40}") for n in range(count)]
    gate = asyncio.Semaphore(32)

    async def tell(event: Envelope) -> None:
        async with gate:
            await version.tell(event)

    await asyncio.gather(*(tell(event) for event in events))
    return [event.id for event in events]


async def ask_many(version: Version, count: int, wave: int) -> list[str]:
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def ask(number: int) -> str:
        event = version.evidence(f"asked{number % 10}", id=f"asked-{wave}-{number}")
        command = Attach(id=event.id, by="key:ci", **event.body)
        async with gate:
            answer = await version.ask(command)
        assert answer.sequence > 0
        return event.id

    return list(await asyncio.gather(*(ask(number) for number in range(count))))


async def test_nothing_is_lost_or_doubled_while_runs_follow_each_other_under_load(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, limit in {"SOFT_LIMIT": 60, "HARD_LIMIT": 120, "LAST_LIMIT": 200}.items():
        monkeypatch.setattr(workflows.limits, name, limit)
    version = office.version(await office.describe())
    async with office.worker(runner=UnsandboxedWorkflowRunner()):
        await version.asked()
        told: list[str] = []
        for wave in range(1, WAVES + 1):
            signals, updates = await asyncio.gather(
                tell_many(version, SIGNALS), ask_many(version, UPDATES, wave)
            )
            told += signals + updates
            await version.runs_after(wave)
        facts = await version.settled(WAVES * (SIGNALS + UPDATES))
        runs, sequence = await version.runs(), (await version.view()).sequence
    causes = Counter(fact.cause for fact in facts if fact.cause)
    assert all(causes[one] == 1 for one in told)
    assert [entry.sequence for entry in await version.entries()] == [*range(1, sequence + 1)]
    assert await office.is_intact()
    assert not troubles(runs)
    for run in runs:
        markers = [e.marker_recorded_event_attributes for e in named(run, "MARKER_RECORDED")]
        others = [m.marker_name for m in markers if m.marker_name != "core_patch"]
        assert not others, "a local activity runs before its task is kept"


async def test_a_thousand_messages_that_waited_for_a_worker_are_taken(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker(is_lasting=False):
        await version.asked()
        await version.settled()
    told = await tell_many(version, 1000)
    async with office.worker():
        facts = await version.settled(1000, MINUTE)
        runs = await version.runs()
    causes = Counter(fact.cause for fact in facts)
    assert all(causes[one] == 1 for one in told)
    assert not troubles(runs)


@pytest.fixture
def short_runs(monkeypatch: pytest.MonkeyPatch) -> UnsandboxedWorkflowRunner:
    """Let runs end after a few events; outside the sandbox, where the limits can be changed."""
    monkeypatch.setattr(workflows.limits, "SOFT_LIMIT", 20)
    monkeypatch.setattr(workflows.limits, "HARD_LIMIT", 40)
    monkeypatch.setattr(workflows.limits, "LAST_LIMIT", 80)
    monkeypatch.setattr(workflows.running_version, "MOST_IN_ONE_TASK", 5)
    return UnsandboxedWorkflowRunner()


@pytest.mark.parametrize("place", [0, 4, 7, 59])
async def test_a_version_that_retires_while_its_run_ends_keeps_what_came_and_ends(
    office: Office, short_runs: UnsandboxedWorkflowRunner, place: int
) -> None:
    version = office.version(await office.describe())
    async with office.worker(runner=short_runs, slack_queue=QUEUE, is_lasting=False):
        await version.register()
    events = [version.evidence(f"extra{n}") for n in range(60)]
    events[place] = Envelope(id="end", kind="Retire", body={"reason": "old"})
    for event in events:
        await version.tell(event)
    slack = Slack()
    workers = office.worker(runner=short_runs, slack_queue=QUEUE), slack.worker(office.client)
    async with workers[0], workers[1]:
        async with asyncio.timeout(20):
            await version.handle.result()
        facts = await version.facts()
    assert slack.shown[-1] == len(facts), "the end of the story is shown"
    causes = Counter(fact.cause for fact in facts)
    assert all(causes[event.id] == 1 for event in events)
    assert kinds(facts).count("CommandRefused") == 59 - place
    assert [entry.sequence for entry in await version.entries()] == [*range(1, len(facts) + 1)]
    assert await office.is_intact()


async def test_updates_in_flight_while_a_version_retires_are_all_answered(
    office: Office, short_runs: UnsandboxedWorkflowRunner
) -> None:
    version = office.version(await office.describe())
    async with office.worker(runner=short_runs):
        await version.register()
        attaching = asyncio.gather(
            *(
                version.ask(Attach(id=f"a{n}", by="key:ci", **version.evidence(f"e{n}").body))
                for n in range(6)
            ),
            return_exceptions=True,
        )
        await version.tell(Envelope(id="end", kind="Retire"))
        answers = await attaching
        async with asyncio.timeout(20):
            await version.handle.result()
    facts = await version.facts()
    attached = kinds(facts).count("EvidenceAttached")
    failures = {type(answer).__name__ for answer in answers if isinstance(answer, Exception)}
    assert failures <= {"Refused", "VersionClosed"}
    assert sum(not isinstance(answer, Exception) for answer in answers) == attached
    assert kinds(facts).count("VersionRetired") == 1


async def test_a_question_that_comes_while_a_run_ends_is_answered(
    office: Office, short_runs: UnsandboxedWorkflowRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = office.version(await office.describe())
    ending, hand_over = threading.Event(), Continuing._hand_over

    def hand_over_slowly(self: Continuing) -> None:
        ending.set()
        time.sleep(0.3)  # the task that ends the run stays with the worker meanwhile
        hand_over(self)

    async with office.worker(runner=short_runs):
        await version.asked()
        facts = await version.settled()
        monkeypatch.setattr(Continuing, "_hand_over", hand_over_slowly)
        while not await asyncio.to_thread(ending.wait, 2):
            event = version.evidence("extra")
            await version.ask(Attach(id=event.id, by="key:ci", **event.body))
        view = await version.view()
        runs = await version.runs_after(1)
    assert view.sequence >= len(facts)
    assert not troubles(runs)


def carried_into(run: list[Any]) -> dict[str, Any]:
    """Give what a run was started with by the one before."""
    started = run[0].workflow_execution_started_event_attributes
    found: dict[str, Any] = json.loads(started.input.payloads[0].data)["carried"]
    return found


async def test_fields_of_newer_code_are_carried_on(
    office: Office, short_runs: UnsandboxedWorkflowRunner
) -> None:
    version = office.version(await office.describe())
    state = {**blank(version.model, version.version).model_dump(mode="json"), "newer": {"a": 1}}
    await version.start_raw({"format": FORMAT, "state": state, "beside": [1]})
    async with office.worker(runner=short_runs):
        await version.asked()
        await tell_many(version, 30)
        runs = await version.runs_after(1)
    assert carried_into(runs[0])["beside"] == [1]
    assert carried_into(runs[0])["state"]["newer"] == {"a": 1}


@pytest.mark.parametrize("place", ["carried", "state"])
async def test_a_newer_format_waits_for_newer_code(office: Office, place: str) -> None:
    version = office.version(await office.describe())
    state = blank(version.model, version.version).model_dump(mode="json")
    carried: dict[str, Any] = {"format": FORMAT, "state": state}
    (carried if place == "carried" else state)["format"] = FORMAT + 1
    await version.start_raw(carried)
    async with office.worker():
        async with asyncio.timeout(20):
            while not (failed := named(await version.history(), "WORKFLOW_TASK_FAILED")):  # noqa: ASYNC110 - read
                await asyncio.sleep(0.02)
        description = await version.handle.describe()
    failure = failed[0].workflow_task_failed_event_attributes.failure
    assert "this code reads up to" in failure.message
    assert description.status is not None
    assert description.status.name == "RUNNING"


async def test_five_hundred_owners_fit_into_what_is_carried(
    office: Office, short_runs: UnsandboxedWorkflowRunner
) -> None:
    people = tuple(f"owner-with-a-long-name-{n:03}" for n in range(500))
    model = await office.describe(owners={"validator": people}, people=(*people, "dee"))
    version = office.version(model)
    async with office.worker(runner=short_runs):
        stage = await version.asked()
        await version.ask(version.decision(stage.signoffs[0], people[7]))
        await tell_many(version, 60)
        runs = await version.runs_after(1)
    carried = carried_into(runs[0])
    assert len(carried["state"]["roster"]["people"]) >= 500
    assert len(json.dumps(carried)) < STATE_LIMIT
    Carried.model_validate(carried)


async def test_a_flood_on_a_version_with_five_hundred_owners_holds_no_task_up(
    office: Office,
) -> None:
    people = tuple(f"owner-with-a-long-name-{n:03}" for n in range(500))
    version = office.version(await office.describe(owners={"validator": people}, people=people))
    async with office.worker(is_lasting=False):
        await version.asked()
        await version.settled()
    await tell_many(version, 50)
    async with office.worker():
        await version.settled(50, MINUTE)
        runs = await version.runs()
    assert not troubles(runs)


def test_ids_name_a_version_whatever_it_is_called() -> None:
    assert workflow_id("m", "1/ä :") == "lifecycle/m/1%2F%C3%A4%20%3A"
    assert TASK == "undersigned"
