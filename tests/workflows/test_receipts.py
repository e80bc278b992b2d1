"""Receipts of requests: from Slack into the record, once, and from nobody else."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.worker import Worker

from integrations.database.registry import read_roster
from integrations.workflow_names import slack_queue
from lifecycle.receipts import Receipt
from lifecycle.signoff_facts import DeliveryReported, UnreachedTold
from lifecycle.view import AskedView
from tests.workflows.office import PATIENCE, Office, Version, kinds, troubles
from tests.workflows.reminders import post_of
from tests.workflows.workspace import Slack
from workflows.messages import ROSTER_CHANGED, UPDATE, Answer, Envelope

TEAM = "slack-T1"


async def asked(version: Version) -> dict[str, AskedView]:
    [signoff] = (await version.view()).stages[0].signoffs
    return {each.person: each for each in signoff.asked}


async def reports(version: Version) -> list[tuple[Receipt, ...]]:
    facts = await version.settled()
    return [fact.receipts for fact in facts if isinstance(fact, DeliveryReported)]


async def test_whom_slack_reached_and_whom_not_is_on_record_for_each(office: Office) -> None:
    async with post_of(office, timedelta(0)) as post, post.working():
        version = office.version(await office.describe())
        post.people["cho"].email = "elsewhere@example.com"
        await post.describe()
        post.people["cho"].email = "nowhere@example.com"
        await version.asked()
        await version.until(lambda v: all(a.delivery for a in v.stages[0].signoffs[0].asked))
        found = await asked(version)
        assert {p: (a.delivery, a.delivered_by) for p, a in found.items()} == {
            "ana": ("sent", "slack"), "ben": ("sent", "slack"), "cho": ("not in Slack", ""),
        }  # fmt: skip
        assert found["cho"].undelivered == "no account with elsewhere@example.com"
        [receipts] = await reports(version)
        assert [(one.outcome, one.people) for one in receipts] == [
            ("sent", ("ana", "ben")), ("not in Slack", ("cho",)),
        ]  # fmt: skip
    assert troubles(await version.runs()) == []


async def test_the_manager_of_whom_slack_does_not_reach_hears_of_it_at_once(office: Office) -> None:
    async with post_of(office, timedelta(0)) as post, post.working():
        version = office.version(await office.describe())
        await post.enrol_but("cho")
        await office.manage("cho", by="dee", email="elsewhere@example.com")
        await version.asked()
        words = "Cho can't be reached in Slack (no account with elsewhere@example.com)."

        def heard(_: object) -> bool:
            return any(words in one.shown for one in post.slack.messages(post.people["dee"]))

        await post.slack.changed(heard, within=PATIENCE)
        [told] = [fact for fact in await version.settled() if isinstance(fact, UnreachedTold)]
        assert (told.about, told.people, told.step) == (("cho",), ("dee",), None)


@pytest.mark.parametrize("before", [None, "typo@example.com"])
async def test_whose_address_is_corrected_gets_the_card_that_did_not_reach_them(
    office: Office, before: str | None
) -> None:
    async with post_of(office, timedelta(0)) as post, post.working():
        version = office.version(await office.describe())
        await post.describe()
        await office.manage("cho", by="dee", email=before)
        await version.asked()
        await version.until(lambda v: v.stages[0].signoffs[0].asked[2].delivery == "not in Slack")
        assert not post.slack.messages(post.people["cho"])
        await office.manage("cho", by="dee", email=post.people["cho"].email)
        async with office.engine.connect() as connection:
            roster = await read_roster(connection, version.model)
        assert roster is not None
        await version.signal(ROSTER_CHANGED, roster.number)
        await post.slack.changed(lambda s: s.messages(post.people["cho"]), within=PATIENCE)
        await version.until(lambda v: v.stages[0].signoffs[0].asked[2].delivery == "sent")


def receipt(*people: str) -> Receipt:
    return Receipt(stage="validate", round=1, role="validator", outcome="sent", people=people)


async def test_receipts_that_say_nothing_new_are_no_fact_and_no_further_showing(
    office: Office,
) -> None:
    slack = Slack()
    slack.always = (receipt("ana", "ben", "cho"),)
    async with (
        office.worker(slack_queue=slack_queue("T1")),
        Worker(office.client, task_queue=TEAM, activities=slack.activities),
    ):
        version = office.version(await office.describe())
        await version.asked()
        await version.until(lambda v: v.stages[0].signoffs[0].asked[0].delivery == "sent")
        facts = await version.settled()
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await slack.showed(len(facts))
        # Another command, after which everything that follows on showing would have happened.
        await version.tell(version.evidence("extra"))
        facts = await version.settled(len(facts) + 1)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await slack.showed(len(facts))
        await version.request()
        assert len(await reports(version)) == 1
        assert len(slack.shown) == len(set(slack.shown))
    assert troubles(await version.runs()) == []


@pytest.mark.parametrize("kind", ["ReportDelivery", "Prepare", "Tick"])
async def test_what_a_version_gives_itself_is_taken_from_nobody_else(
    office: Office, kind: str
) -> None:
    async with office.worker():
        version = office.version(await office.describe())
        await version.asked()
        body = {"receipts": [receipt("ana").model_dump(mode="json")]}
        envelope = Envelope(id="forged", kind=kind, by="key:ci", body=body)
        with pytest.raises(WorkflowUpdateFailedError):
            await version.handle.execute_update(UPDATE, envelope, result_type=Answer)
        before = (await version.view()).sequence
        await version.tell(envelope)
        facts = await version.settled(before + 1)
        assert kinds(facts)[-1] == "CommandUnreadable"
        assert (await asked(version))["ana"].delivery == ""
