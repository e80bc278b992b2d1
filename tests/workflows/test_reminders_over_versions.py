"""Reminders of many versions to one person: from the tick of each to one message in Slack."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

import api.workers
from activities.reminders import ReminderDesk
from integrations.slack.gathering import Reminder
from integrations.slack.sandbox.faults import ReplyLost
from lifecycle.facts import AnyFact
from lifecycle.stage_facts import OwnersReminded
from tests.workflows.office import PATIENCE, REVIEW, Office, Version
from tests.workflows.reminders import MINUTE, Post, post_of

REMINDED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "reminded",
    "escalations": {"standard": [{"after": "2 days", "remind": "owners"}]},
    "stages": [
        {
            "name": "validate",
            "signoffs": [{"role": "validator", "statement": "I reviewed it."}],
            "due": "30 days",
            "escalate": "standard",
        }
    ],
}
"""The reminder comes at nine in the morning of whoever is asked, days before the deadline."""
WEEK = timedelta(days=7)


class OneByOne(ReminderDesk):
    """Hands over in turn: the skipping server refuses two first signals at once."""

    turn = asyncio.Lock()

    async def take(self, person: str, reminders: Sequence[Reminder]) -> None:
        async with self.turn:
            await super().take(person, reminders)


@pytest.fixture
async def post(
    engine: AsyncEngine, skipping: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Post]:
    monkeypatch.setattr(api.workers, "ReminderDesk", OneByOne)
    async with post_of(Office(engine, skipping.client), MINUTE) as post:
        yield post


async def asking(post: Post, number: int) -> list[Version]:
    """Bring versions of as many models to where Ana is asked."""
    versions = []
    for _ in range(number):
        model = await post.office.describe(REMINDED, owners={"validator": ("ana",)})
        versions.append(post.office.version(model))
    await post.enrol()
    for version in versions:
        await version.register()
        await version.request()
        await version.until(lambda view: view.stages[0].status == "asking")
    return versions


async def reminded_at(version: Version) -> AnyFact:
    return next(f for f in await version.facts() if isinstance(f, OwnersReminded) and f.people)


async def test_two_versions_that_remind_in_one_instant_are_one_message(
    post: Post, skipping: WorkflowEnvironment
) -> None:
    async with post.working():
        one, two = await asking(post, 2)
        await skipping.sleep(WEEK)
        [digest] = await post.reminded("ana")
    first, second = await reminded_at(one), await reminded_at(two)
    assert first.at.replace(second=0, microsecond=0) == second.at.replace(second=0, microsecond=0)
    assert "2 sign-offs wait for you" in digest.shown
    assert one.model in digest.shown
    assert two.model in digest.shown


async def test_one_version_reminds_under_its_card(
    post: Post, skipping: WorkflowEnvironment
) -> None:
    async with post.working():
        [version] = await asking(post, 1)
        await skipping.sleep(WEEK)
        [reminder] = await post.reminded("ana")
    card = post.slack.messages(post.people["ana"])[0]
    assert reminder.thread_ts == card.ts
    assert f"{version.model} 1, stage validate waits for your sign-off" in reminder.shown


async def test_what_is_decided_while_others_are_waited_for_is_left_out(
    post: Post, skipping: WorkflowEnvironment
) -> None:
    post.gathering = timedelta(hours=1)
    async with post.working():
        versions = await asking(post, 3)
        decided = versions[0]
        await skipping.sleep(timedelta(days=2))
        while not all([(await version.view()).notices for version in versions]):
            await skipping.sleep(timedelta(minutes=20))
        stage = (await decided.view()).stages[0]
        await decided.ask(decided.decision(stage.signoffs[0], "ana"))
        await decided.settled()
        assert post.reminders("ana") == []
        await skipping.sleep(timedelta(hours=2))
        [digest] = await post.reminded("ana")
    assert "2 sign-offs wait for you" in digest.shown
    assert decided.model not in digest.shown


async def test_a_lost_reply_makes_no_second_message(
    post: Post, skipping: WorkflowEnvironment
) -> None:
    async with post.working():
        await asking(post, 2)
        ana = post.people["ana"]
        await post.slack.changed(lambda slack: len(slack.messages(ana)) == 2, within=PATIENCE)
        post.slack.faults.next("chat.postMessage", ReplyLost())
        await skipping.sleep(WEEK)
        [_] = await post.reminded("ana")
        await skipping.sleep(WEEK)
    assert len(post.reminders("ana")) == 1
