"""What a version's facts say of the people in it: who was asked, who answered, how long it took."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from lifecycle.explain import explain
from lifecycle.facts import AnyFact, ReviewRequested, VersionApproved
from lifecycle.signoff_facts import Dissented, StageHeld
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    EscalationTold,
    OwnersAsked,
    OwnersReminded,
    SignedOff,
    StageUnowned,
)
from lifecycle.state import VersionState
from lifecycle.values import Frozen

Who = tuple[str, str, str]
"""Stage, role and person."""


_COUNTED = {
    OwnersAsked, EscalationAsked, EscalationTold, SignedOff, ChangesRequested, Dissented,
    OwnersReminded, StageUnowned, StageHeld, ReviewRequested, VersionApproved,
}  # fmt: skip
"""The facts that figures come from."""


class Observation(Frozen):
    """One version's life, in figures."""

    asked: dict[Who, int] = {}
    """How often each was asked."""
    answered: dict[Who, int] = {}
    reminded: int = 0
    escalated: int = 0
    stuck: int = 0
    """How often a stage was held or had nobody to ask."""
    to_approval: timedelta | None = None
    """From the first request for review to the first approval of the whole version."""
    refused: dict[tuple[str, str], int] = {}
    """Answers that the rules refused, by code and sentence."""
    not_asked: dict[Who, int] = {}
    """Answers that were given once and that nobody asks for any more."""
    stopped: str = ""
    """What a version that was never approved waits for at its end, as a sentence."""


class Watch:
    """Takes facts in order and keeps count."""

    def __init__(self) -> None:
        self.asked: Counter[Who] = Counter()
        self.answered: Counter[Who] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.not_asked: Counter[Who] = Counter()
        self.reminded = self.escalated = self.stuck = 0
        self.requested: datetime | None = None
        self.approved: datetime | None = None
        self.stopped = ""

    def take(self, facts: Iterable[AnyFact]) -> None:
        """Count what happened."""
        for fact in facts:
            if type(fact) in _COUNTED:
                self._count(fact)

    def _count(self, fact: AnyFact) -> None:
        self.asked.update(newly_asked(fact))
        match fact:
            case SignedOff() | ChangesRequested() | Dissented():
                self.answered[fact.stage, fact.role, fact.person] += 1
            case OwnersReminded():
                self.reminded += len(fact.people)
            case EscalationTold() | EscalationAsked():
                self.escalated += 1
            case StageUnowned() | StageHeld():
                self.stuck += 1
            case ReviewRequested():
                self.requested = self.requested or fact.at
            case VersionApproved():
                self.approved = self.approved or fact.at
            case _:
                pass

    def end(self, state: VersionState) -> None:
        """Note what a version that was never approved waits for."""
        if self.approved is None:
            self.stopped = explain(state).summary

    def observation(self) -> Observation:
        """Give the figures."""
        is_timed = self.requested is not None and self.approved is not None
        return Observation(
            asked=dict(self.asked),
            answered=dict(self.answered),
            reminded=self.reminded,
            escalated=self.escalated,
            stuck=self.stuck,
            to_approval=self.approved - self.requested
            if is_timed and self.approved and self.requested
            else None,
            refused=dict(self.refused),
            not_asked=dict(self.not_asked),
            stopped=self.stopped,
        )


def newly_asked(fact: AnyFact) -> tuple[Who, ...]:
    """Give whom a fact asks; who approved before and still counts is not asked again."""
    match fact:
        case OwnersAsked():
            return tuple(
                (fact.stage, one.role, person)
                for one in fact.signoffs
                if len(one.kept) < one.needed
                for person in one.asked
                if person not in {vote.person for vote in one.kept}
            )
        case EscalationAsked():
            return tuple((fact.stage, role, p) for role in fact.roles for p in fact.people)
        case _:
            return ()


def observed(facts: Iterable[AnyFact]) -> Observation:
    """Give the figures of a life that is on record."""
    watch = Watch()
    watch.take(facts)
    return watch.observation()
