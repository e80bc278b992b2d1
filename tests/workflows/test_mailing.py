"""E-mail to whom Slack does not reach: apart from Slack, once, and never when it is over."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from activities.reading import ReadingActivities
from api.workers import work_for_slack
from integrations.database.slack_tokens import note_own
from integrations.mail.mailing import Mailing
from integrations.mail.server import MailServer
from integrations.settings import Settings
from integrations.slack.client import open_client
from lifecycle.receipts import Receipt
from lifecycle.signoff_facts import DeliveryReported
from lifecycle.view import AskedView
from tests.integrations.mail.mailbox import HOST, Mailbox, mailbox, text_of
from tests.workflows.office import PATIENCE, Office, Version, named, troubles
from tests.workflows.reminders import Post, post_of

SENDER = "undersigned@models.example"


@pytest.fixture
async def post(office: Office) -> AsyncIterator[Post]:
    async with post_of(office, timedelta(0)) as post:
        yield post


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as found:
        yield found


def mailing(post: Post, server: MailServer) -> Mailing:
    return Mailing(server, post.office.engine, sender=SENDER, url="https://u.example")


async def described(post: Post, *strangers: str) -> Version:
    """Describe a version of which somebody has another address in Slack."""
    model = await post.office.describe()
    await post.describe()
    for person in post.people:
        if person in strangers:
            post.people[person].email = f"{person}@elsewhere.example"
        else:
            await post.confirm(person)
    return post.office.version(model)


async def asked(version: Version, person: str) -> AskedView:
    [signoff] = (await version.view()).stages[0].signoffs
    return next(each for each in signoff.asked if each.person == person)


async def until(version: Version, person: str, delivery: str, by: str) -> None:
    def is_so(found: AskedView) -> bool:
        return (found.person, found.delivery, found.delivered_by) == (person, delivery, by)

    await version.until(lambda v: any(map(is_so, v.stages[0].signoffs[0].asked)))


async def by_mail(version: Version) -> list[Receipt]:
    facts = [fact for fact in await version.settled() if isinstance(fact, DeliveryReported)]
    return [one for fact in facts for one in fact.receipts if one.way == "email"]


async def test_who_is_not_in_slack_is_asked_by_one_letter_and_it_is_on_record(
    post: Post, box: Mailbox
) -> None:
    version = await described(post, "cho")
    async with post.working(mailing=mailing(post, box.server)):
        await version.asked()
        await until(version, "cho", "sent", "email")
        await until(version, "ana", "sent", "slack")
        await version.tell(version.evidence("extra"))
        await version.request()
        [receipt] = await by_mail(version)
        assert (receipt.outcome, receipt.people) == ("sent", ("cho",))
        assert box.recipients == [["cho@example.com"]]
        assert f"undersigned sign {version.model}:1:validate:1:validator" in text_of(box.letters[0])
        assert "no account with cho@example.com" in text_of(box.letters[0])
    assert troubles(await version.runs()) == []


async def test_while_the_token_is_lost_new_requests_go_by_mail_and_cards_follow(
    post: Post, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.slack.AUTH_LOST_PAUSE", timedelta(milliseconds=200))
    monkeypatch.setattr("integrations.slack.token.PROBE_EVERY", timedelta(milliseconds=100))
    version = await described(post)
    post.slack.revoke_token()
    async with post.working(mailing=mailing(post, box.server)):
        await version.asked()
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await box.holds(3)
        await until(version, "ana", "sent", "email")
        assert (await asked(version, "ana")).undelivered == "the token of the Slack app is revoked"
        assert not post.slack.messages(post.people["ana"])
        post.slack.restore_token()
        await until(version, "ana", "sent", "slack")
        assert len(post.slack.messages(post.people["ana"])) == 1
        assert len(box.letters) == 3


async def test_a_worker_that_starts_with_a_refused_token_asks_by_mail_and_sends_cards_later(
    post: Post, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.slack.AUTH_LOST_PAUSE", timedelta(milliseconds=200))
    monkeypatch.setattr("api.token_watch.IDENTIFY_AGAIN", timedelta(milliseconds=200))
    version = await described(post)
    async with post.office.engine.begin() as connection:
        await note_own(connection, post.team.id)
    post.slack.revoke_token()
    office, mails = post.office, mailing(post, box.server)
    reads = ReadingActivities(office.engine, mails=True)
    reads.is_home_unknown = True
    settings = Settings(_env_file=None, digests=False)
    async with (
        open_client(post.slack.bot_token, post.slack.base_url) as fresh,
        office.worker(reading=reads, mailing=mails),
    ):
        joining = asyncio.create_task(
            work_for_slack(fresh, office.client, office.engine, reads, settings)
        )
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while reads.slack_queue is None:  # noqa: ASYNC110 - nobody announces it
                    await asyncio.sleep(0.02)
            await version.asked()
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await box.holds(3)
            assert not post.slack.messages(post.people["ana"])
            post.slack.restore_token()
            await until(version, "ana", "sent", "slack")
            assert len(post.slack.messages(post.people["ana"])) == 1
        finally:
            joining.cancel()
            await asyncio.gather(joining, return_exceptions=True)


async def test_a_mail_server_that_is_away_holds_up_neither_slack_nor_decisions(post: Post) -> None:
    version = await described(post, "cho")
    async with post.working(mailing=mailing(post, MailServer(HOST, 1, "none"))):
        stage = await version.asked()
        await until(version, "ana", "sent", "slack")
        for person in ("ana", "ben"):
            assert (await version.ask(version.decision(stage.signoffs[0], person))).recorded
        view = await version.until(lambda v: v.status == "approved")
        assert view.stages[0].status == "approved"
        assert (await version.retire()).changed
        await version.handle.result()  # nobody waits for the letter of what is over
    tried = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in named(await version.history(), "ACTIVITY_TASK_SCHEDULED")
    ]
    assert tried.count("mail_requests") == 1


async def test_without_a_mail_server_nobody_is_asked_by_mail(post: Post) -> None:
    version = await described(post, "cho")
    async with post.working():
        await version.asked()
        await until(version, "cho", "not in Slack", "")
        await version.request()
        assert await by_mail(version) == []
    tried = {
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in named(await version.history(), "ACTIVITY_TASK_SCHEDULED")
    }
    assert "mail_requests" not in tried
