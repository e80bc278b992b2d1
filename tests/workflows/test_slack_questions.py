"""A question from the card to the record and back: in the thread, in direct messages, once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from integrations.slack.sandbox.records import Message, Person
from lifecycle.signoff_facts import QuestionAnswered
from tests.workflows.office import PATIENCE, Office
from tests.workflows.test_slack_actions import Review, posting

ROOM = "model-m"


@dataclass
class Discussion:
    """A review whose model has a channel."""

    review: Review

    def person(self, name: str) -> Person:
        return self.review.post.people[name]

    async def found(self, look: Callable[[], Message | None]) -> Message:
        found = await self.review.post.slack.changed(lambda _: look(), within=PATIENCE)
        assert found is not None
        return found

    async def card(self) -> Message:
        """Wait for the card in the channel."""
        slack = self.review.post.slack
        return await self.found(lambda: next(iter(slack.messages(ROOM)), None))

    async def told(self, words: str) -> Message:
        """Wait until the thread says something."""
        card, slack = await self.card(), self.review.post.slack
        return await self.found(
            lambda: next((m for m in slack.thread(ROOM, card.ts) if words in str(m.blocks)), None)
        )

    async def direct(self, name: str, words: str) -> Message:
        """Wait until somebody is told something directly."""
        slack = self.review.post.slack
        return await self.found(
            lambda: next(
                (m for m in slack.messages(self.person(name)) if words in str(m.blocks)), None
            )
        )

    async def reply(self, name: str, words: str, *, to: Message | None = None) -> None:
        """Write in the thread of a message, by default of the channel's card."""
        at = to or await self.card()
        await self.review.post.slack.say(
            self.person(name), self.review.post.slack.channel(at.channel), words, thread_ts=at.ts
        )

    async def answers(self) -> list[QuestionAnswered]:
        """Give the answers on record."""
        found = await self.review.facts("QuestionAnswered")
        return [fact for fact in found if isinstance(fact, QuestionAnswered)]


@asynccontextmanager
async def discussing(office: Office, *producers: str) -> AsyncIterator[Discussion]:
    async with posting(office, f"#{ROOM}") as (post, version):
        version.producers = producers or version.producers
        post.slack.add_channel(ROOM, members=post.people.values())
        async with post.working():
            stage = await version.asked()
            yield Discussion(Review(post, version, stage.signoffs[0]))


@pytest.fixture
async def discussion(office: Office) -> AsyncIterator[Discussion]:
    async with discussing(office) as found:
        await found.review.choose("ana", "ask", question="Which months?")
        await found.told("Which months?")
        yield found


async def test_a_reply_in_the_thread_is_the_answer_on_record_and_the_asker_is_told(
    discussion: Discussion,
) -> None:
    asked = await discussion.told("Which months?")
    assert asked.actions == ["answer"]
    await discussion.reply("ben", "May and June.")
    await discussion.review.told("ben", "Your answer is recorded.")
    answer = await discussion.told("May and June.")
    assert "Ben answers the question of Ana" in answer.shown
    await discussion.direct("ana", "May and June.")
    await discussion.found(lambda: None if asked.actions else asked)
    [fact] = await discussion.answers()
    assert (fact.by, fact.text) == ("ben", "May and June.")
    assert (fact.via.surface, fact.via.slack_user) == ("slack", discussion.person("ben").id)
    view = await discussion.review.version.view()
    assert view.stages[0].paused_since is None


async def test_a_reply_that_is_delivered_again_counts_and_is_said_once(
    discussion: Discussion,
) -> None:
    await discussion.reply("ben", "May and June.")
    slack = discussion.review.post.slack
    sent = next(one for one in reversed(slack.deliveries) if one.kind == "events_api")
    await slack.redeliver(sent)
    await discussion.review.told("ben", "Your answer is recorded.")
    await discussion.told("May and June.")
    assert len(await discussion.answers()) == 1
    whispers = [each.text for each in slack.ephemerals(discussion.person("ben"))]
    assert whispers == ["Your answer is recorded."]


async def test_whoever_may_not_answer_hears_it_alone(discussion: Discussion) -> None:
    await discussion.reply("dee", "All of them.")
    await discussion.review.told("dee", "may answer this; ask one of them.")
    assert await discussion.answers() == []


async def test_whom_the_question_was_told_answers_in_the_thread_of_that_message(
    discussion: Discussion,
) -> None:
    told = await discussion.direct("ben", "Ana asks about")
    assert told.actions == ["answer"]
    await discussion.reply("ben", "May and June.", to=told)
    await discussion.told("May and June.")
    await discussion.found(lambda: None if told.actions else told)
    assert "Answered by Ben" in told.shown
    await discussion.reply("ben", "Nobody is asked any more.", to=told)
    assert len(await discussion.answers()) == 1


async def test_of_two_questions_the_button_answers_its_own(discussion: Discussion) -> None:
    await discussion.review.choose("ben", "ask", question="Which labels?")
    asked = await discussion.told("Which labels?")
    await discussion.reply("cho", "Those of May.")
    await discussion.review.told("cho", "2 questions are open here.")
    cho, slack = discussion.person("cho"), discussion.review.post.slack
    await slack.click(cho, ROOM, asked.ts, "answer")
    await slack.submit_view(cho, values={"answer": {"answer": "The labels of QA."}})
    await discussion.told("The labels of QA.")
    [fact] = await discussion.answers()
    stage = (await discussion.review.version.view()).stages[0]
    [still] = [one.text for one in stage.questions if one.answered_at is None]
    assert (fact.text, still) == ("The labels of QA.", "Which months?")


async def test_an_answer_to_an_answered_question_is_refused_to_its_maker(
    discussion: Discussion,
) -> None:
    asked = await discussion.told("Which months?")
    cho, slack = discussion.person("cho"), discussion.review.post.slack
    await slack.click(cho, ROOM, asked.ts, "answer")
    await discussion.reply("ben", "May and June.")
    await discussion.told("May and June.")
    await slack.submit_view(cho, values={"answer": {"answer": "July."}})
    await discussion.review.told("cho", "This is answered already, by Ben.")
    assert len(await discussion.answers()) == 1


async def test_the_producer_answers_in_the_thread_and_owners_need_not(office: Office) -> None:
    async with discussing(office, "dee") as discussion:
        await discussion.review.choose("ana", "ask", question="Which months?")
        await discussion.direct("dee", "Ana asks about")
        await discussion.reply("dee", "May and June.")
        await discussion.review.told("dee", "Your answer is recorded.")
        await discussion.direct("ana", "answers your question: May and June.")
        [fact] = await discussion.answers()
        assert (fact.by, fact.text) == ("dee", "May and June.")
        asked = discussion.review.post.slack.messages(discussion.person("ben"))
        assert not any("Ana asks about" in each.shown for each in asked)


async def test_the_apps_own_messages_in_the_thread_answer_nothing(discussion: Discussion) -> None:
    slack, card = discussion.review.post.slack, await discussion.card()
    asked = await discussion.told("Which months?")

    def heard() -> bool:
        events = [each.payload["event"] for each in slack.echoes.deliveries if each.is_acknowledged]
        return any(one["ts"] == asked.ts and one["thread_ts"] == card.ts for one in events)

    await slack.changed(lambda _: heard(), within=PATIENCE)
    assert await discussion.answers() == []
    assert await discussion.review.facts("CommandRefused") == []
