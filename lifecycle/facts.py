"""What happened, in the past tense. The audit trail is the list of these.

Stored facts live for years: new fields have defaults, and a value of an enumeration is never taken
away.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.fact_values import Alert, Artifact, Evidence, Fact, PendingReopening, Via
from lifecycle.roster import Roster
from lifecycle.signoff_facts import (
    Acknowledged,
    ApprovalCarried,
    ApprovalWithdrawn,
    ChannelTold,
    Delegated,
    DelegationEnded,
    DeliveryReported,
    Dissented,
    QuestionAnswered,
    QuestionAsked,
    ReopeningWithdrawn,
    SignoffOpened,
    Snoozed,
    StageExpired,
    StageHeld,
    StageReleased,
    StepHastened,
    TurnAwaited,
    TurnTaken,
    UnreachedTold,
)
from lifecycle.stage_facts import (
    ChangesRequested,
    EscalationAsked,
    EscalationTold,
    OwnersAsked,
    OwnersChanged,
    OwnersReminded,
    PipelinesLate,
    SignedOff,
    SignoffApproved,
    SignoffRevised,
    StageApproved,
    StageLapsed,
    StageOpened,
    StagePaused,
    StageReopened,
    StageSentBack,
    StageUnowned,
)
from lifecycle.trust_facts import (
    AcceptanceRequested,
    AlertPersisted,
    BaseVoided,
    ConditionLapsed,
    ConditionMet,
    FindingClosed,
    FindingOpened,
    FindingOverdue,
    GateOverridden,
    LifecycleMigrated,
    OverrideEnded,
    PreviousRead,
    RequestWithdrawn,
    RosterTurned,
    TrustRestored,
    TrustSuspended,
)
from lifecycle.values import Digest, Instant, later


class VersionRegistered(Fact):
    """A version and its bytes are known."""

    kind: Literal["VersionRegistered"] = "VersionRegistered"
    model: str
    version: str
    artifacts: tuple[Artifact, ...]
    producers: tuple[str, ...] = ()
    by: str = ""
    commit_authors: tuple[str, ...] = later(())


class LifecyclePinned(Fact):
    """The version follows this definition until it is moved to another."""

    kind: Literal["LifecyclePinned"] = "LifecyclePinned"
    digest: str
    definition: Lifecycle
    edition: int = later(1)
    """Which edition of the rules judges the version; fixed here, so that a replay agrees."""
    pace: Reopenings | None = later(None)
    """How often stages may reopen where the definition says nothing."""


class RosterRead(Fact):
    """Who owns what, as read now."""

    kind: Literal["RosterRead"] = "RosterRead"
    roster: Roster


class CalendarResolved(Fact):
    """Working time for the months ahead, with the library that knew it."""

    kind: Literal["CalendarResolved"] = "CalendarResolved"
    working: WorkingTime


class ReviewRequested(Fact):
    """Somebody asked for review."""

    kind: Literal["ReviewRequested"] = "ReviewRequested"
    by: str
    person: str | None = None
    effective_at: Instant | None = later(None)
    """No gate opens sooner."""


class EvidenceAttached(Fact):
    """A result arrived."""

    kind: Literal["EvidenceAttached"] = "EvidenceAttached"
    evidence: Evidence
    via: Via = later(Via())
    """Through what a person attached it."""


class ArtifactChanged(Fact):
    """The bytes behind a name are others now, or are known at last."""

    kind: Literal["ArtifactChanged"] = "ArtifactChanged"
    artifact: str
    digest: Digest
    before: Digest | None = None
    by: str = ""


class DeploymentObserved(Fact):
    """Bytes were seen in an environment."""

    kind: Literal["DeploymentObserved"] = "DeploymentObserved"
    digest: Digest
    environment: str
    by: str = ""


class AlertRaised(Fact):
    """Monitoring reports a problem."""

    kind: Literal["AlertRaised"] = "AlertRaised"
    alert: Alert
    pending: tuple[PendingReopening, ...] = later(())
    """What it reopens if it still fires by then."""
    stages: tuple[str, ...] = later(())
    """The stages that it concerns at once."""


class AlertResolved(Fact):
    """Monitoring reports that a problem is gone."""

    kind: Literal["AlertResolved"] = "AlertResolved"
    alert: Alert


class VersionRetired(Fact):
    """The version is out of use; its story ends."""

    kind: Literal["VersionRetired"] = "VersionRetired"
    reason: str
    by: str = ""


class VersionSuperseded(Fact):
    """A newer version asks for review in this one's place."""

    kind: Literal["VersionSuperseded"] = "VersionSuperseded"
    by_version: str


class VersionApproved(Fact):
    """Every stage stands approved."""

    kind: Literal["VersionApproved"] = "VersionApproved"


class VersionReopened(Fact):
    """An approved version is in review again."""

    kind: Literal["VersionReopened"] = "VersionReopened"
    why: str = ""


class NothingChanged(Fact):
    """A message was taken and changes nothing: the same was known already."""

    kind: Literal["NothingChanged"] = "NothingChanged"
    command: str
    by: str = ""


class CommandRefused(Fact):
    """Something asked for by message was refused."""

    kind: Literal["CommandRefused"] = "CommandRefused"
    command: str
    code: str
    reason: str
    by: str = ""


class CommandUnreadable(Fact):
    """A message could not be understood; it is kept by its digest and its beginning."""

    kind: Literal["CommandUnreadable"] = "CommandUnreadable"
    command: str
    digest: str
    error: str


class CommandQuarantined(Fact):
    """A command met an unexpected error and was set aside; nothing is approved by it."""

    kind: Literal["CommandQuarantined"] = "CommandQuarantined"
    command: str
    error: str


AnyFact = Annotated[
    VersionRegistered
    | LifecyclePinned
    | RosterRead
    | CalendarResolved
    | ReviewRequested
    | EvidenceAttached
    | ArtifactChanged
    | DeploymentObserved
    | AlertRaised
    | AlertResolved
    | VersionRetired
    | VersionSuperseded
    | StageOpened
    | StagePaused
    | OwnersAsked
    | OwnersChanged
    | SignoffRevised
    | StageUnowned
    | SignedOff
    | ChangesRequested
    | SignoffApproved
    | StageApproved
    | StageSentBack
    | StageReopened
    | PipelinesLate
    | OwnersReminded
    | EscalationTold
    | EscalationAsked
    | StageLapsed
    | VersionApproved
    | VersionReopened
    | NothingChanged
    | CommandRefused
    | CommandUnreadable
    | CommandQuarantined
    | SignoffOpened
    | Dissented
    | ApprovalWithdrawn
    | ApprovalCarried
    | Delegated
    | DelegationEnded
    | Acknowledged
    | Snoozed
    | QuestionAsked
    | QuestionAnswered
    | ChannelTold
    | StageHeld
    | StageReleased
    | StageExpired
    | ReopeningWithdrawn
    | TurnAwaited
    | TurnTaken
    | DeliveryReported
    | UnreachedTold
    | StepHastened
    | RosterTurned
    | PreviousRead
    | RequestWithdrawn
    | LifecycleMigrated
    | BaseVoided
    | AlertPersisted
    | FindingOpened
    | FindingOverdue
    | FindingClosed
    | AcceptanceRequested
    | ConditionMet
    | ConditionLapsed
    | GateOverridden
    | OverrideEnded
    | TrustSuspended
    | TrustRestored,
    Field(discriminator="kind"),
]

_FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


def parse_fact(data: Any) -> AnyFact:
    """Read a fact from its JSON form; raises pydantic.ValidationError."""
    return _FACT.validate_python(data)


def fact_json(fact: AnyFact) -> dict[str, Any]:
    """Give a fact's JSON form, as it is hashed and stored."""
    return fact.model_dump(mode="json", by_alias=True, exclude_defaults=False)
