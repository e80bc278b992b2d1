"""Slack is down for an hour: nothing waits for it, and its return finds every card right, once."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from integrations.slack.sandbox.faults import ReplyLost
from integrations.slack.sandbox.workspace import SlackSandbox
from tests.workflows.office import PATIENCE, REVIEW, Office, Version, kinds
from tests.workflows.reminders import Post, post_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HURRIED: dict[str, Any] = {
    **REVIEW,
    "lifecycle": "hurried",
    "roles": ["validator", "ciso"],
    "escalations": {
        "standard": [
            {"after": "10 minutes", "tell": "person:dee"},
            {"after": "40 minutes", "ask": "ciso"},
        ]
    },
    "stages": [{**REVIEW["stages"][0], "due": "50 minutes", "escalate": "standard"}],
}
OWNERS = {"validator": ("ana", "ben"), "ciso": ("cho",)}
SETTLING = timedelta(seconds=10)
"""The server's clock goes on while the test looks."""
DECIDED, SILENT, NEW = "decided", "silent", "new"


@pytest.fixture
async def post(engine: AsyncEngine, skipping: WorkflowEnvironment) -> AsyncIterator[Post]:
    async with post_of(Office(engine, skipping.client), timedelta(0)) as post:
        await post.enrol()
        yield post


async def asked(post: Post, model: str) -> Version:
    """Bring a version of a model to where its owners are asked."""
    version = post.office.version(await post.office.describe(HURRIED, owners=OWNERS, model=model))
    await post.enrol()
    await version.asked()
    return version


def cards(slack: SlackSandbox, post: Post, person: str) -> dict[str, str]:
    """Give the text of a person's card for each model; one that is there twice fails here."""
    shown = [m.shown for m in slack.messages(post.people[person]) if "Sign-off by" in m.shown]
    by_model = {
        model: text for model in (DECIDED, SILENT, NEW) for text in shown if f"`{model}`" in text
    }
    assert len(by_model) == len(shown), shown
    return by_model


async def decide(version: Version, person: str) -> None:
    """Approve through the API."""
    [signoff] = (await version.view()).stages[0].signoffs
    assert (await version.ask(version.decision(signoff, person))).recorded


async def until_posts_are_lost(slack: SlackSandbox) -> None:
    """Wait until every post whose answer shall be lost was made."""
    await slack.changed(
        lambda _: not [one for one in slack.faults.armed() if one.times], within=PATIENCE
    )


def is_right(slack: SlackSandbox, post: Post) -> bool:
    """Say whether everybody sees what happened meanwhile."""
    ana, ben, cho = (cards(slack, post, person) for person in ("ana", "ben", "cho"))
    told = Counter(
        model
        for message in slack.messages(post.people["dee"])
        for model in (DECIDED, SILENT, NEW)
        if f"`{model}`" in message.shown
    )
    return (
        all(set(each) == {DECIDED, SILENT, NEW} for each in (ana, ben))
        and all("Approved by Ana" in each[DECIDED] for each in (ana, ben))
        and all("*Asked:* Ana, Ben, Cho" in each[SILENT] for each in (ana, ben))
        and set(cho) == {SILENT, NEW}
        and told == {SILENT: 1, NEW: 1}
    )


async def test_an_hour_without_slack_loses_nothing_and_doubles_nothing(
    post: Post, skipping: WorkflowEnvironment
) -> None:
    slack = post.slack
    async with post.working():
        decided, silent = await asked(post, DECIDED), await asked(post, SILENT)
        await slack.changed(
            lambda s: all(len(cards(s, post, each)) == 2 for each in ("ana", "ben")),
            within=PATIENCE,
        )
        with slack.faults.outage():
            slack.faults.next("chat.postMessage", ReplyLost(), times=2)
            new = await asked(post, NEW)
            await until_posts_are_lost(slack)
            await skipping.sleep(HOUR / 4)
            await decide(decided, "ana")
            await skipping.sleep(HOUR / 4)
            await decide(decided, "ben")
            await skipping.sleep(HOUR / 2)
            assert kinds(await decided.settled())[-1] == "VersionApproved"
            for version in (silent, new):
                recorded = kinds(await version.settled())
                assert recorded.count("EscalationTold") == 1
                assert recorded.count("EscalationAsked") == 1
            back = await skipping.get_current_time()
        await skipping.sleep(MINUTE)
        await slack.changed(lambda s: is_right(s, post), within=PATIENCE)
        assert await skipping.get_current_time() - back < MINUTE + SETTLING
