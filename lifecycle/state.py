"""What a model version is at one moment: the fold of its facts."""

from enum import StrEnum

from lifecycle.building import built
from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.fact_values import Artifact, Evidence, Previous
from lifecycle.roster import Roster
from lifecycle.stage_state import (
    ESCALATION,
    DelegationGiven,
    LastSigned,
    Notice,
    NoticePart,
    PutAway,
    Question,
    Refusal,
    RoundSummary,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    Standing,
    WithdrawnAnswer,
)
from lifecycle.trust_state import Condition, Finding, FiringAlert, Override
from lifecycle.values import Instant, Kept

__all__ = [
    "EDITION",
    "ESCALATION",
    "FORMAT",
    "Basis",
    "Condition",
    "DelegationGiven",
    "Finding",
    "FiringAlert",
    "LastSigned",
    "Notice",
    "NoticePart",
    "Override",
    "PutAway",
    "Question",
    "Refusal",
    "RoundSummary",
    "Signoff",
    "SignoffStatus",
    "Stage",
    "StageStatus",
    "Standing",
    "VersionState",
    "VersionStatus",
    "WithdrawnAnswer",
    "blank",
]

FORMAT = 2
"""The format of carried state that this code writes; it reads that of every release before."""
EDITION = 2
"""The edition of the rules that versions are pinned to from now on.

A version is judged by the edition it was pinned with for its whole life, so that a replay by newer
code decides as the code before did. Edition 1: a role that is approved opens again when its voters
leave, and `carry_over` is ignored. Edition 2: the record stands and is flagged, approvals are
carried, stages that reopen too often are held.
"""


class VersionStatus(StrEnum):
    """How far a version is."""

    REGISTERED = "registered"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"


class Basis(Kept):
    """What requests and approvals are judged by, apart from how far the stages are.

    It stays the same object over facts that change nothing of it, and so do the answers about it.
    """

    __slots__ = ("neighbours_",)

    model: str
    version: str
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
    evidence: dict[str, tuple[Evidence, ...]] = {}
    """For each name the newest about each subject, newest first."""
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

    @property
    def is_closed(self) -> bool:
        """Whether the story has ended."""
        return self.status in {
            VersionStatus.RETIRED,
            VersionStatus.SUPERSEDED,
        }

    @property
    def is_unrequested(self) -> bool:
        """Whether nobody asked for review yet, also while its trust is suspended."""
        return VersionStatus.REGISTERED in {self.status, self.suspended_from}

    @property
    def is_withdrawn(self) -> bool:
        """Whether the request for review is taken back; a new one resumes it."""
        return self.status == VersionStatus.WITHDRAWN

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the current artifacts that are known."""
        return tuple(a.digest for a in self.artifacts.values() if a.digest)


class VersionState(Basis):
    """Everything the rules know of one model version."""

    __slots__ = ("basis_", "shared_")

    format: int = FORMAT
    sequence: int = 0
    """How many facts it is the fold of."""
    as_of: Instant | None = None
    """The instant of the last fact."""
    stages: dict[str, Stage] = {}
    deployments: dict[str, str] = {}
    """Environment to the digest last seen there."""
    notices: tuple[Notice, ...] = ()
    seen: dict[str, int] = {}
    """Short hashes of the ids of commands that were taken, with the day (since 1970)."""
    former_rounds: dict[str, int] = {}
    """The last rounds of stages of earlier definitions, so that no request's id comes twice."""
    numbered: int = 0
    """How many questions, conditions, findings and overrides got a number."""


def blank(model: str, version: str) -> VersionState:
    """Give the state before the first fact."""
    return built(VersionState, model=model, version=version)
