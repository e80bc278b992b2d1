"""Whose a click is: a confirmed account's, whatever addresses say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from integrations.database.slack_links import Act, list_links, remove_link
from integrations.slack.sandbox.faults import ServerError
from integrations.slack.sandbox.records import Person
from lifecycle.facts import CommandRefused
from lifecycle.slack_links import SlackUser
from lifecycle.view import SignoffView
from tests.workflows.office import LONG_AGO, Office, Version, kinds
from tests.workflows.reminders import Post, post_of
from tests.workflows.test_slack_actions import Review, posting
from tests.workflows.workspace import QUEUE, Slack

HOW = "Run `undersigned slack link` and send `/undersigned link CODE` here"


@asynccontextmanager
async def reviewing(office: Office, *, trusts_email: bool = False) -> AsyncIterator[Review]:
    """Ask people whose accounts nobody confirmed."""
    async with posting(office, are_confirmed=False) as (post, version):
        post.trusts_email = trusts_email
        async with post.working():
            stage = await version.asked()
            yield Review(post, version, stage.signoffs[0])


async def approve(review: Review, person: str, account: Person | None = None) -> None:
    """Approve on the card in somebody's direct messages."""
    who, slack = account or review.post.people[person], review.post.slack
    card = await slack.changed(
        lambda _: next((m for m in slack.messages(who) if "approve" in m.actions), None),
        within=timedelta(seconds=20),
    )
    assert card is not None
    assert (await slack.click(who, who, card.ts, "approve")).is_acknowledged


async def told(review: Review, account: Person, words: str) -> None:
    """Wait until an account alone is told something."""
    slack = review.post.slack
    await slack.changed(
        lambda _: any(words in each.text for each in slack.ephemerals(account)),
        within=timedelta(seconds=20),
    )


async def states(post: Post) -> dict[str, tuple[str, str]]:
    async with post.office.engine.connect() as connection:
        page = await list_links(connection, limit=200)
    return {one["person"]: (one["user"], one["how"]) for one in page.items}


async def clicked(version: Version, signoff: SignoffView, account: Person, **via: Any) -> None:
    """Bring a click of an account that has no card of its own, as the ingress sends it."""
    spoken = {"surface": "slack", "team": account.team_id, "slack_user": account.id}
    click = version.click(signoff, "", via={**spoken, "is_account": True, **via})
    await version.tell(click)


async def test_a_proposed_account_gets_the_card_and_decides_once_it_is_confirmed(
    office: Office,
) -> None:
    async with reviewing(office) as review:
        await approve(review, "ana")
        await told(review, review.post.people["ana"], f"not confirmed as Ana's. {HOW}")
        [refused] = await review.facts("CommandRefused")
        assert refused.kind == "CommandRefused"
        assert refused.code == "unconfirmed-account"
        await review.post.confirm("ana")
        await approve(review, "ana")
        await review.until_shown("ben", "Approved by Ana")


async def test_who_took_an_address_before_the_first_contact_gains_nothing(office: Office) -> None:
    async with posting(office, are_confirmed=False) as (post, version):
        ana, slack = post.people["ana"], post.slack
        ana.email = "ana.new@example.com"
        mallory = slack.add_person("Mallory", "ana@example.com")
        async with post.working():
            stage = await version.asked()
            review = Review(post, version, stage.signoffs[0])
            await approve(review, "ana", mallory)
            await told(review, mallory, "not confirmed as Ana's")
            assert (await states(post))["ana"] == (mallory.id, "email")
            async with office.engine.begin() as connection:
                page = await list_links(connection, person="ana")
                taken = SlackUser(team=mallory.team_id, user=mallory.id)
                act = Act(by="key:admin")
                assert await remove_link(connection, taken, "ana", act=act, at=LONG_AGO)
            assert [one["slack_name"] for one in page.items] == ["Mallory"]  # which gives it away
            await post.confirm("ana")
            await approve(review, "ana", mallory)
            await clicked(version, review.signoff, ana)
            await version.until(lambda view: len(view.stages[0].signoffs[0].decisions) == 1)
            [signed] = await review.facts("SignedOff")
            assert signed.kind == "SignedOff"
            assert (signed.person, signed.via.slack_user) == ("ana", ana.id)


@pytest.mark.parametrize("trusts_email", [False, True])
async def test_who_takes_an_address_afterwards_gains_nothing(
    office: Office, trusts_email: bool
) -> None:
    async with reviewing(office, trusts_email=trusts_email) as review:
        post, version = review.post, review.version
        if not trusts_email:
            await post.confirm("ana")
        await review.until_shown("ana", "Sign-off by validator")
        stored = (await states(post))["ana"]
        assert stored == (post.people["ana"].id, "sso" if trusts_email else "admin")
        post.people["ana"].email = "ana.old@example.com"
        mallory = post.slack.add_person("Mallory", "ana@example.com")
        await clicked(version, review.signoff, mallory)
        facts = await version.settled()
        while "CommandRefused" not in kinds(facts):
            facts = await version.settled(len(facts) + 1)
        assert "SignedOff" not in kinds(facts)
        assert (await states(post))["ana"] == stored
        await approve(review, "ana")
        await review.until_shown("ben", "Approved by Ana")


async def test_where_addresses_are_trusted_the_first_click_counts(office: Office) -> None:
    async with reviewing(office, trusts_email=True) as review:
        await approve(review, "ana")
        await review.until_shown("ben", "Approved by Ana")
        facts = [fact.kind for fact in await review.version.facts()]
        assert "CommandRefused" not in facts


async def test_an_account_that_was_taken_back_decides_no_more(office: Office) -> None:
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        review = Review(post, version, stage.signoffs[0])
        card = await review.until_shown("ana", "Sign-off by validator")
        ana = post.people["ana"]
        account = SlackUser(team=ana.team_id, user=ana.id)
        async with office.engine.begin() as connection:
            act = Act(by="key:admin")
            assert await remove_link(connection, account, "ana", act=act, at=LONG_AGO)
        await version.signal("roster_changed", 1_000_000)
        await post.slack.click(ana, ana, card.ts, "approve")
        await told(review, ana, "not confirmed as Ana's")
        assert await review.facts("SignedOff") == []


async def refusal(version: Version) -> CommandRefused:
    """Wait until something is refused; give what."""
    facts = await version.settled()
    while "CommandRefused" not in kinds(facts):
        facts = await version.settled(len(facts) + 1)
    found = [fact for fact in facts if isinstance(fact, CommandRefused)]
    return found[-1]


async def later(office: Office) -> None:
    """Let Slack's last word on every account be older than it is believed without asking."""
    async with office.engine.begin() as connection:
        old = text("UPDATE slack_check SET checked_at = checked_at - interval '2 hours'")
        await connection.execute(old)


@pytest.mark.parametrize(
    ("field", "words"),
    [("is_restricted", "is a guest's"), ("deleted", "is deactivated"), ("is_bot", "is a bot's")],
)
async def test_an_account_that_changed_since_is_refused_by_what_slack_says_now(
    office: Office, field: str, words: str
) -> None:
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        setattr(post.people["ana"], field, True)  # no event tells of it
        await clicked(version, stage.signoffs[0], post.people["ana"])
        refused = await refusal(version)
        assert (refused.code, words in refused.reason) == ("barred-account", True)
        assert "SignedOff" not in kinds(await version.facts())
        assert len(post.slack.calls_of("users.info")) == 1


async def test_slacks_word_is_taken_for_an_hour_and_asked_for_again(office: Office) -> None:
    async with posting(office) as (post, version), post.working():
        review = Review(post, version, (await version.asked()).signoffs[0])
        for _ in range(2):
            await review.choose("cho", "on_it")
        await review.until_shown("cho", "You said that you are on it")
        assert len(post.slack.calls_of("users.info")) == 1
        other = office.version(version.model, "2")
        await other.asked()
        await clicked(other, (await other.view()).stages[0].signoffs[0], post.people["cho"])
        await other.until(lambda view: bool(view.stages[0].signoffs[0].decisions))
        assert len(post.slack.calls_of("users.info")) == 1  # by the database
        await later(office)
        third = office.version(version.model, "3")
        await third.asked()
        await clicked(third, (await third.view()).stages[0].signoffs[0], post.people["cho"])
        await third.until(lambda view: bool(view.stages[0].signoffs[0].decisions))
        assert len(post.slack.calls_of("users.info")) == 2


async def test_while_slack_can_not_be_asked_its_last_word_counts_and_none_does_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.speaking.ASK_LONGER", timedelta(seconds=2))
    monkeypatch.setattr("workflows.speaking.ASK_WITHIN", timedelta(seconds=2))
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        await clicked(version, stage.signoffs[0], post.people["ana"])
        await version.until(lambda view: bool(view.stages[0].signoffs[0].decisions))
        await later(office)
        post.slack.faults.always("users.info", ServerError(503))
        other = office.version(version.model, "2")
        signoff = (await other.asked()).signoffs[0]
        await clicked(other, signoff, post.people["ana"])
        await other.until(lambda view: bool(view.stages[0].signoffs[0].decisions))
        await clicked(other, signoff, post.people["ben"])
        assert (await refusal(other)).code == "unchecked-account"


async def test_a_guest_who_is_a_member_again_decides_again(office: Office) -> None:
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        ana = post.people["ana"]
        await post.slack.change_person(ana, is_restricted=True)
        await clicked(version, stage.signoffs[0], ana)
        assert (await refusal(version)).code == "barred-account"
        ana.is_restricted = False
        await later(office)
        again = office.version(version.model, "2")
        await again.asked()
        await clicked(again, (await again.view()).stages[0].signoffs[0], ana)
        await again.until(lambda view: bool(view.stages[0].signoffs[0].decisions))


async def test_the_account_of_another_workspace_is_nobodys_here(office: Office) -> None:
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        ana = post.people["ana"]
        stranger = post.slack.add_person("Ana", "ana@example.com", team_id="T0ELSEWHERE")
        await clicked(version, stage.signoffs[0], stranger)
        assert (await refusal(version)).code == "not-an-owner"
        await clicked(version, stage.signoffs[0], ana, team="T0ELSEWHERE")
        await version.settled()
        assert "SignedOff" not in kinds(await version.facts())
        assert (await states(post))["ana"] == (ana.id, "admin")


async def test_a_click_of_an_account_is_judged_by_the_account_alone(office: Office) -> None:
    slack = Slack()
    version = office.version(await office.describe())
    via = {"surface": "slack", "team": "T1", "slack_user": "U9", "is_account": True}
    async with office.worker(slack_queue=QUEUE), slack.worker(office.client):
        stage = await version.asked()
        await version.tell(version.click(stage.signoffs[0], "ana", via=via))
        await slack.answered.wait()
    assert [(seen.team, seen.user) for seen in slack.looked_up] == [("T1", "U9")]
    assert "Your Slack account is not linked to anybody" in slack.answers[0].sentence


async def test_a_gathering_without_slack_refuses_an_account_that_nobody_confirmed(
    office: Office,
) -> None:
    async with post_of(office, timedelta(0)) as post, office.worker():
        version = office.version(await office.describe())
        stage = await version.asked()
        await clicked(version, stage.signoffs[0], post.people["ana"])
        facts = await version.settled()
        while "CommandRefused" not in kinds(facts):
            facts = await version.settled(len(facts) + 1)
