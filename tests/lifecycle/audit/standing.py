"""Which stages stand approved, for which bytes and until when, as an auditor reckons."""

from datetime import datetime
from typing import NamedTuple

from lifecycle.facts import (
    AnyFact,
    ReviewRequested,
    VersionApproved,
    VersionRetired,
    VersionSuperseded,
)
from lifecycle.signoff_facts import (
    ReopeningWithdrawn,
    StageExpired,
    StageHeld,
    StageReleased,
    TurnTaken,
)
from lifecycle.stage_facts import (
    OwnersAsked,
    StageApproved,
    StageOpened,
    StagePaused,
    StageReopened,
    StageSentBack,
    StageUnowned,
)
from lifecycle.trust_facts import LifecycleMigrated, RequestWithdrawn
from tests.lifecycle.audit.ballots import Ballot, Place
from tests.lifecycle.audit.book import Book, RoleSpec
from tests.lifecycle.audit.trust import Trust

SIDES = ("override.", "finding.")
"""What the names of reviews and acceptances begin with."""


class Stands(NamedTuple):
    """An approved stage."""

    roles: tuple[str, ...]
    artifacts: dict[str, str | None]
    until: datetime | None
    conditions: dict[str, datetime]
    people: frozenset[str]


class Before(NamedTuple):
    """What a role signed in the version before."""

    people: tuple[str, ...]
    artifacts: dict[str, str | None]
    evidence: dict[str, object]
    at: datetime


class Shelf(NamedTuple):
    """What an alert put away, in case it goes before anybody is asked."""

    stands: Stands | None
    ballots: dict[Place, dict[str, Ballot]]


class Standing(Trust):
    """Follows the rounds of every stage."""

    def __init__(self, books: dict[str, Book], first: Book, before: dict[Place, Before]) -> None:
        super().__init__(books, first)
        self.before = before
        self.stands: dict[str, Stands] = {}
        self.shelves: dict[str, Shelf] = {}
        self.objected: dict[Place, dict[str, str]] = {}
        self.asked_ids: set[tuple[str, int, str]] = set()
        self.answered: set[Place] = set()
        self.reached: dict[str, set[str]] = {}
        """The roles of each round whose quorum is reached."""
        self.least: dict[Place, int] = {}
        self.turns: set[str] = set()
        self.held: set[str] = set()
        self.is_resting = True
        """Nobody asked for review, took the request back, or the story ended."""

    def read_round(self, fact: AnyFact) -> None:
        """Take what begins or ends a round."""
        match fact:
            case ReviewRequested():
                self.is_resting = False
            case RequestWithdrawn() | VersionRetired() | VersionSuperseded():
                self.is_resting = True
                self.open.clear()
                self.turns.clear()
            case VersionApproved():
                missing = set(self.book.stages) - set(self.stands)
                assert not missing, f"the version is approved without {missing}"
            case LifecycleMigrated():
                own = self.book.stages
                gone = [n for n in self.stands if n not in own and not n.startswith(SIDES)]
                for name in gone:
                    self._fall(name)
            case _:
                self._read_stage(fact)

    def _read_stage(self, fact: AnyFact) -> None:
        match fact:
            case StageOpened():
                self.shelves.pop(fact.stage, None)
            case OwnersAsked():
                self._begin(fact)
            case StageReopened():
                self._reopened(fact)
            case ReopeningWithdrawn():
                self._restored(fact)
            case StageSentBack() | StageExpired():
                self._void(fact.stage, tuple(self.book.stage(fact.stage).roles))
                self._end(fact.stage, falls=True)
            case StagePaused():
                self._end(fact.stage, falls=True)
            case StageUnowned():
                self.open.pop(fact.stage, None)
            case _:
                self._read_hold(fact)

    def _read_hold(self, fact: AnyFact) -> None:
        match fact:
            case StageHeld():
                self.open.pop(fact.stage, None)
                self.held.add(fact.stage)
            case StageReleased():
                self.held.discard(fact.stage)
            case TurnTaken():
                self.turns.add(fact.stage)
            case _:
                pass

    def _begin(self, fact: OwnersAsked) -> None:
        assert not self.is_resting, f"{fact.stage} asks while nobody reviews"
        assert fact.stage not in self.held, f"{fact.stage} asks while it is held"
        stage = self.book.stage(fact.stage)
        is_new = fact.stage not in self.stands
        assert not (stage.is_queued and is_new) or fact.stage in self.turns, "asked out of turn"
        self.open[fact.stage] = fact.round
        self.requested[fact.stage] = tuple(one.role for one in fact.signoffs)
        self.answered |= {(fact.stage, one.role) for one in fact.signoffs}
        self.reached[fact.stage] = set()
        self.shelves.pop(fact.stage, None)

    def _end(self, stage: str, *, falls: bool) -> None:
        self.open.pop(stage, None)
        self.held.discard(stage)
        self.shelves.pop(stage, None)
        if falls:
            self._fall(stage)

    def _fall(self, stage: str) -> None:
        self.stands.pop(stage, None)
        self.signed.pop(stage, None)

    def _void(self, stage: str, roles: tuple[str, ...]) -> None:
        for role in roles:
            self.ballots.pop((stage, role), None)
            self.objected.pop((stage, role), None)

    def _reopened(self, fact: StageReopened) -> None:
        assert fact.reason == "rule" or set(fact.voided) <= set(fact.roles or ())
        self.open.pop(fact.stage, None)
        self.held.discard(fact.stage)
        if fact.alert and fact.stage not in self.shelves and fact.stage in self.stands:
            held = {p: dict(b) for p, b in self.ballots.items() if p[0] == fact.stage}
            self.shelves[fact.stage] = Shelf(self.stands[fact.stage], held)
        elif not fact.alert:
            self.shelves.pop(fact.stage, None)
        # A role that is void because one voter may not sign keeps the votes of others.
        self._void(fact.stage, fact.roles or ())
        if fact.gate == "close":
            self._fall(fact.stage)

    def _restored(self, fact: ReopeningWithdrawn) -> None:
        shelf = self.shelves.pop(fact.stage)
        self.held.discard(fact.stage)
        self.ballots.update(shelf.ballots)
        if shelf.stands is not None:
            self.stands[fact.stage] = shelf.stands
            self.signed[fact.stage] = set(shelf.stands.people)

    def roles_now(self, stage: str) -> dict[str, RoleSpec]:
        """Give the roles that a stage needs as things are."""
        return {
            role: spec
            for role, spec in self.book.stage(stage).roles.items()
            if not spec.only_high_risk or self.roster.risk == "high"
        }

    def approved(self, fact: StageApproved) -> None:
        """Take the approval of a stage; fails when it is not rightly given."""
        name, spec = fact.stage, self.book.stage(fact.stage)
        assert not self.is_resting, f"{name} is approved while nobody reviews"
        assert name not in self.held, f"{name} is approved while it is held"
        # A round that is open when the version moves to a definition with a queue goes on.
        is_in = name in self.open or name in self.stands or name in self.turns
        assert is_in or not spec.is_queued, f"{name} is approved out of turn"
        for need in spec.needs:
            assert need in self.stands, f"{name} is approved before {need}"
        for evidence in spec.evidence:
            assert self.is_met(evidence, fact.at), f"{name} is approved without {evidence}"
        finding = self.blocking(name)
        assert not finding, f"{name} is approved although finding {finding} blocks"
        listed = {a.role: [v.person for v in a.votes] for a in fact.approvals}
        self._check_roles(name, listed, fact.at)
        self._stand(fact, listed)

    def _check_roles(self, stage: str, listed: dict[str, list[str]], at: datetime) -> None:
        roles = self.roles_now(stage)
        deciding = [role for role, spec in roles.items() if not spec.is_advice]
        found = [role for role in listed if role in roles and not roles[role].is_advice]
        assert found == deciding, f"{listed} approved, {deciding} must"
        used: list[str] = []
        for role, people in listed.items():
            valid = self.valid((stage, role), at)
            assert len(set(people)) == len(people), "somebody is listed twice"
            assert set(people) <= set(valid), f"{people} are listed, only {list(valid)} may sign"
            if not roles[role].is_advice:
                assert len(people) >= self.least[stage, role], f"{people} are too few for {role}"
            used += [one for person in people for one in valid[person].seat]
        assert len(set(used)) == len(used), f"one person counts twice: {used}"

    def _stand(self, fact: StageApproved, listed: dict[str, list[str]]) -> None:
        name = fact.stage
        votes = [self.ballots[name, r][p] for r, people in listed.items() for p in people]
        roles = self.roles_now(name)
        deciding = tuple(role for role, spec in roles.items() if not spec.is_advice)
        binds = any(roles[role].binds_artifacts for role in deciding) or not deciding
        assert not binds or all(self.artifacts.values()), "unknown bytes are approved"
        people = frozenset(person for ballot in votes for person in ballot.seat)
        since = [one.carried_since for one in votes if one.carried_since]
        self.stands[name] = Stands(
            roles=deciding,
            artifacts=dict(self.artifacts) if binds else {},
            until=self.lasts_until(name, self.roster.risk, min([fact.at, *since])),
            conditions={k: due for ballot in votes for k, due in ballot.conditions.items()},
            people=people,
        )
        self.signed[name] = set(people)
        self._end(name, falls=False)
        self.turns.discard(name)
