from datetime import datetime
from typing import Any

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

import workflows.model_lifecycle
import workflows.running_version
from api.lifecycles import CannotTell
from lifecycle.commands import AnyCommand, Attach, Prepare, Refused, RequestReview
from lifecycle.decide import decide
from lifecycle.facts import AnyFact, EvidenceAttached
from lifecycle.state import VersionState
from tests.workflows.office import Office, kinds, named, troubles

POISON = "poison"


def broken(state: VersionState, command: AnyCommand, now: datetime) -> tuple[AnyFact, ...]:
    """Decide as ever, but fail on one command, and on another yield what no record can hold."""
    facts = decide(state, command, now)
    if command.id == POISON and facts:
        raise RuntimeError("a defect of ours")
    if command.id == "unrecordable":
        bad = next(f for f in facts if isinstance(f, EvidenceAttached))
        evidence = bad.evidence.model_copy(update={"value": {"auc": 2**60}})
        return (*facts, bad.model_copy(update={"evidence": evidence}))
    return facts


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> UnsandboxedWorkflowRunner:
    """Run with a defect; outside the sandbox, where it can be put in."""
    monkeypatch.setattr(workflows.running_version, "decide", broken)
    monkeypatch.setattr(workflows.model_lifecycle, "decide", broken)
    return UnsandboxedWorkflowRunner()


async def test_an_event_that_meets_a_defect_is_set_aside_and_the_rest_goes_on(
    office: Office, runner: UnsandboxedWorkflowRunner
) -> None:
    version = office.version(await office.describe())
    async with office.worker(runner=runner):
        await version.asked()
        await version.tell(version.evidence(id=POISON))
        await version.tell(version.evidence(id=POISON))
        await version.tell(version.evidence("extra", id="after"))
        facts = await version.settled(9)
        runs = await version.runs()
    (aside,) = [fact for fact in facts if fact.kind == "CommandQuarantined"]
    assert aside.cause == POISON
    assert aside.error == "RuntimeError: a defect of ours"
    assert [fact.kind for fact in facts if fact.cause == "after"] == ["EvidenceAttached"]
    assert not troubles(runs)


async def test_facts_of_one_command_are_kept_all_or_not_at_all(
    office: Office, runner: UnsandboxedWorkflowRunner
) -> None:
    version = office.version(await office.describe())
    async with office.worker(runner=runner):
        await version.register()
        await version.request()
        await version.tell(version.evidence(id="unrecordable"))
        await version.request()
        facts = await version.settled()
        view = await version.view()
    assert [fact.kind for fact in facts if fact.cause == "unrecordable"] == ["CommandQuarantined"]
    assert "OwnersAsked" not in kinds(facts)
    assert view.stages[0].status == "collecting"
    assert await office.is_intact()


async def test_whoever_waits_hears_of_a_defect_and_it_is_on_record(
    office: Office, runner: UnsandboxedWorkflowRunner
) -> None:
    version = office.version(await office.describe())
    async with office.worker(runner=runner):
        await version.register()
        await version.settled()
        body = version.evidence().body
        with pytest.raises(Refused, match="the command is set aside and nothing changed"):
            await version.ask(Attach(id=POISON, by="key:ci", **body))
        facts = await version.settled()
    assert kinds(facts)[-1] == "CommandQuarantined"
    assert "EvidenceAttached" not in kinds(facts)


async def test_a_defect_in_what_is_read_does_not_make_the_version_read_on_and_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unprepared(state: VersionState, command: AnyCommand, now: datetime) -> tuple[AnyFact, ...]:
        if isinstance(command, Prepare):
            raise TypeError("the rules do not come to rest")
        return decide(state, command, now)

    monkeypatch.setattr(workflows.running_version, "decide", unprepared)
    version = office.version(await office.describe())
    async with office.worker(runner=UnsandboxedWorkflowRunner()):
        await version.register()
        await version.ask(RequestReview(id="asked", by="key:ci"))
        events = await version.history()
        reply = await version.gate()
    reads = [
        e for e in named(events, "ACTIVITY_TASK_SCHEDULED") if type_of(e) == "read_preparation"
    ]
    assert len(reads) == 1
    assert (reply.status, reply.answer.allowed) == ("busy", False)


def type_of(event: Any) -> str:
    return str(event.activity_task_scheduled_event_attributes.activity_type.name)


async def test_people_that_did_change_are_read_once_for_each_change(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        await version.asked()
        number = await office.change_owners(version.model, "review", validator=("ben", "cho"))
        for each in (number, number, 1, number - 1):
            await office.lifecycles.roster_changed(version.model, ["1"], each)
        facts = await version.settled()
        await office.lifecycles.roster_changed(version.model, ["1"], 10**12)  # from nowhere
        await version.settled()
        again = await office.change_owners(version.model, "review", validator=("ana", "cho"))
        await office.lifecycles.roster_changed(version.model, ["1"], again)
        await version.until(lambda view: "ana" in view.stages[0].signoffs[0].can_decide)
        events = await version.history()
    assert kinds(facts)[-1] == "OwnersChanged"
    reads = [
        e for e in named(events, "ACTIVITY_TASK_SCHEDULED") if type_of(e) == "read_preparation"
    ]
    assert 4 <= len(reads) <= 5


async def test_a_version_that_nobody_keeps_gives_no_gate_answer(office: Office) -> None:
    version = office.version(await office.describe())
    await version.start_raw()
    with pytest.raises(CannotTell):
        await version.gate()
