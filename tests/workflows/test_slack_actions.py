"""What owners do on a card, from the click through the version's workflow back onto the card."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from api.clicks import DurableClicks
from api.slack import build_slack, slack_router
from integrations.slack.interim import showing_interim
from integrations.slack.lookups import colleague_finder, lookups, person_finder, signoff_loader
from integrations.slack.sandbox.records import Message
from lifecycle.facts import AnyFact
from lifecycle.view import AskedView, SignoffView
from tests.api.slack_app import served
from tests.workflows.office import PATIENCE, Office, Version, kinds
from tests.workflows.reminders import Post, post_of


@dataclass
class Review:
    """A version whose owners have their cards."""

    post: Post
    version: Version
    signoff: SignoffView

    def card(self, person: str) -> Message | None:
        """Give a person's card, once it is there."""
        found = self.post.slack.messages(self.post.people[person])
        return next((each for each in found if "Sign-off by validator" in each.shown), None)

    async def until_shown(self, person: str, words: str) -> Message:
        """Wait until a person's card says something."""

        def says() -> Message | None:
            card = self.card(person)
            return card if card is not None and words in card.shown else None

        found = await self.post.slack.changed(lambda _: says(), within=PATIENCE)
        assert found is not None
        return found

    async def choose(self, person: str, what: str, **fields: object) -> None:
        """Choose from the menu of a person's card, and fill the form in where there is one."""
        card = await self.until_shown(person, "Sign-off by validator")
        account, slack = self.post.people[person], self.post.slack
        assert (await slack.choose(account, account, card.ts, "more", what)).is_acknowledged
        if fields:
            values = {name: {name: value} for name, value in fields.items()}
            await slack.submit_view(account, values=values)
            assert slack.open_views(account) == []

    async def asked(self, person: str) -> AskedView:
        """Give what the workflow holds of somebody who is asked."""
        [signoff] = (await self.version.view()).stages[0].signoffs
        return next(each for each in signoff.asked if each.person == person)

    async def told(self, person: str, words: str) -> None:
        """Wait until a person alone is told something."""
        account = self.post.people[person]

        def said() -> bool:
            return any(words in each.text for each in self.post.slack.ephemerals(account))

        await self.post.slack.changed(lambda _: said(), within=PATIENCE)

    async def facts(self, kind: str) -> list[AnyFact]:
        """Give the recorded facts of a kind."""
        return [fact for fact in await self.version.settled() if fact.kind == kind]


@asynccontextmanager
async def posting(
    office: Office,
    slack_channel: str | None = None,
    definition: dict[str, Any] | None = None,
    *,
    are_confirmed: bool = True,
) -> AsyncIterator[tuple[Post, Version]]:
    """Open a workspace whose clicks reach the office, and describe a version."""
    async with (
        post_of(office, timedelta(0)) as post,
        showing_interim(post.client, office.engine, signoff_loader(office.engine)) as interim,
    ):
        version = office.version(await office.describe(definition, slack_channel=slack_channel))
        await (post.enrol() if are_confirmed else post.describe())
        bolt = build_slack(
            post.client,
            DurableClicks(office.lifecycles),
            person_finder(office.engine),
            signoff_loader(office.engine),
            by_address=colleague_finder(office.engine, post.client),
            after_kept=interim.begin,
            lookups=lookups(office.engine, post.client),
        )
        app = FastAPI()
        app.include_router(slack_router(bolt, post.slack.signing_secret))
        async with served(app) as url:
            post.slack.connect(f"{url}/slack/events")
            yield post, version


@pytest.fixture
async def review(office: Office) -> AsyncIterator[Review]:
    async with posting(office) as (post, version), post.working():
        stage = await version.asked()
        yield Review(post, version, stage.signoffs[0])


async def test_what_is_chosen_while_no_worker_runs_is_done_when_one_does(office: Office) -> None:
    async with posting(office) as (post, version):
        async with post.working(is_lasting=False):
            stage = await version.asked()
            review = Review(post, version, stage.signoffs[0])
            await review.until_shown("ana", "Sign-off by validator")
            await review.until_shown("ben", "Sign-off by validator")
        await review.choose("ana", "on_it")
        await review.choose("ben", "delegate", to=post.people["dee"].id)
        async with post.working():
            await review.until_shown("ben", "Ana (on it)")
            await review.until_shown("dee", "You may sign on behalf of Ben.")


async def test_being_on_it_counts_once_however_often_it_is_delivered(review: Review) -> None:
    await review.choose("ana", "on_it")
    await review.post.slack.redeliver(review.post.slack.deliveries[-1])
    await review.until_shown("ana", "You said that you are on it")
    await review.until_shown("ben", "Ana (on it)")
    assert (await review.asked("ana")).has_acknowledged
    assert len(await review.facts("Acknowledged")) == 1


async def test_a_delegate_who_was_never_in_slack_gets_the_card_and_signs_on_behalf(
    review: Review,
) -> None:
    dee = review.post.people["dee"]
    await review.choose("ben", "delegate", to=dee.id, why="Travel.")
    await review.until_shown("ben", "You delegated this to Dee.")
    card = await review.until_shown("dee", "You may sign on behalf of Ben.")
    await review.post.slack.click(dee, dee, card.ts, "approve")
    await review.until_shown("ana", "Approved by Dee on behalf of Ben")
    [delegated] = await review.facts("Delegated")
    assert delegated.kind == "Delegated"
    assert (delegated.person, delegated.to, delegated.reason) == ("ben", "dee", "Travel.")
    assert (delegated.via.surface, delegated.via.team) == ("slack", review.post.team.id)


async def test_a_delegation_is_taken_back_by_naming_nobody(review: Review) -> None:
    await review.choose("ben", "delegate", to=review.post.people["dee"].id)
    await review.until_shown("ben", "You delegated this to Dee.")
    await review.version.settled()
    await review.choose("ben", "delegate", why="Back again.")
    await review.version.until(lambda view: not view.stages[0].signoffs[0].delegations)
    await review.until_shown("dee", "You are no longer asked to sign this.")


async def test_a_snooze_is_on_the_card_until_when(review: Review) -> None:
    card = await review.until_shown("cho", "Sign-off by validator")
    cho, slack = review.post.people["cho"], review.post.slack
    await slack.choose(cho, cho, card.ts, "more", "snooze")
    [view] = slack.open_views(cho)
    first = view.blocks[1]["element"]["options"][0]["value"]
    await slack.submit_view(cho, values={"remind_at": {"remind_at": first}})
    await review.until_shown("cho", "You asked for a reminder at")
    snoozed = (await review.asked("cho")).snoozed_until
    assert snoozed is not None
    assert snoozed.isoformat() == first


async def test_a_question_lets_the_clock_stand_on_every_card(review: Review) -> None:
    await review.choose("ana", "ask", question="Which months are held out?")
    for person in ("ana", "ben", "cho"):
        card = await review.until_shown(person, "The clock stands since")
        assert "Ana asked: Which months are held out?" in card.shown


async def test_what_the_rules_refuse_is_said_to_whoever_chose_it(review: Review) -> None:
    await review.choose("cho", "delegate", to=review.post.people["ana"].id)
    await review.told("cho", "Ana may sign as validator already")
    [refused] = await review.facts("CommandRefused")
    assert refused.kind == "CommandRefused"
    assert (refused.command, refused.code) == ("Delegate", "already-asked")


async def test_a_snooze_past_the_deadline_is_refused_by_the_rules(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    [signoff] = (await review.version.view()).stages[0].signoffs
    assert signoff.due is not None
    late = signoff.due + timedelta(hours=1)
    monkeypatch.setattr("api.slack_menu.snooze_choices", lambda *_: {late: "Too late"})
    await review.choose("ana", "snooze", remind_at=late.isoformat())
    [refused] = await review.facts("CommandRefused")
    assert refused.kind == "CommandRefused"
    assert (refused.command, refused.code) == ("Snooze", "past-deadline")
    await review.told("ana", refused.reason)


@pytest.mark.parametrize(
    ("what", "fields"), [("on_it", {}), ("delegate", {"to": "dee"}), ("ask", {"question": "Why?"})]
)
async def test_a_choice_on_a_card_that_is_over_is_answered(
    review: Review, what: str, fields: dict[str, str]
) -> None:
    card = await review.until_shown("cho", "Sign-off by validator")
    for person in ("ana", "ben"):
        await review.version.ask(review.version.decision(review.signoff, person))
    await review.until_shown("cho", "Approved by")
    cho, slack, people = review.post.people["cho"], review.post.slack, review.post.people
    before = len(await review.version.settled())
    await slack.choose(cho, cho, card.ts, "more", what, version=0)
    if fields:
        values = {name: {name: people[v].id if v in people else v} for name, v in fields.items()}
        await slack.submit_view(cho, values=values)
    await review.told("cho", "validator")
    # People are read again for a delegate whom nobody knew here.
    since = kinds(await review.version.settled())[before:]
    assert [kind for kind in since if kind != "RosterRead"] == ["CommandRefused"]


async def recorded(review: Review, person: str, words: str) -> None:
    """Wait until a person's card said "Recording…" once, and says something else since."""
    slack = review.post.slack

    def is_over() -> bool:
        updates = slack.calls_of("chat.update")
        said = [call for call in updates if "Recording…" in str(call.arguments["blocks"])]
        card = review.card(person)
        shown = card.shown if card is not None else ""
        return bool(said) and words in shown and "Recording…" not in shown

    await slack.changed(lambda _: is_over(), within=PATIENCE)


async def test_a_decision_says_that_it_is_recorded_until_its_outcome_is_on_every_card(
    review: Review,
) -> None:
    card = await review.until_shown("ana", "Sign-off by validator")
    ana = review.post.people["ana"]
    assert (await review.post.slack.click(ana, ana, card.ts, "approve")).is_acknowledged
    await recorded(review, "ana", "Approved by Ana")
    for person in ("ben", "cho"):
        await review.until_shown(person, "Approved by Ana")


async def test_a_refused_decision_does_not_leave_a_card_waiting(review: Review) -> None:
    card = await review.until_shown("ana", "Sign-off by validator")
    await review.version.ask(review.version.decision(review.signoff, "ana"))
    await review.until_shown("ana", "Approved by Ana")
    ana = review.post.people["ana"]
    await review.post.slack.click_stale(ana, ana, card.ts, "approve")
    await review.told("ana", "You already approved this as validator")
    await recorded(review, "ana", "Approved by Ana")


async def test_a_decision_that_no_worker_takes_yet_says_that_it_is_being_recorded(
    office: Office,
) -> None:
    async with posting(office) as (post, version):
        async with post.working(is_lasting=False):
            stage = await version.asked()
            review = Review(post, version, stage.signoffs[0])
            card = await review.until_shown("ana", "Sign-off by validator")
        ana = post.people["ana"]
        assert (await post.slack.click(ana, ana, card.ts, "approve")).is_acknowledged
        waiting = await review.until_shown("ana", "Recording…")
        assert waiting.actions == []
        async with post.working():
            await review.until_shown("ana", "Approved by Ana")


async def test_a_click_on_an_old_screen_after_the_version_has_ended_is_answered(
    review: Review,
) -> None:
    card = await review.until_shown("ana", "Sign-off by validator")
    await review.version.retire()
    await review.version.handle.result()
    ana = review.post.people["ana"]
    await review.post.slack.click_stale(ana, ana, card.ts, "approve")
    await review.told("ana", "Nothing to decide any more")
    assert "SignedOff" not in kinds(await review.version.facts())
