"""Who voted for what, and whether that vote may still count."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from lifecycle.fact_values import Evidence
from lifecycle.roster import Roster
from tests.lifecycle.audit.book import Book, RoleSpec
from tests.lifecycle.audit.people import People

Place = tuple[str, str]
"""A stage and a role."""


class Ballot(NamedTuple):
    """A vote with everything it was about."""

    person: str
    behalf: str
    revision: str
    artifacts: dict[str, str | None]
    evidence: dict[str, Any]
    conditions: dict[str, datetime] = {}
    carried_since: datetime | None = None
    """When it was given, where that was for an earlier version."""
    by_escalation: bool = False
    is_sealed: bool = False
    """The quorum was reached with it: who leaves later doesn't take it away."""

    @property
    def seat(self) -> set[str]:
        """Who counts by it, once together."""
        return {self.person, self.behalf} - {""}


class Summons(NamedTuple):
    """A right that an escalation gave."""

    person: str
    target: str
    behind: tuple[str, ...]
    """The silent owners whom the person stands in for."""


class Known:
    """What is known from the facts so far about people, bytes and votes."""

    def __init__(self, books: dict[str, Book], first: Book) -> None:
        self.books = books
        self.book = first
        self.roster = Roster(model="none")
        self.artifacts: dict[str, str | None] = {}
        self.producers: tuple[str, ...] = ()
        self.authors: tuple[str, ...] = ()
        self.requesters: set[str] = set()
        self.results: list[Evidence] = []
        self.ballots: dict[Place, dict[str, Ballot]] = {}
        self.revisions: dict[Place, str] = {}
        self.fallbacks: dict[Place, str] = {}
        self.summoned: dict[Place, list[Summons]] = {}
        self.delegated: dict[Place, dict[str, tuple[str, datetime | None]]] = {}
        self.open: dict[str, int] = {}
        """The stages that ask, with their rounds."""
        self.requested: dict[str, tuple[str, ...]] = {}
        """The roles that were asked in the last round of a stage."""
        self.signed: dict[str, set[str]] = {}
        """For each stage that stands, who signed it."""
        self.deeds: dict[str, str] = {}
        """For each review and acceptance, whose deed it is about."""

    def people(self, at: datetime) -> People:
        """Give the people as they are at an instant."""
        return People(self.roster, at)

    def spec(self, place: Place) -> RoleSpec:
        """Find what a role must show."""
        return self.book.stage(place[0]).roles[place[1]]

    def roles_of(self, place: Place) -> tuple[str, ...]:
        """Give the roles whose owners may sign a request."""
        fallback = self.fallbacks.get(place, "")
        return (fallback,) if fallback else self.spec(place).roles or (place[1],)

    def bytes_of(self, spec: RoleSpec) -> dict[str, str | None]:
        """Give the bytes that a role signs for now."""
        return dict(self.artifacts) if spec.binds_artifacts else {}

    def seen(self, spec: RoleSpec) -> dict[str, Any]:
        """Give the results that a role signs for now."""
        return {name: self.identity(name) for name in spec.binds_evidence}

    def newest(self, name: str) -> Evidence | None:
        """Give the result that counts: the newest about the current bytes."""
        about = [e for e in self.results if e.name == name and e.subject in self.artifacts.values()]
        return max(about, key=lambda e: (e.time, e.source, e.id), default=None)

    def identity(self, name: str) -> Any:
        """Give what tells one result from another."""
        found = self.newest(name)
        return found and (found.subject, found.verdict, found.digest, found.value, found.source)

    def is_bad(self, name: str) -> bool:
        """Say whether the result that counts speaks against the version, whatever its age."""
        found, rule = self.newest(name), self.book.evidence[name]
        if found is None:
            return False
        least = rule.least_auc
        is_enough = least is None or found.value.get("auc", -1) >= least
        if rule.lists_findings and "findings" not in found.value:
            return True
        return found.verdict != "pass" or found.source != rule.source or not is_enough

    def is_met(self, name: str, at: datetime) -> bool:
        """Say whether a piece of evidence counts at an instant."""
        found, age = self.newest(name), self.book.evidence[name].max_age
        is_young = found is not None and (age is None or found.time + age > at)
        return is_young and not self.is_bad(name)

    def has_duty(self, place: Place, person: str, at: datetime) -> bool:
        """Say whether a person may not sign because of what they did."""
        people, book = self.people(at), self.book
        named: dict[str, Iterable[str]] = {
            "producer": self.producers, "requester": self.requesters, "commit_author": self.authors,
        }  # fmt: skip
        if any(person in people.ids(named[duty]) for duty in book.never):
            return True
        if person in people.ids([self.deeds.get(place[0], "")]):
            return True
        if any(person in self.signers(one) for one in book.stage(place[0]).independent_of):
            return True
        return people.is_self_made(self.roles_of(place), person)

    def signers(self, stage: str) -> set[str]:
        """Give who signed a stage that stands, or signs it now; who signed knows the matter."""
        found = set(self.signed.get(stage, ()))
        for role in self.requested[stage] if stage in self.open else ():
            revision = self.revisions.get((stage, role))
            ballots = self.ballots.get((stage, role), {}).values()
            found.update(*(b.seat for b in ballots if b.revision == revision))
        return found

    def is_barred(self, place: Place, person: str, at: datetime) -> bool:
        """Say whether a person may not sign whatever their rights."""
        return not self.people(at).is_able(person) or self.has_duty(place, person, at)

    def eligible(self, place: Place, roles: tuple[str, ...], at: datetime) -> list[str]:
        """Give the owners of some roles who may sign."""
        owners = self.people(at).owners(roles)
        return [one for one in owners if not self.is_barred(place, one, at)]

    def is_summoned(self, place: Place, person: str, at: datetime) -> bool:
        """Say whether an escalation lets a person sign, for somebody who may sign themselves."""
        people = self.people(at)
        for one in self.summoned.get(place, ()):
            if one.person != person or people.gave_themselves(one.target, person):
                continue
            if not one.behind or not all(self.has_duty(place, b, at) for b in one.behind):
                return True
        return False

    def stand_in(self, place: Place, principal: str, at: datetime) -> list[str]:
        """Give the way from a principal to who may answer in their place, or nothing."""
        people = self.people(at)
        to, until = self.delegated.get(place, {}).get(principal, ("", None))
        named = to if until is None or until > at else ""
        way = people.way(principal, named) or people.way(
            principal, people.delegate(principal) or ""
        )
        return way if not any(self.is_barred(place, one, at) for one in way) else []

    def has_own_right(self, place: Place, person: str, at: datetime) -> bool:
        """Say whether somebody may sign in their own name, were it not for what they did."""
        owners = self.people(at).owners(self.roles_of(place))
        return person in owners or self.is_summoned(place, person, at)

    def may_sign(self, place: Place, person: str, behalf: str, at: datetime) -> bool:
        """Say whether an answer may be given now by a person, in somebody's place or not."""
        if self.is_barred(place, person, at):
            return False
        principal = behalf or person
        if self.is_barred(place, principal, at) or not self.has_own_right(place, principal, at):
            return False
        return not behalf or self.stand_in(place, behalf, at)[-1:] == [person]

    def counts(self, place: Place, ballot: Ballot, at: datetime) -> bool:
        """Say whether a vote that was given counts now."""
        if ballot.is_sealed:
            is_right = not ballot.by_escalation or self.has_own_right(place, ballot.person, at)
            return is_right and not any(self.has_duty(place, one, at) for one in ballot.seat)
        if any(self.is_barred(place, one, at) for one in ballot.seat):
            return False
        principal = ballot.behalf or ballot.person
        turns = self.people(at).takes_turns(self.roles_of(place))
        return principal in turns or self.has_own_right(place, principal, at)

    def valid(self, place: Place, at: datetime) -> dict[str, Ballot]:
        """Give the votes that count, one for each person."""
        spec, revision = self.spec(place), self.revisions.get(place)
        now = (self.bytes_of(spec), self.seen(spec))
        return {
            person: ballot
            for person, ballot in self.ballots.get(place, {}).items()
            if ballot.revision == revision
            and (ballot.artifacts, ballot.evidence) == now
            and self.counts(place, ballot, at)
        }

    def seated(self) -> list[tuple[Place, str]]:
        """Give whose votes reached a quorum in rounds that are open."""
        return [
            (place, person)
            for place, held in self.ballots.items()
            for person, ballot in held.items()
            if ballot.is_sealed and place[0] in self.open
        ]

    def needed(self, place: Place, at: datetime) -> int:
        """Give how many must approve now."""
        quorum = self.spec(place).quorum
        if isinstance(quorum, int):
            return quorum
        percent = 100 if quorum == "all" else int(quorum.rstrip("%"))
        owners = len(self.eligible(place, self.roles_of(place), at))
        return max(1, -(-owners * percent // 100))

    def may_answer(self, place: Place, person: str, at: datetime) -> bool:
        """Say whether somebody could answer a request, in their own name or another's."""
        if self.may_sign(place, person, "", at):
            return True
        owners = self.people(at).owners(self.roles_of(place))
        summoned = [one.person for one in self.summoned.get(place, ())]
        return any(self.may_sign(place, person, one, at) for one in [*owners, *summoned])
