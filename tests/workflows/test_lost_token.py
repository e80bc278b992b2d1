"""A lost token from version to version: known at once, asked about by one, over within a minute."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from integrations.database.slack_tokens import lost_tokens
from integrations.slack.token import PROBE_EVERY
from lifecycle.signoff_facts import DeliveryReported
from tests.workflows.office import PATIENCE, Office, Version, troubles
from tests.workflows.reminders import Post, post_of

HOUR = timedelta(hours=1)


@pytest.fixture
async def post(engine: AsyncEngine, skipping: WorkflowEnvironment) -> AsyncIterator[Post]:
    async with post_of(Office(engine, skipping.client), timedelta(0)) as post:
        yield post


async def asking(post: Post, number: int) -> list[Version]:
    """Bring as many versions to where three owners are asked."""
    models = [await post.office.describe() for _ in range(number)]
    versions = [post.office.version(model) for model in models]
    await post.enrol()
    for version in versions:
        await version.register()
        await version.request()
        await version.tell(version.evidence())
    return versions


async def reached(version: Version, outcome: str) -> None:
    """Wait until a receipt is on record; by the record, as the skipping server loses queries."""

    async def is_there() -> bool:
        receipts = [
            one
            for fact in await version.facts()
            if isinstance(fact, DeliveryReported)
            for one in fact.receipts
        ]
        return any(one.outcome == outcome for one in receipts)

    async with asyncio.timeout(PATIENCE.total_seconds()):
        while not await is_there():  # noqa: ASYNC110 - the record is read, nobody announces it
            await asyncio.sleep(0.05)


async def is_lost(post: Post) -> bool:
    async with post.office.engine.connect() as connection:
        return bool(await lost_tokens(connection))


async def cards(post: Post, number: int) -> None:
    """Wait until everybody has as many cards."""

    def are_there(_: object) -> bool:
        found = (post.slack.messages(post.people[each]) for each in ("ana", "ben", "cho"))
        return all(len(messages) == number for messages in found)

    await post.slack.changed(are_there, within=3 * PATIENCE)


@pytest.mark.slow
@pytest.mark.timeout(300)  # it lives through thousands of attempts
@pytest.mark.parametrize("number", [10, pytest.param(50, marks=pytest.mark.long)])
async def test_many_versions_ask_slack_as_often_as_one_while_the_token_is_lost(
    post: Post, skipping: WorkflowEnvironment, number: int
) -> None:
    post.slack.revoke_token()
    async with post.working():
        versions = await asking(post, number)
        for version in versions:
            await reached(version, "failed")
        assert await is_lost(post)
        begun = len(post.slack.calls)
        assert begun <= 25, "what was under way when the token was lost"
        began = await skipping.get_current_time()
        for _ in range(12):  # thousands of attempts are too many for one call of the server
            await skipping.sleep(HOUR / 12)
        passed = await skipping.get_current_time() - began
        asked = post.slack.calls[begun:]
        assert {call.method for call in asked} == {"auth.test"}
        assert len(asked) <= passed / PROBE_EVERY + 1
        assert not post.slack.messages(post.people["ana"])

        post.slack.restore_token()
        await skipping.sleep(timedelta(minutes=1))
        await cards(post, number)
        assert not await is_lost(post)
        for version in versions:
            await reached(version, "sent")
    assert post.slack.calls_of("chat.postMessage")
    assert len([c for c in post.slack.calls_of("chat.postMessage") if c.ok]) == 3 * number


async def test_who_is_asked_while_the_token_is_lost_is_known_at_once_and_has_a_card_afterwards(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.slack.AUTH_LOST_PAUSE", timedelta(milliseconds=200))
    monkeypatch.setattr("integrations.slack.token.PROBE_EVERY", timedelta(milliseconds=100))
    async with post_of(office, timedelta(0)) as post, post.working():
        [first] = await asking(post, 1)
        await cards(post, 1)
        post.slack.revoke_token()
        [second] = await asking(post, 1)
        view = await second.until(lambda v: v.stages[0].signoffs[0].asked[0].delivery == "failed")
        for one in view.stages[0].signoffs[0].asked:
            assert one.undelivered == "the token of the Slack app is revoked"
        # A decision elsewhere is taken and recorded, and shown once the token is good.
        [asked] = view.stages[0].signoffs
        answer = await second.ask(second.decision(asked, "ana"))
        assert answer.changed
        post.slack.restore_token()
        await cards(post, 2)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await second.until(lambda v: v.stages[0].signoffs[0].asked[1].delivery == "sent")
        assert (await first.view()).stages[0].signoffs[0].asked[0].delivery == "sent"
        assert troubles(await second.runs()) == []
