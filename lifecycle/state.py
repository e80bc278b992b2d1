"""What a model version is at one moment: the fold of its facts."""

from enum import StrEnum

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Approval, Artifact, Evidence, PlannedStep, Vote
from lifecycle.roster import Roster
from lifecycle.values import Instant, Kept

FORMAT = 1
"""The format of carried state that this code reads and writes."""


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


class Signoff(Kept):
    """One role's request in one round."""

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
    why: str = ""
    """Why it is void."""
    before: dict[str, dict[str, str]] = {}
    """Earlier revisions and what they bound, so that a late click can be told what changed."""


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


class RoundSummary(Kept):
    """What is kept of a round that is over."""

    round: int
    ended_at: Instant
    why: str


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


class Stage(Kept):
    """A stage in its current round."""

    name: str
    status: StageStatus = StageStatus.WAITING
    round: int = 0
    """0 before it ever opened."""
    since: Instant | None = None
    """Since when it is in this status."""
    why: str = ""
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

    @property
    def is_closed(self) -> bool:
        """Whether the story has ended."""
        return self.status in {
            VersionStatus.RETIRED,
            VersionStatus.WITHDRAWN,
            VersionStatus.SUPERSEDED,
        }

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the current artifacts that are known."""
        return tuple(a.digest for a in self.artifacts.values() if a.digest)


def blank(model: str, version: str) -> VersionState:
    """Give the state before the first fact."""
    return VersionState(model=model, version=version)
