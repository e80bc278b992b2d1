"""Whom reminders and escalations reach, and when they may go out."""

from lifecycle.facts import AnyFact
from lifecycle.signoff_facts import (
    Acknowledged,
    ChannelTold,
    QuestionAnswered,
    QuestionAsked,
    StageExpired,
)
from lifecycle.stage_facts import EscalationAsked, EscalationTold, OwnersReminded
from tests.lifecycle.audit.ballots import Place
from tests.lifecycle.audit.book import Book
from tests.lifecycle.audit.standing import Before, Standing

Step = OwnersReminded | EscalationTold | EscalationAsked | ChannelTold | StageExpired


class Silence(Standing):
    """Follows what silence leads to."""

    def __init__(self, books: dict[str, Book], first: Book, before: dict[Place, Before]) -> None:
        super().__init__(books, first, before)
        self.questions: dict[str, tuple[str, int]] = {}

    def read_silence(self, fact: AnyFact) -> None:
        """Take what was done because nobody answered; fails when it was not to be done."""
        match fact:
            case QuestionAsked():
                self.questions[fact.question] = (fact.stage, fact.round)
            case QuestionAnswered():
                self.questions.pop(fact.question, None)
            case Acknowledged():
                assert self.may_answer((fact.stage, fact.role), fact.person, fact.at), fact
            case OwnersReminded():
                self._check_waits(fact)
                for person in fact.people:
                    self._check_reminded(fact, person)
            case EscalationTold() | EscalationAsked() | ChannelTold() | StageExpired():
                self._check_waits(fact)
            case _:
                pass

    def _check_waits(self, fact: Step) -> None:
        """Fail when a step is taken for a round that is decided, or while its clock stands."""
        assert self.open.get(fact.stage) == fact.round, f"{fact} escalates what is over"
        left = set(self.requested[fact.stage]) - self.reached[fact.stage]
        assert left, f"{fact} escalates what everybody decided"
        asked = (fact.stage, fact.round)
        assert asked not in self.questions.values(), f"{fact} comes while the clock stands"

    def _check_reminded(self, fact: OwnersReminded, person: str) -> None:
        for role in self.requested[fact.stage]:
            place = (fact.stage, role)
            if role in self.reached[fact.stage] or not self.may_answer(place, person, fact.at):
                continue
            if person not in self.valid(place, fact.at):
                return
        raise AssertionError(f"{person} is reminded of {fact.stage} and can't decide")
