"""Reads facts as an auditor would and derives anew whether an approval was rightly given.

It shares no rule with the core: it keeps its own owners, votes and evidence from the facts alone.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lifecycle.fact_values import Evidence
from lifecycle.facts import (
    AnyFact,
    ArtifactChanged,
    EvidenceAttached,
    ReviewRequested,
    RosterRead,
    VersionRegistered,
)
from lifecycle.roster import Member, Roster
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    OwnersAsked,
    SignedOff,
    SignoffApproved,
    SignoffRevised,
    StageApproved,
    StageReopened,
    StageSentBack,
)


class RoleSpec(NamedTuple):
    """What a role of a stage must show; `quorum` 0 means all."""

    quorum: int
    binds_artifacts: bool
    binds_evidence: tuple[str, ...]
    only_high_risk: bool = False


class EvidenceSpec(NamedTuple):
    """What makes a piece of evidence count."""

    source: str
    least_auc: float | None = None
    max_age: timedelta | None = None


class Ballot(NamedTuple):
    """A vote with everything it was about."""

    person: str
    revision: str
    right: str
    artifacts: dict[str, str | None]
    evidence: dict[str, Any]


class Auditor:
    """Follows one version's facts."""

    def __init__(
        self, stages: dict[str, dict[str, RoleSpec]], evidence: dict[str, EvidenceSpec],
        needs: dict[str, tuple[str, ...]],
    ) -> None:  # fmt: skip
        self.stages = stages
        self.rules = evidence
        self.needs = needs
        self.artifacts: dict[str, str | None] = {}
        self.producers: tuple[str, ...] = ()
        self.requesters: set[str] = set()
        self.roster = Roster(model="none")
        self.results: list[Evidence] = []
        self.ballots: dict[tuple[str, str], list[Ballot]] = {}
        self.escalated: set[tuple[str, str, str]] = set()
        self.revisions: dict[tuple[str, str], str] = {}
        self.asked_ids: set[tuple[str, int, str]] = set()
        self.approved_bytes: dict[str, dict[str, str | None]] = {}

    def read(self, fact: AnyFact) -> None:
        """Take one fact; fails when it approves what it may not."""
        match fact:
            case VersionRegistered():
                self.artifacts = {a.name: a.digest for a in fact.artifacts}
                self.producers = fact.producers
            case RosterRead():
                self.roster = fact.roster
            case ReviewRequested():
                self.requesters |= {fact.person} if fact.person else set()
            case EvidenceAttached():
                self.results.append(fact.evidence)
            case ArtifactChanged():
                self.artifacts[fact.artifact] = fact.digest
            case _:
                self._read_stage(fact)

    def _read_stage(self, fact: AnyFact) -> None:
        match fact:
            case OwnersAsked():
                self._asked(fact)
            case SignoffRevised():
                self.revisions[fact.stage, fact.role] = fact.revision
            case EscalationAsked():
                self.escalated |= {(fact.stage, r, p) for r in fact.roles for p in fact.people}
            case SignedOff():
                self._signed(fact)
            case ChangesRequested():
                self.ballots.pop((fact.stage, fact.role), None)
            case StageSentBack():
                self._void(fact.stage, tuple(self.stages[fact.stage]))
            case StageReopened():
                # A role that is void because one voter may not sign keeps the votes of others.
                self._void(fact.stage, fact.roles or ())
                assert fact.reason == "rule" or set(fact.voided) <= set(fact.roles or ())
            case SignoffApproved():
                self._role_approved(fact)
            case StageApproved():
                self._approved(fact)
            case _:
                pass

    def _void(self, stage: str, roles: tuple[str, ...]) -> None:
        for role in roles:
            self.ballots.pop((stage, role), None)

    def _asked(self, fact: OwnersAsked) -> None:
        for request in fact.signoffs:
            name = (fact.stage, fact.round, request.role)
            assert name not in self.asked_ids, f"{name} is asked a second time"
            self.asked_ids.add(name)
            self.revisions[fact.stage, request.role] = request.revision

    def _signed(self, fact: SignedOff) -> None:
        spec = self.stages[fact.stage][fact.role]
        self.ballots.setdefault((fact.stage, fact.role), []).append(
            Ballot(
                fact.person, fact.revision, fact.right, self._bytes(spec), self._seen(spec, fact.at)
            )
        )

    def _bytes(self, spec: RoleSpec) -> dict[str, str | None]:
        return dict(self.artifacts) if spec.binds_artifacts else {}

    def _seen(self, spec: RoleSpec, _: datetime) -> dict[str, Any]:
        return {name: self._identity(name) for name in spec.binds_evidence}

    def newest(self, name: str) -> Evidence | None:
        """Give the result that counts: the newest about the current bytes."""
        about = [e for e in self.results if e.name == name and e.subject in self.artifacts.values()]
        return max(about, key=lambda e: (e.time, e.source, e.id), default=None)

    def _identity(self, name: str) -> Any:
        found = self.newest(name)
        return found and (found.subject, found.verdict, found.digest, found.value, found.source)

    def is_met(self, name: str, now: datetime) -> bool:
        """Say whether a piece of evidence counts at an instant."""
        found, rule = self.newest(name), self.rules[name]
        if found is None or found.verdict != "pass" or found.source != rule.source:
            return False
        if rule.least_auc is not None and not found.value.get("auc", -1) >= rule.least_auc:
            return False
        return rule.max_age is None or found.time + rule.max_age > now

    def member(self, name: str) -> Member | None:
        """Find somebody by id or identity."""
        for person in self.roster.people.values():
            if name == person.id or name in person.identities:
                return person
        return None

    def may_sign(self, stage: str, role: str, ballot: Ballot) -> bool:
        """Say whether a person may sign for a role as things are."""
        person = self.member(ballot.person)
        if person is None or person.machine or person.id in self.requesters:
            return False
        if person.id in {m.id for p in self.producers if (m := self.member(p))}:
            return False
        if self.roster.given_by.get(role, {}).get(person.id) == person.id:
            return False
        is_owner = person.id in self.roster.owners.get(role, ())
        return is_owner or (
            ballot.right == "escalation" and (stage, role, person.id) in self.escalated
        )

    def valid_ballots(self, stage: str, role: str) -> list[Ballot]:
        """Give the votes that count, one for each person."""
        spec, revision = self.stages[stage][role], self.revisions.get((stage, role))
        now = (self._bytes(spec), {name: self._identity(name) for name in spec.binds_evidence})
        valid = {
            b.person: b
            for b in self.ballots.get((stage, role), [])
            if b.revision == revision
            and (b.artifacts, b.evidence) == now
            and self.may_sign(stage, role, b)
        }
        return list(valid.values())

    def _all_of(self, stage: str, role: str) -> int:
        owners = dict.fromkeys(self.roster.owners.get(role, ()))
        ballots = [Ballot(o, "", "owner", {}, {}) for o in owners]
        return max(1, sum(self.may_sign(stage, role, b) for b in ballots))

    def _role_approved(self, fact: SignoffApproved) -> None:
        spec = self.stages[fact.stage][fact.role]
        people = [b.person for b in self.valid_ballots(fact.stage, fact.role)]
        assert set(fact.by) <= set(people), f"{fact.by} count, only {people} may"
        assert len(set(fact.by)) >= (spec.quorum or self._all_of(fact.stage, fact.role))

    def _approved(self, fact: StageApproved) -> None:
        specs = {
            role: spec
            for role, spec in self.stages[fact.stage].items()
            if not spec.only_high_risk or self.roster.risk == "high"
        }
        assert [a.role for a in fact.approvals] == list(specs), "another set of roles approved"
        for need in self.needs[fact.stage]:
            assert need in self.approved_bytes, f"{fact.stage} is approved before {need}"
        used: list[str] = []
        for approval in fact.approvals:
            allowed = [b.person for b in self.valid_ballots(fact.stage, approval.role)]
            listed = [v.person for v in approval.votes]
            assert len(set(listed)) == len(listed), "somebody is listed twice"
            assert set(listed) <= set(allowed), f"{listed} are listed, only {allowed} may sign"
            assert len(listed) >= max(1, specs[approval.role].quorum)
            used += listed
        assert len(set(used)) == len(used), f"one person signed two roles: {used}"
        self.approved_bytes[fact.stage] = dict(self.artifacts)
