"""What a stage and its requests are at one moment."""

from enum import StrEnum
from typing import Literal

from lifecycle.fact_values import Approval, Dissent, PlannedStep, Right, Vote
from lifecycle.receipts import Reached
from lifecycle.values import Instant, Kept

ESCALATION = "escalation"
"""Who sent a version back when no person did: a step of the escalation."""


class StageStatus(StrEnum):
    """Who is waited for at a stage."""

    WAITING = "waiting"
    COLLECTING = "collecting"
    ASKING = "asking"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    HELD = "held"
    UNOWNED = "unowned"
    EXPIRED = "expired"


class SignoffStatus(StrEnum):
    """What became of one role's request in one round."""

    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    VOID = "void"


class Refusal(Kept):
    """An owner's request for changes."""

    person: str
    revision: str
    at: Instant
    reason: str
    send_back_to: str
    right: Right = "owner"
    on_behalf_of: str = ""
    reasons: tuple[str, ...] = ()


class WithdrawnAnswer(Kept):
    """An answer that somebody took back while the role was still asked."""

    person: str
    at: Instant
    reason: str = ""
    was: Literal["approve", "request_changes"] = "approve"


class DelegationGiven(Kept):
    """Somebody who may answer a request in an owner's place."""

    person: str
    """The owner who gave it."""
    to: str
    until: Instant | None = None
    reason: str = ""
    ended: str = ""
    """Why it is over; empty while it is in force."""


class Question(Kept):
    """An owner's question to the producers."""

    id: str
    role: str
    person: str
    text: str
    at: Instant
    round: int = 1
    answer: str = ""
    answered_by: str = ""
    answered_at: Instant | None = None


class Signoff(Kept):
    """One role's request in one round."""

    stage: str = ""
    """Its stage; empty in what releases before 0.2 carried."""
    role: str
    round: int
    statement: str
    revision: str
    binding: dict[str, str]
    status: SignoffStatus = SignoffStatus.PENDING
    asked: tuple[str, ...] = ()
    """Owners of the role who were asked."""
    escalated: tuple[str, ...] = ()
    """People whose right to sign comes from the escalation."""
    escalated_as: dict[str, str] = {}
    """For each of them, what the escalation asked for: a role, `manager` or `accountable`."""
    needed: int = 1
    votes: tuple[Vote, ...] = ()
    refusal: Refusal | None = None
    asked_at: Instant
    decided_at: Instant | None = None
    approved_by: tuple[str, ...] = ()
    """Whose votes reached the quorum."""
    why: str = ""
    """Why it is void."""
    before: dict[str, dict[str, str]] = {}
    """Earlier revisions and what they bound, so that a late click can be told what changed."""
    roles: tuple[str, ...] = ()
    """The roles whose owners may sign; none: `role` alone."""
    after: tuple[str, ...] = ()
    """Roles of the stage that must approve before this one is asked."""
    is_open: bool = True
    """Whether it is asked; False while the roles in `after` are waited for."""
    advisory: bool = False
    changes_needed: int = 1
    fallback: str = ""
    """The role that is asked in place of its own, of whose owners too few may sign."""
    due: Instant | None = None
    """Its own deadline, where it was asked later than others of its stage."""
    dissents: tuple[Dissent, ...] = ()
    delegations: tuple[DelegationGiven, ...] = ()
    stands_for: dict[str, tuple[str, ...]] = {}
    """For each escalated person, the silent owners they stand in for."""
    acknowledged: tuple[str, ...] = ()
    snoozed: dict[str, Instant] = {}
    receipts: tuple[Reached, ...] = ()
    """Whom it reached, by each way."""
    unreached_told: tuple[str, ...] = ()
    """Whom it can't reach and of whom others heard."""
    is_hastened: bool = False
    """Whether a step of the escalation was taken early, as it reached nobody."""
    withdrawn: tuple[WithdrawnAnswer, ...] = ()
    """Answers that were taken back, the newest few."""

    @property
    def held_by(self) -> tuple[str, ...]:
        """The roles whose owners may sign."""
        return self.roles or (self.role,)


class Standing(Kept):
    """The approval of a stage that gates rely on."""

    round: int
    at: Instant
    approvals: tuple[Approval, ...] = ()
    artifacts: dict[str, str] = {}
    valid_until: Instant | None = None
    renew_at: Instant | None = None
    is_lapsed: bool = False
    """Whether it is on record that `valid_until` has passed."""
    on_lapse: str | None = None
    """What a lapse does, where the approval fixed it; none: as the lifecycle says."""
    dissents: tuple[Dissent, ...] = ()


class RoundSummary(Kept):
    """What is kept of a round that is over."""

    round: int
    ended_at: Instant
    why: str


class NoticePart(Kept):
    """What a notice says about one stage, and to whom."""

    stage: str
    round: int
    people: tuple[str, ...]
    roles: tuple[str, ...] = ()
    text: str


class Notice(Kept):
    """Something that people are told once: a reminder, an escalation, a late pipeline."""

    id: str
    """Stable, so that it is posted once."""
    kind: str
    stage: str
    round: int
    people: tuple[str, ...]
    roles: tuple[str, ...] = ()
    text: str
    at: Instant
    channel: str = ""
    """The channel that it is for, where that is not the model's own."""
    more: tuple[NoticePart, ...] = ()
    """What the same tick says of the same kind about other stages or to other people."""
    question: str = ""
    """The id of the question that it tells of."""

    @property
    def parts(self) -> tuple[NoticePart, ...]:
        """Everything that it says; who is named in several is told once."""
        first = NoticePart(
            stage=self.stage,
            round=self.round,
            people=self.people,
            roles=self.roles,
            text=self.text,
        )
        return (first, *self.more)


class PutAway(Kept):
    """What a reopening ended, so that it stands again when the reopening is withdrawn."""

    status: StageStatus
    round: int
    since: Instant | None = None
    standing: Standing | None = None
    signoffs: dict[str, Signoff] = {}
    alert: str = ""


class LastSigned(Kept):
    """What an owner last approved at a stage, so that a renewal can say what changed since."""

    at: Instant
    binding: dict[str, str]
    version: str = ""
    """The version it was given to, where that is another one."""


class Stage(Kept):
    """A stage in its current round."""

    name: str
    status: StageStatus = StageStatus.WAITING
    round: int = 0
    """0 before it ever opened."""
    since: Instant | None = None
    """Since when it is in this status."""
    why: str = ""
    sent_back_by: str = ""
    """Who sent it back: a person, or `escalation`."""
    evidence_due: Instant | None = None
    is_late: bool = False
    due: Instant | None = None
    steps: tuple[PlannedStep, ...] = ()
    """Escalation steps still to come."""
    signoffs: dict[str, Signoff] = {}
    earlier: dict[str, Signoff] = {}
    """The sign-offs of the round before, as they ended."""
    ask_anew: tuple[str, ...] = ()
    """Roles whose earlier approvals are not kept for this round."""
    returned: bool = False
    """Sent back, and nothing new since."""
    standing: Standing | None = None
    history: tuple[RoundSummary, ...] = ()
    quiet_until: Instant | None = None
    """Owners are asked no sooner, in case more changes come."""
    reopened_at: tuple[Instant, ...] = ()
    """When it was reopened lately, so that a loop is noticed."""
    held_why: str = ""
    """Why it was held, until it is released; it outlives a withdrawn request."""
    put_away: PutAway | None = None
    paused_since: Instant | None = None
    """Since when its clock stands, while a question is open."""
    questions: tuple[Question, ...] = ()
    carried: dict[str, tuple[Vote, ...]] = {}
    """Approvals carried over from an earlier version, by role, until owners are asked."""
    carried_from: dict[str, str] = {}
    """For each carried role, the sign-off that was approved."""
    last_signed: dict[str, dict[str, LastSigned]] = {}
    """By role and person, what they last approved here; the newest few."""
    ticket: int = 0
    """The number of its place in the queue of a stage that takes one version at a time; 0: none."""
    has_turn: bool = False
    """Whether it is this version's turn, in a stage that takes one at a time."""
    behind: tuple[str, ...] = ()
    """The versions ahead in such a stage."""
