"""Many versions whose owner is silent, on the real server: from their deadlines to Slack."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from integrations.database.person_overview import person_overview
from tests.workflows.office import LONG_AGO, REVIEW, Office, Version
from tests.workflows.reminders import Post, post_of

MANY = 30
WITHIN = timedelta(seconds=60)
SINGLY = 10
STORM: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "storm",
    "escalations": {
        "standard": [
            {"after": "5 seconds", "tell": "manager"},
            {"after": "5 seconds", "ask": "manager"},
        ]
    },
    "stages": [
        {
            "name": "validate",
            "signoffs": [{"role": "validator", "statement": "I reviewed it."}],
            "due": "30 days",
            "escalate": "standard",
        }
    ],
}


@pytest.fixture
async def post(office: Office) -> AsyncIterator[Post]:
    async with post_of(office, timedelta(seconds=3)) as post:
        yield post


async def asking(post: Post, model: str) -> list[Version]:
    versions = [post.office.version(model, str(number)) for number in range(MANY)]
    gate = asyncio.Semaphore(4)

    async def ask(version: Version) -> None:
        async with gate:
            await version.register()
            await version.request()

    async with asyncio.TaskGroup() as group:
        for version in versions:
            group.create_task(ask(version))
    return versions


async def waiting(post: Post, person: str) -> int:
    async with post.office.engine.connect() as connection:
        found = await person_overview(connection, person, LONG_AGO)
    assert found is not None
    return found.total


async def nothing_gathers(post: Post) -> None:
    """Wait until nobody's copies wait to be said with others, or are under way."""
    async with asyncio.timeout(WITHIN.total_seconds()):
        while not await _is_settled(post):  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.1)


async def _is_settled(post: Post) -> bool:
    async with post.office.engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT state, copy_of FROM slack_message")
        found = [(row.state, row.copy_of) for row in rows]
    managed = [state for state, person in found if person == "dee"]
    return len(managed) >= 2 * MANY and {state for state, _ in found} <= {"posted", "listed"}


async def test_silence_on_thirty_versions_is_a_few_messages_to_owner_and_manager(
    post: Post,
) -> None:
    model = await post.office.describe(STORM, owners={"validator": ("ana",)})
    await post.enrol(manager="dee")
    async with post.working():
        await asking(post, model)
        await nothing_gathers(post)
        calls = post.slack.calls_of("chat.postMessage")
        said = {each: len(post.slack.messages(post.people[each])) for each in ("ana", "dee")}
        assert (await waiting(post, "ana"), await waiting(post, "dee")) == (MANY, MANY)
    assert all(call.ok for call in calls)
    # One more for each gathering that the storm lasts, and what the burst regains meanwhile.
    assert SINGLY < said["ana"] < SINGLY + 12
    assert SINGLY < said["dee"] < SINGLY + 12
