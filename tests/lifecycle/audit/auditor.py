"""Reads facts as an auditor would and derives anew whether an approval was rightly given.

It shares no rule with the core: it keeps its own owners, votes and evidence from the facts alone.
"""

from datetime import datetime

from lifecycle.facts import (
    AnyFact,
    ArtifactChanged,
    EvidenceAttached,
    LifecyclePinned,
    ReviewRequested,
    RosterRead,
    VersionRegistered,
)
from lifecycle.signoff_facts import (
    ApprovalCarried,
    ApprovalWithdrawn,
    Delegated,
    DelegationEnded,
    Dissented,
)
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    OwnersAsked,
    OwnersChanged,
    SignedOff,
    SignoffApproved,
    SignoffRevised,
    StageApproved,
)
from lifecycle.trust_facts import ConditionLapsed, ConditionMet, LifecycleMigrated
from tests.lifecycle.audit.ballots import Ballot, Place, Summons
from tests.lifecycle.audit.silence import Silence


class Auditor(Silence):
    """Follows one version's facts."""

    def read(self, fact: AnyFact) -> None:
        """Take one fact; fails when it approves, asks or escalates what it may not."""
        self.read_surroundings(fact)
        self.read_trust(fact)
        self.read_silence(fact)
        self.read_answer(fact)
        self.read_round(fact)

    def read_surroundings(self, fact: AnyFact) -> None:
        """Take what is said of the version, its bytes and its people."""
        match fact:
            case VersionRegistered():
                self.artifacts = {a.name: a.digest for a in fact.artifacts}
                self.producers = fact.producers
                self.authors = fact.commit_authors or self.authors
            case RosterRead():
                self.roster = fact.roster
            case ReviewRequested():
                self.requesters |= {name for name in (fact.person, fact.by) if name}
            case EvidenceAttached():
                self.results.append(fact.evidence)
            case ArtifactChanged():
                self.artifacts[fact.artifact] = fact.digest
            case LifecyclePinned() | LifecycleMigrated():
                self.book = self.books[fact.digest]
            case _:
                pass

    def read_answer(self, fact: AnyFact) -> None:
        """Take what somebody was asked, or answered."""
        match fact:
            case OwnersAsked():
                self._asked(fact)
            case OwnersChanged():
                self._fall_back((fact.stage, fact.role), fact.fallback, fact.at)
                self._check_asked((fact.stage, fact.role), fact.asked, fact.at)
            case SignoffRevised():
                self.revisions[fact.stage, fact.role] = fact.revision
            case EscalationAsked() | Delegated() | DelegationEnded():
                self._read_right(fact)
            case SignoffApproved():
                self._role_approved(fact)
            case StageApproved():
                self.approved(fact)
            case _:
                self._read_vote(fact)

    def _read_right(self, fact: EscalationAsked | Delegated | DelegationEnded) -> None:
        match fact:
            case EscalationAsked():
                self._summon(fact)
            case Delegated():
                given = self.delegated.setdefault((fact.stage, fact.role), {})
                given[fact.person] = (fact.to, fact.until)
            case DelegationEnded():
                self.delegated.get((fact.stage, fact.role), {}).pop(fact.person, None)

    def _read_vote(self, fact: AnyFact) -> None:
        match fact:
            case SignedOff():
                self._signed(fact)
            case Dissented():
                place = (fact.stage, fact.role)
                assert self.may_sign(place, fact.person, fact.on_behalf_of, fact.at), fact
                self.ballots.get(place, {}).pop(fact.person, None)
                self.objected.setdefault(place, {})[fact.person] = fact.revision
            case ChangesRequested():
                self._declined(fact)
            case ApprovalWithdrawn() | ConditionLapsed():
                self._taken_back((fact.stage, fact.role), fact)
            case ApprovalCarried():
                self._carried(fact)
            case ConditionMet():
                self.met.add(fact.condition)
            case _:
                pass

    def _asked(self, fact: OwnersAsked) -> None:
        """Begin a round; votes of the one before count on only where they are kept."""
        for role in set(self.book.stage(fact.stage).roles) - {one.role for one in fact.signoffs}:
            self.ballots.pop((fact.stage, role), None)
        for request in fact.signoffs:
            place, name = (fact.stage, request.role), (fact.stage, fact.round, request.role)
            assert name not in self.asked_ids, f"{name} is asked a second time"
            self.asked_ids.add(name)
            self.revisions[place] = request.revision
            held = {p: b._replace(is_sealed=False) for p, b in self.ballots.get(place, {}).items()}
            self.ballots[place] = held
            self._fall_back(place, request.fallback, fact.at)
            self.delegated.pop(place, None)
            kept = {vote.person for vote in request.kept}
            assert kept <= set(self.valid(place, fact.at)), f"{kept} are kept for {place}"
            self.ballots[place] = {p: ballot for p, ballot in held.items() if p in kept}
            self._check_asked(place, request.asked, fact.at)

    def _fall_back(self, place: Place, fallback: str, at: datetime) -> None:
        """Take another role for a request; only when its own has too few who may sign."""
        is_kept = self.fallbacks.get(place) == fallback and self.valid(place, at)
        if fallback and not is_kept:
            assert fallback == self.spec(place).fallback, f"{place} falls back to {fallback}"
            self.fallbacks.pop(place, None)
            owners = self.eligible(place, self.roles_of(place), at)
            assert len(owners) < self.needed(place, at), f"{owners} could sign {place}"
        self.fallbacks[place] = fallback

    def _check_asked(self, place: Place, people: tuple[str, ...], at: datetime) -> None:
        for person in people:
            assert self.may_answer(place, person, at), f"{person} is asked and may not sign {place}"

    def _summon(self, fact: EscalationAsked) -> None:
        for role in fact.roles:
            known = self.summoned.setdefault((fact.stage, role), [])
            for person in fact.people:
                behind = tuple(fact.stands_for.get(person, ()))
                known.append(Summons(person, fact.target, behind))

    def _signed(self, fact: SignedOff) -> None:
        place = (fact.stage, fact.role)
        spec, stage = self.spec(place), self.book.stage(fact.stage)
        assert self.may_sign(place, fact.person, fact.on_behalf_of, fact.at), f"{fact} may not be"
        assert fact.comment or not spec.needs_comment, "signed without the comment that is required"
        for role in stage.roles:
            self.ballots.get((fact.stage, role), {}).pop(fact.person, None)
        first = [r for r in spec.after if r in stage.roles and not stage.roles[r].is_advice]
        late = set(first) - self.reached.get(fact.stage, set())
        assert not late & set(self.requested[fact.stage]), f"{fact.role} signs before {late}"
        self.ballots.setdefault(place, {})[fact.person] = Ballot(
            fact.person, fact.on_behalf_of, fact.revision, self.bytes_of(spec), self.seen(spec),
            {one.id: one.due for one in fact.conditions},
            by_escalation=fact.right == "escalation",
        )  # fmt: skip
        self.objected.get(place, {}).pop(fact.person, None)

    def _declined(self, fact: ChangesRequested) -> None:
        place = (fact.stage, fact.role)
        spec = self.spec(place)
        assert self.may_sign(place, fact.person, fact.on_behalf_of, fact.at), fact
        assert fact.comment, "changes are requested without a word"
        assert bool(fact.reasons) == bool(self.book.reasons), "reasons are missing, or too many"
        against = {p for p, r in self.objected.get(place, {}).items() if r == fact.revision}
        assert len(against | {fact.person}) >= spec.changes, "too few requested changes"
        assert not spec.is_advice, "advice sent the version back"
        self.ballots.pop(place, None)

    def _taken_back(self, place: Place, fact: ApprovalWithdrawn | ConditionLapsed) -> None:
        """Take a vote away, or the objection of who gave none; a role it decided is open again."""
        held = self.ballots.get(place, {})
        ballot = held.get(fact.person)
        if isinstance(fact, ConditionLapsed):
            self.shelves.pop(fact.stage, None)
            if ballot is None or fact.condition not in ballot.conditions:
                return
        elif ballot is None:
            self.objected.get(place, {}).pop(fact.person, None)
            return
        if ballot is not None:
            del held[fact.person]
        for person, other in held.items():
            held[person] = other._replace(is_sealed=False)
        self.reached.get(fact.stage, set()).discard(fact.role)

    def _carried(self, fact: ApprovalCarried) -> None:
        """Take votes of the version before, about what was signed then."""
        place = (fact.stage, fact.role)
        assert self.spec(place).carries, f"{place} is carried"
        assert (fact.stage, fact.role) not in self.answered, f"{place} was asked here already"
        signed = self.before[place]
        eligible = self.eligible(place, self.roles_of(place), fact.at)
        for vote in fact.votes:
            assert vote.person in signed.people, f"{vote.person} did not sign before"
            assert vote.person in eligible, f"{vote.person} may not sign here"
            self.ballots.setdefault(place, {})[vote.person] = Ballot(
                vote.person, "", vote.revision, signed.artifacts, signed.evidence,
                carried_since=signed.at,
            )  # fmt: skip

    def _role_approved(self, fact: SignoffApproved) -> None:
        place = (fact.stage, fact.role)
        held, valid = self.ballots.get(place, {}), self.valid(place, fact.at)
        assert set(fact.by) <= set(valid), f"{fact.by} count for {place}, only {list(valid)} may"
        seats = [one for person in fact.by for one in valid[person].seat]
        assert len(set(seats)) == len(seats), f"one person counts twice: {seats}"
        least = self.needed(place, fact.at)
        assert len(fact.by) >= least, f"{fact.by} are too few for {place}, {least} must"
        for person in fact.by:
            held[person] = held[person]._replace(is_sealed=True)
        self.least[place] = least
        self.reached.setdefault(fact.stage, set()).add(fact.role)
