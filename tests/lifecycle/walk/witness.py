"""Keeps from the facts alone who may sign, who did, and for which bytes.

It shares no rule with the core: quorum, separation of duties and binding are derived anew.
"""

from typing import Any, NamedTuple

from lifecycle.facts import (
    AnyFact,
    ArtifactChanged,
    EvidenceAttached,
    ReviewRequested,
    RosterRead,
    VersionRegistered,
)
from lifecycle.signoff_facts import (
    ApprovalWithdrawn,
    Delegated,
    DelegationEnded,
    Dissented,
    ReopeningWithdrawn,
)
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    SignedOff,
    SignoffApproved,
    StageApproved,
    StageReopened,
    StageSentBack,
)
from lifecycle.standing_gates import standing_gates
from lifecycle.state import VersionState
from lifecycle.trust_facts import ConditionLapsed
from tests.lifecycle.walk.setting import NEEDS, OWNERS, PEOPLE, ROSTERS, STAGES

SIDE = {"override.": "validator", "finding.": "steward"}
"""The role that signs each kind of side stage."""


class Ballot(NamedTuple):
    """An approval, with what it was about."""

    stage: str
    role: str
    person: str
    right: str
    behalf: str
    digest: str
    report: tuple[Any, ...] | None
    conditions: tuple[str, ...] = ()
    """What it was given on."""
    is_sealed: bool = False
    """The role's quorum was reached with it: who leaves later doesn't take it away."""


class Standing(NamedTuple):
    """An approved stage and the bytes it was approved for."""

    stage: str
    digest: str


class Witness(NamedTuple):
    """What is known from the facts so far."""

    digest: str = ""
    results: tuple[tuple[str, str, str, int], ...] = ()
    """Results as (subject, verdict, report, order)."""
    requesters: frozenset[str] = frozenset()
    owners: int = 0
    escalated: frozenset[tuple[str, str, str, tuple[str, ...]]] = frozenset()
    delegated: frozenset[tuple[str, str, str, str]] = frozenset()
    ballots: frozenset[Ballot] = frozenset()
    shelved: frozenset[Ballot] = frozenset()
    """What an alert voided, in case it is withdrawn."""
    standing: frozenset[Standing] = frozenset()

    def name(self) -> str:
        """Name what the witness knows; of results only what the newest of each subject says."""
        newest = {subject: (verdict, report) for subject, verdict, report, _ in self.results}
        kept = self._replace(results=())
        ordered = [sorted(map(str, one)) if isinstance(one, frozenset) else one for one in kept]
        return f"{sorted(newest.items())}{ordered}"

    def report(self) -> tuple[str, str] | None:
        """Give the newest result about the current bytes."""
        about = [r for r in self.results if r[0] == self.digest]
        found = max(about, key=lambda r: r[3], default=None)
        return (found[1], found[2]) if found else None

    def read(self, fact: AnyFact) -> "Witness":
        """Take a fact; raises AssertionError when it approves what it may not."""
        match fact:
            case VersionRegistered():
                return self._replace(digest=fact.artifacts[0].digest or "")
            case RosterRead():
                return self._replace(owners=_which(fact))
            case ReviewRequested():
                named = {n.removeprefix("git:") for n in (fact.by, fact.person or "")}
                return self._replace(requesters=self.requesters | (named & set(PEOPLE)))
            case ArtifactChanged():
                return self._replace(digest=fact.digest)
            case EvidenceAttached():
                one = fact.evidence
                result = (one.subject, one.verdict, one.digest, len(self.results))
                return self._replace(results=(*self.results, result))
            case EscalationAsked():
                added = {
                    (fact.stage, role, person, tuple(fact.stands_for.get(person, ())))
                    for role in fact.roles
                    for person in fact.people
                }
                return self._replace(escalated=self.escalated | added)
            case Delegated():
                one_ = (fact.stage, fact.role, fact.person, fact.to)
                return self._replace(delegated=self.delegated | {one_})
            case DelegationEnded():
                ended = (fact.stage, fact.role, fact.person, fact.to)
                return self._replace(delegated=self.delegated - {ended})
            case _:
                return self._read_answer(fact)

    def _read_answer(self, fact: AnyFact) -> "Witness":
        match fact:
            case SignedOff():
                return self._signed(fact)
            case Dissented() | ApprovalWithdrawn():
                return self._without(fact.stage, (fact.role,), person=fact.person)
            case ConditionLapsed():
                lapsed = frozenset(b for b in self.ballots if fact.condition in b.conditions)
                return self._replace(ballots=self.ballots - lapsed)
            case ChangesRequested():
                return self._without(fact.stage, (fact.role,))
            case StageSentBack():
                everything = tuple({b.role for b in self.ballots if b.stage == fact.stage})
                return self._without(fact.stage, everything)._fallen(fact.stage)
            case StageReopened():
                gone = tuple(dict.fromkeys([*(fact.roles or ()), *fact.voided]))
                shelved = frozenset(b for b in self.ballots if b.stage == fact.stage)
                after = self._without(fact.stage, gone if fact.roles else ())
                after = after._replace(shelved=self.shelved | shelved)
                return after if fact.gate == "keep" else after._fallen(fact.stage)
            case ReopeningWithdrawn():
                back = frozenset(b for b in self.shelved if b.stage == fact.stage)
                return self._replace(ballots=self.ballots | back)
            case SignoffApproved():
                return self._role_approved(fact)
            case StageApproved():
                return self._approved(fact)
            case _:
                return self

    def _signed(self, fact: SignedOff) -> "Witness":
        before = self._without(fact.stage, (fact.role,), person=fact.person)
        ballot = Ballot(
            fact.stage, fact.role, fact.person, fact.right, fact.on_behalf_of, self.digest,
            self._bound(fact.stage), tuple(one.id for one in fact.conditions),
        )  # fmt: skip
        return before._replace(ballots=before.ballots | {ballot})

    def _bound(self, stage: str) -> tuple[Any, ...] | None:
        return self.report() if stage == "release" else None

    def _without(self, stage: str, roles: tuple[str, ...], person: str = "") -> "Witness":
        gone = {
            b
            for b in self.ballots
            if b.stage == stage and b.role in roles and person in {"", b.person}
        }
        return self._replace(ballots=self.ballots - gone)

    def _fallen(self, stage: str) -> "Witness":
        return self._replace(standing=frozenset(s for s in self.standing if s.stage != stage))

    def may_sign(self, ballot: Ballot) -> bool:
        """Say whether somebody may sign for a role as things are."""
        if ballot.person in self.requesters or ballot.person not in PEOPLE:
            return False
        if ballot.right == "delegation":
            given = (ballot.stage, ballot.role, ballot.behalf, ballot.person)
            is_given = ballot.is_sealed or given in self.delegated
            return is_given and self._holds(ballot, ballot.behalf)
        return self._holds(ballot, ballot.person)

    def _holds(self, ballot: Ballot, person: str) -> bool:
        """Say whether somebody holds the role, or was asked in escalation for somebody who may."""
        if person in self.requesters:
            return False
        is_owner = person in OWNERS[self.owners].get(ballot.role, ())
        if is_owner or (ballot.is_sealed and ballot.right != "escalation"):
            return True
        return any(
            (stage, role, one) == (ballot.stage, ballot.role, person)
            and not (behind and set(behind) <= self.requesters)
            for stage, role, one, behind in self.escalated
        )

    def valid(self, stage: str, role: str) -> dict[str, Ballot]:
        """Give the ballots that count, by person."""
        return {
            b.person: b
            for b in self.ballots
            if (b.stage, b.role) == (stage, role)
            and (b.digest, b.report) == (self.digest, self._bound(stage))
            and self.may_sign(b)
        }

    def _role_approved(self, fact: SignoffApproved) -> "Witness":
        needed, _ = _roles_of(fact.stage)[fact.role]
        valid = self.valid(fact.stage, fact.role)
        assert set(fact.by) <= set(valid), f"{fact.by} count for {fact.role}, only {valid} may"
        assert len(set(fact.by)) >= needed, f"{fact.by} are too few for {fact.role}"
        sealed = {b: b._replace(is_sealed=True) for b in valid.values()}
        rest = self.ballots - frozenset(sealed)
        return self._replace(ballots=rest | frozenset(sealed.values()))

    def _approved(self, fact: StageApproved) -> "Witness":
        roles = _roles_of(fact.stage)
        assert [a.role for a in fact.approvals] == list(roles), "another set of roles approved"
        for need in NEEDS.get(fact.stage, ()):
            assert any(s.stage == need for s in self.standing), f"approved before {need}"
        used: list[str] = []
        for approval in fact.approvals:
            valid = self.valid(fact.stage, approval.role)
            listed = [vote.person for vote in approval.votes]
            assert len(set(listed)) == len(listed), "somebody is listed twice"
            assert set(listed) <= set(valid), f"{listed} are listed, only {list(valid)} may sign"
            assert len(listed) >= roles[approval.role][0], "too few signed"
            used += listed
            used += [valid[p].behalf for p in listed if valid[p].behalf]
        assert len(set(used)) == len(used), f"one person counts twice: {used}"
        if fact.stage == "release":
            assert self.report() is not None
            assert (self.report() or ("",))[0] == "pass", "approved without its evidence"
        return self._replace(standing=self.standing | {Standing(fact.stage, self.digest)})

    def check(self, state: VersionState) -> None:
        """Fail when a stage stands approved for other bytes than the current ones.

        While a request is withdrawn, or the story over, every gate is closed whatever stands.
        """
        if state.status in {"withdrawn", "retired", "superseded"}:
            assert not any(gate.allowed for gate in standing_gates(state)), "a gate is left open"
            return
        for name, stage in state.stages.items():
            # The review of an override is about what was done, whatever the bytes are later.
            if stage.standing is not None and not name.startswith("override."):
                held = {s.digest for s in self.standing if s.stage == name}
                assert self.digest in held, f"{name} stands approved for other bytes"


def _roles_of(stage: str) -> dict[str, tuple[int, bool]]:
    for prefix, role in SIDE.items():
        if stage.startswith(prefix):
            return {role: (1, False)}
    return STAGES[stage]


def _which(fact: RosterRead) -> int:
    return next(i for i, one in enumerate(ROSTERS) if one.owners == fact.roster.owners)
