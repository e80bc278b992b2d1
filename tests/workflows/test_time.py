from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from lifecycle.commands import ObserveDeployment
from lifecycle.facts import AnyFact
from lifecycle.stage_facts import EscalationAsked, EscalationTold, OwnersAsked, OwnersReminded
from tests.workflows.office import REVIEW, WEIGHTS, Office, Version, kinds, named

INSTANT = timedelta(seconds=2)
"""How exact a deadline is kept; the server's clock goes on while a test works."""
ESCALATED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "escalated",
    "roles": ["validator", "ciso"],
    "escalations": {
        "standard": [
            {"after": "50%", "remind": "owners"},
            {"after": "100%", "tell": "manager"},
            {"after": "150%", "ask": "ciso"},
        ]
    },
    "stages": [{**REVIEW["stages"][0], "escalate": "standard", "evidence_due": "2 days"}],
}
ONE = {"role": "validator", "statement": "I reviewed it."}
TRUSTED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "trusted",
    "stages": [{**REVIEW["stages"][0], "signoffs": [ONE]}],
    "trust": {"valid_for": "180 days", "renew_before": "30 days"},
}
OWNERS = {"validator": ("ana", "ben"), "ciso": ("cho",)}


@pytest.fixture
def office(engine: AsyncEngine, skipping: WorkflowEnvironment) -> Office:
    return Office(engine, skipping.client)


def only(facts: list[AnyFact], kind: type[Any]) -> Any:
    (found,) = (fact for fact in facts if isinstance(fact, kind))
    return found


def is_near(found: datetime, wanted: datetime) -> bool:
    return wanted <= found <= wanted + INSTANT


async def test_silent_owners_are_reminded_then_a_manager_told_then_another_asked_each_at_its_time(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe(ESCALATED, owners=OWNERS))
    async with office.worker():
        await version.asked()
        await skipping.sleep(timedelta(days=6))
        facts = await version.settled()
        starts = len(named(await version.history(), "TIMER_STARTED"))
    asked = only(facts, OwnersAsked).at
    reminded, told = only(facts, OwnersReminded), only(facts, EscalationTold)
    escalated = only(facts, EscalationAsked)
    assert is_near(reminded.at, asked + timedelta(days=1.5))
    assert is_near(told.at, asked + timedelta(days=3))
    assert is_near(escalated.at, asked + timedelta(days=4.5))
    assert (reminded.people, told.people) == (("ana", "ben"), ("dee",))
    assert escalated.people == ("cho",)
    # One for late pipelines, and one for each step; never two at once.
    assert starts == 4


async def test_pipelines_that_say_nothing_are_late_once_and_at_their_time(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe(ESCALATED, owners=OWNERS))
    async with office.worker():
        await version.register()
        answer = await version.request()
        await skipping.sleep(timedelta(days=9))
        facts = await version.settled(answer.sequence)
    late = [fact for fact in facts if fact.kind == "PipelinesLate"]
    requested = next(fact.at for fact in facts if fact.kind == "ReviewRequested")
    assert [fact.missing for fact in late] == [("evaluation",)]
    assert is_near(late[0].at, requested + timedelta(days=2))


async def test_nothing_escalates_once_the_stage_is_decided(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe(ESCALATED, owners=OWNERS))
    async with office.worker():
        stage = await version.asked()
        await skipping.sleep(timedelta(days=1))
        for person in ("ana", "ben"):
            answer = await version.ask(version.decision(stage.signoffs[0], person))
        await skipping.sleep(timedelta(days=30))
        facts = await version.settled()
    assert len(facts) == answer.sequence
    assert not {"OwnersReminded", "EscalationTold", "EscalationAsked"} & set(kinds(facts))


async def test_a_decision_leaves_the_timer_as_it_is(office: Office) -> None:
    version = office.version(
        await office.describe(ESCALATED, owners={"validator": ("ana", "ben", "cho")})
    )
    async with office.worker():
        stage = await version.asked()
        before = await version.history()
        answer = await version.ask(version.decision(stage.signoffs[0], "ana"))
        for _ in range(5):
            await version.tell(version.evidence("extra"))
        facts = await version.settled(answer.sequence + 5)
        after = await version.history()
    assert "SignedOff" in kinds(facts)
    assert len(named(after, "TIMER_STARTED")) == len(named(before, "TIMER_STARTED")) > 0
    assert len(named(after, "TIMER_CANCELED")) == len(named(before, "TIMER_CANCELED"))


async def approved(version: Version) -> None:
    stage = await version.asked()
    await version.ask(version.decision(stage.signoffs[0], "ana"))


async def test_an_approval_lapses_after_months_and_closes_the_gate(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe(TRUSTED))
    async with office.worker():
        await approved(version)
        await skipping.sleep(timedelta(days=179))
        assert (await version.gate()).answer.allowed
        await skipping.sleep(timedelta(days=2))
        facts = await version.settled()
        reply = await version.gate()
    given = next(fact for fact in facts if fact.kind == "StageApproved")
    lapsed = next(fact for fact in facts if fact.kind == "StageLapsed")
    assert is_near(lapsed.at, given.at + timedelta(days=180))
    assert not reply.answer.allowed


async def test_owners_are_asked_again_before_the_approval_of_what_is_deployed_lapses(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    version = office.version(await office.describe(TRUSTED))
    async with office.worker():
        await approved(version)
        command = ObserveDeployment(id="seen", digest=WEIGHTS, environment="production")
        await version.ask(command)
        await skipping.sleep(timedelta(days=151))
        facts = await version.settled()
        assert (await version.gate()).answer.allowed  # while the renewal is open
        view = await version.view()
        await version.ask(version.decision(view.stages[0].signoffs[0], "ben"))
        await skipping.sleep(timedelta(days=60))
        reply = await version.gate()
    given = next(fact for fact in facts if fact.kind == "StageApproved")
    again = next(fact for fact in facts if fact.kind == "StageReopened")
    assert again.reason == "renewal"
    assert is_near(again.at, given.at + timedelta(days=150))
    assert reply.answer.allowed


async def test_the_calendar_is_resolved_again_after_half_its_horizon_and_only_then(
    office: Office, skipping: WorkflowEnvironment
) -> None:
    calendar = {"zone": "Europe/Paris", "hours": "09:00-17:00", "holidays": "FR"}
    version = office.version(await office.describe({**TRUSTED, "calendar": calendar}))
    async with office.worker():
        await version.register()
        await skipping.sleep(timedelta(days=380))
        facts = await version.settled()
        events = await version.history()
    resolved = [fact for fact in facts if fact.kind == "CalendarResolved"]
    gaps = [after.at - before.at for before, after in pairwise(resolved)]
    assert len(gaps) == 2
    assert all(timedelta(days=164) <= gap <= timedelta(days=167) for gap in gaps)
    reads = [
        event
        for event in named(events, "ACTIVITY_TASK_SCHEDULED")
        if event.activity_task_scheduled_event_attributes.activity_type.name == "read_preparation"
    ]
    assert len(reads) == len(resolved)
