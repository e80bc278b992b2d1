"""What people do beside answering: be on it, be reminded later, ask, delegate, go away."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lifecycle.commands import Acknowledge, AnswerQuestion, AskQuestion, Delegate, Snooze, Tick
from tests.lifecycle.stories.moves import people
from tests.lifecycle.stories.story import Story
from tests.lifecycle.world import START


class Pauses(Story):
    """People put reminders off and ask the producers."""

    @rule(
        data=st.data(),
        what=st.sampled_from(["on it", "later", "question", "question"]),
        hours=st.integers(-1, 90),
        is_asked=st.sampled_from([True, True, False]),
    )
    @precondition(lambda self: self.cards)
    def somebody_pauses(self, data: st.DataObject, what: str, hours: int, is_asked: bool) -> None:
        person = data.draw(people)
        signoff = data.draw(st.sampled_from(self.cards[-12:]))[0]
        pending = self.pending()
        if is_asked and pending:
            signoff, _, person = data.draw(st.sampled_from(pending))
        given = {**self.named(), "person": person, "signoff": signoff}
        if what == "on it":
            self.send(Acknowledge.model_validate(given))
        elif what == "later":
            until = self.now + timedelta(hours=hours)
            self.send(Snooze.model_validate({**given, "until": until}))
        else:
            self.send(AskQuestion.model_validate({**given, "text": "Why?"}))
            self.now += timedelta(hours=data.draw(st.sampled_from([0, 50, 200])))
            self.send(Tick())

    @rule(data=st.data(), person=people)
    @precondition(lambda self: self.auditor.questions)
    def somebody_answers_a_question(self, data: st.DataObject, person: str) -> None:
        question = data.draw(st.sampled_from(sorted(self.auditor.questions)))
        given = {**self.named(), "person": person, "question": question, "text": "So."}
        self.send(AnswerQuestion.model_validate(given))


class StandIns(Story):
    """People let others answer in their place."""

    @rule(
        data=st.data(),
        to=st.one_of(people, people, people, st.none()),
        hours=st.sampled_from([None, 5, 60]),
    )
    @precondition(lambda self: self.pending())
    def somebody_delegates(self, data: st.DataObject, to: str | None, hours: int | None) -> None:
        signoff, _, person = data.draw(st.sampled_from(self.pending()))
        until = self.now + timedelta(hours=hours) if hours else None
        given = {**self.named(), "person": person, "signoff": signoff, "to": to, "until": until}
        self.send(Delegate.model_validate(given))

    @rule(person=people, to=st.one_of(people, st.none()), begin=st.sampled_from([-5, 0, 20]))
    def somebody_goes_away(self, person: str, to: str | None, begin: int) -> None:
        hour = int((self.now - START) / timedelta(hours=1))
        self.crowd.away[person] = (hour + begin, hour + 72, to)
        self.read_roster()

    @rule()
    def everybody_is_back(self) -> None:
        self.crowd.away.clear()
        self.read_roster()
