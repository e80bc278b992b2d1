"""Requests that reach people, or don't, in any order and by any way."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from lifecycle.commands import ReportDelivery
from lifecycle.receipts import TOKEN_LOST, Receipt
from lifecycle.signoff_facts import DeliveryReported, StepHastened, UnreachedTold
from lifecycle.values import SignoffKey
from tests.lifecycle.stories.story import Story

outcomes = st.sampled_from(
    [
        ("slack", "sent", ""),
        ("slack", "failed", "user_disabled"),
        ("slack", "failed", "token_revoked"),
        ("slack", "not in Slack", "users_not_found"),
        ("slack", "not in Slack", "users_not_found"),
        ("email", "sent", ""),
        ("email", "failed", "550 no such user"),
    ]
)


class Deliveries(Story):
    """The shell reports whom requests reached, also what is known, over or was never asked."""

    @rule(data=st.data(), what=outcomes, mails=st.booleans(), everybody=st.booleans())
    @precondition(lambda self: self.cards)
    def something_is_delivered(
        self, data: st.DataObject, what: tuple[Any, Any, str], mails: bool, everybody: bool
    ) -> None:
        pending = self.pending()
        name = data.draw(st.sampled_from(self.cards[-12:]))[0]
        people: tuple[str, ...] = ("ana", "nobody")
        if pending:
            name, _, person = data.draw(st.sampled_from(pending))
            asked = tuple(dict.fromkeys(who for id_, _, who in pending if id_ == name))
            people = asked if everybody else (person,)
        key, (way, outcome, why) = SignoffKey.parse(name), what
        receipt = Receipt(
            stage=key.stage,
            round=key.round,
            role=key.role,
            way=way,
            outcome=outcome,
            why=why,
            people=people,
        )
        command = ReportDelivery(receipts=(receipt,), mails=mails)
        before = len(self.facts)
        self.send(command)
        assert self.refusal is None
        new = self.facts[before:]
        self.send(command)
        assert len(self.facts) == before + len(new), "the same again is no news"
        if any(isinstance(fact, UnreachedTold | StepHastened) for fact in new):
            assert outcome != "sent"
            assert why not in TOKEN_LOST

    @invariant()
    def nobody_is_told_of_the_same_person_twice(self) -> None:
        told = Counter(
            (fact.stage, fact.round, fact.role, person)
            for fact in self.facts
            if isinstance(fact, UnreachedTold) and fact.step is None
            for person in fact.about
        )
        assert all(count == 1 for count in told.values())

    @invariant()
    def one_step_is_taken_early_in_a_round(self) -> None:
        early = Counter(
            (fact.stage, fact.round, fact.role)
            for fact in self.facts
            if isinstance(fact, StepHastened)
            or (isinstance(fact, UnreachedTold) and fact.step is not None)
        )
        assert all(count == 1 for count in early.values())

    @invariant()
    def receipts_are_few(self) -> None:
        """Each person has three kinds of news by each way, so that showing comes to rest."""
        seen = Counter(
            (receipt.stage, receipt.round, receipt.role, receipt.way, person)
            for fact in self.facts
            if isinstance(fact, DeliveryReported)
            for receipt in fact.receipts
            for person in receipt.people
        )
        assert all(count <= 4 for count in seen.values())
