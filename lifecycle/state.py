"""What a model version is at one moment: the fold of its facts."""

from enum import StrEnum

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.fact_values import (
    Alert,
    Approval,
    ApprovalCondition,
    Artifact,
    Dissent,
    Evidence,
    PendingReopening,
    PlannedStep,
    Previous,
    Right,
    Via,
    Vote,
)
from lifecycle.roster import Roster
from lifecycle.values import Instant, Kept

FORMAT = 2
"""The format of carried state that this code writes; it reads that of every release before."""
EDITION = 2
"""The edition of the rules that versions are pinned to from now on.

A version is judged by the edition it was pinned with for its whole life, so that a replay by newer
code decides as the code before did. Edition 1: a role that is approved opens again when its voters
leave, and `carry_over` is ignored. Edition 2: the record stands and is flagged, approvals are
carried, stages that reopen too often are held.
"""

ESCALATION = "escalation"
"""Who sent a version back when no person did: a step of the escalation."""


class VersionStatus(StrEnum):
    """How far a version is."""

    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"


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


class Finding(Kept):
    """Something wrong that evidence or a person reported."""

    id: str
    title: str
    severity: str
    owner: str = ""
    due: Instant | None = None
    stage: str | None = None
    evidence: str | None = None
    entry: str = ""
    """The id of the finding in the evidence that opened it."""
    opened_at: Instant
    opened_by: str = ""
    subject: str = ""
    """The digest of the bytes that the evidence is about."""
    is_overdue: bool = False
    acceptance_requested: bool = False
    acceptance_by: str = ""
    """Who asked for its risk to be accepted; they don't accept it."""
    closed_at: Instant | None = None
    closed_by: str = ""
    resolution: str = ""


class Condition(ApprovalCondition):
    """A condition of an approval, and what became of it."""

    stage: str
    role: str
    person: str
    round: int
    is_lapsed: bool = False


class Override(Kept):
    """A gate that somebody opened without its stages."""

    id: str
    gate: str
    person: str
    role: str
    reason: str
    digests: tuple[str, ...]
    at: Instant
    until: Instant
    is_over: bool = False
    is_reviewed: bool = False
    is_declined: bool = False
    """Whether its review was declined, and nobody signed it since."""
    review_due: Instant | None = None
    """When trust is suspended unless it is reviewed by then."""
    via: Via = Via()


class FiringAlert(Kept):
    """An alert that was raised and not resolved."""

    alert: Alert
    at: Instant
    pending: tuple[PendingReopening, ...] = ()
    stages: tuple[str, ...] = ()
    """The stages that it concerns by now."""


class VersionState(Kept):
    """Everything the rules know of one model version."""

    format: int = FORMAT
    model: str
    version: str
    sequence: int = 0
    """How many facts it is the fold of."""
    as_of: Instant | None = None
    """The instant of the last fact."""
    registered_at: Instant | None = None
    status: VersionStatus = VersionStatus.REGISTERED
    artifacts: dict[str, Artifact] = {}
    producers: tuple[str, ...] = ()
    registered_by: str = ""
    requested_by: str = ""
    requesters: tuple[str, ...] = ()
    """Who asked for review: people's ids and keys; whose keys they are, the roster says."""
    lifecycle_digest: str = ""
    lifecycle: Lifecycle | None = None
    roster: Roster | None = None
    working: WorkingTime | None = None
    stages: dict[str, Stage] = {}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    """For each name the newest about each subject, newest first."""
    deployments: dict[str, str] = {}
    """Environment to the digest last seen there."""
    notices: tuple[Notice, ...] = ()
    seen: dict[str, int] = {}
    """Short hashes of the ids of commands that were taken, with the day (since 1970)."""
    closed_why: str = ""
    edition: int = 1
    pace: Reopenings | None = None
    """How often stages may reopen where the definition says nothing."""
    commit_authors: tuple[str, ...] = ()
    effective_at: Instant | None = None
    """No gate opens sooner."""
    previous: Previous | None = None
    """The last approved version of the model."""
    findings: dict[str, Finding] = {}
    conditions: dict[str, Condition] = {}
    overrides: dict[str, Override] = {}
    alerts: dict[str, FiringAlert] = {}
    """Alerts that fire, by `source/id`."""
    overridden: int = 0
    """How often a gate was opened without its stages."""
    suspended_why: str = ""
    """Why the trust is suspended; empty when it is not."""
    suspended_from: VersionStatus | None = None
    """The status to come back to."""
    numbered: int = 0
    """How many questions, conditions, findings and overrides got a number."""

    @property
    def is_closed(self) -> bool:
        """Whether the story has ended."""
        return self.status in {
            VersionStatus.RETIRED,
            VersionStatus.SUPERSEDED,
        }

    @property
    def is_withdrawn(self) -> bool:
        """Whether the request for review is taken back; a new one resumes it."""
        return self.status == VersionStatus.WITHDRAWN

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the current artifacts that are known."""
        return tuple(a.digest for a in self.artifacts.values() if a.digest)


def blank(model: str, version: str) -> VersionState:
    """Give the state before the first fact."""
    return VersionState(model=model, version=version)
