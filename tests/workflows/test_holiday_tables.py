"""Another holiday table, as an upgrade of a library brings one, changes nothing that runs."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from integrations import working_time
from lifecycle.calendars import after
from lifecycle.canonical import canonical
from lifecycle.definition import Calendar
from lifecycle.durations import Duration
from lifecycle.facts import CalendarResolved, fact_json
from lifecycle.stage_facts import EscalationTold, OwnersAsked
from tests.workflows.office import REVIEW, Office, Version
from workflows.messages import workflow_id
from workflows.model_lifecycle import ModelLifecycle
from workflows.runner import workflow_runner

INSTANT = timedelta(seconds=2)
SLOW: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "slow",
    "calendar": {"zone": "Europe/Paris", "hours": "09:00-17:00", "holidays": "FR"},
    "escalations": {"standard": [{"after": "100%", "tell": "manager"}]},
    "stages": [{**REVIEW["stages"][0], "due": "150 business days", "escalate": "standard"}],
}


def every_friday_is_free(_: str | None, years: tuple[int, ...]) -> frozenset[date]:
    """Give a table that no country has."""
    days = (date(year, 1, 1) + timedelta(days=n) for year in years for n in range(365))
    return frozenset(day for day in days if day.weekday() == 4)


async def history_of(version: Version) -> WorkflowHistory:
    events = await version.history()
    return WorkflowHistory(workflow_id(version.model, version.version), events)


def replayer() -> Replayer:
    return Replayer(
        workflows=[ModelLifecycle],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
    )


@pytest.fixture
def office(engine: AsyncEngine, skipping: WorkflowEnvironment) -> Office:
    return Office(engine, skipping.client)


async def test_a_running_deadline_stays_though_its_calendar_is_resolved_with_another_table(
    office: Office, skipping: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = office.version(await office.describe(SLOW))
    async with office.worker():
        stage = await version.asked()
        before = await version.settled()
        replayed = await history_of(version)
        monkeypatch.setattr(working_time, "_holidays", every_friday_is_free)
        await replayer().replay_workflow(replayed)
        await skipping.sleep(timedelta(days=190))
        assert (await version.view()).stages[0].due == stage.due
        await skipping.sleep(timedelta(days=60))
        facts = await version.settled()
        await replayer().replay_workflow(await history_of(version))
    asked = next(fact for fact in facts if isinstance(fact, OwnersAsked))
    told = next(fact for fact in facts if isinstance(fact, EscalationTold))
    assert asked.due == stage.due
    assert asked.due is not None
    assert asked.due <= told.at <= asked.due + INSTANT
    resolved = [fact for fact in facts if isinstance(fact, CalendarResolved)]
    assert [fridays(fact) > 0 for fact in resolved] == [True, False]
    assert all(one.at < other.at for one, other in pairwise(resolved))
    # With the other table the deadline would have been weeks later.
    calendar, due = Calendar.model_validate(SLOW["calendar"]), SLOW["stages"][0]["due"]
    other_table = working_time.resolve(calendar, asked.at)
    other_due = after(asked.at, Duration.model_validate(due), other_table)
    assert other_due > asked.due + timedelta(weeks=4)
    was = [canonical(fact_json(fact)) for fact in before]
    assert [canonical(fact_json(fact)) for fact in facts[: len(was)]] == was


def fridays(fact: CalendarResolved) -> int:
    opens = (datetime.fromtimestamp(60 * minute, fact.at.tzinfo) for minute in fact.working.opens)
    return sum(instant.weekday() == 4 for instant in opens)
