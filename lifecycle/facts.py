"""What happened, in the past tense. The audit trail is the list of these.

Stored facts live for years: new fields have defaults, and a value of an enumeration is never taken
away.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle
from lifecycle.roster import Roster
from lifecycle.values import Digest, Frozen, Instant, Kept


class Artifact(Kept):
    """One named file or tree of a version; without digest it is unresolved."""

    name: str = "model"
    uri: str
    digest: Digest | None = None


class Evidence(Kept):
    """A named result about named bytes."""

    name: str
    subject: Digest
    """The digest of the artifact that it is about."""
    verdict: Literal["pass", "fail"]
    digest: Digest
    """The digest of the report."""
    uri: str | None = None
    value: dict[str, Any] = {}
    time: Instant
    source: str
    id: str
    by: str = ""
    """Who sent it: `key:<id>`."""


class Alert(Frozen):
    """A signal about a deployed model from outside."""

    kind: str
    severity: str | None = None
    summary: str = ""
    uri: str | None = None
    source: str = ""
    id: str = ""


class Via(Kept):
    """Through what a person spoke: enough to prove who it was, no secret."""

    surface: Literal["slack", "api", "cli", "console"] = "api"
    key: str | None = None
    session: str | None = None
    enterprise: str | None = None
    team: str | None = None
    slack_user: str | None = None


Right = Literal["owner", "escalation"]


class Vote(Kept):
    """One person's approval of one revision."""

    person: str
    revision: str
    at: Instant
    comment: str = ""
    right: Right = "owner"
    via: Via = Via()
    round: int = 1
    """The round in which it was given; earlier than the sign-off's when it was kept."""


class Asking(Frozen):
    """One role's request as it goes out."""

    role: str
    statement: str
    revision: str
    binding: dict[str, str]
    """What the revision is the digest of: a label and a digest for each thing."""
    asked: tuple[str, ...]
    needed: int
    kept: tuple[Vote, ...] = ()
    """Approvals of this same revision from the round before, which still stand."""


class PlannedStep(Kept):
    """A step of the escalation, at its instant."""

    index: int
    at: Instant
    action: Literal["remind", "tell", "ask"]
    target: str


class Approval(Kept):
    """Who approved which revision for a role when its stage was approved."""

    role: str
    statement: str
    revision: str
    votes: tuple[Vote, ...]


class Fact(Frozen):
    """Something that happened to a model version."""

    at: Instant
    cause: str = ""
    """The id of the command that led to it."""


class VersionRegistered(Fact):
    """A version and its bytes are known."""

    kind: Literal["VersionRegistered"] = "VersionRegistered"
    model: str
    version: str
    artifacts: tuple[Artifact, ...]
    producers: tuple[str, ...] = ()
    by: str = ""


class LifecyclePinned(Fact):
    """The version follows this definition until it is moved to another."""

    kind: Literal["LifecyclePinned"] = "LifecyclePinned"
    digest: str
    definition: Lifecycle


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


class EvidenceAttached(Fact):
    """A result arrived."""

    kind: Literal["EvidenceAttached"] = "EvidenceAttached"
    evidence: Evidence


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


class StageOpened(Fact):
    """A stage's needs are met; pipelines are awaited."""

    kind: Literal["StageOpened"] = "StageOpened"
    stage: str
    round: int
    evidence_due: Instant | None = None


class StagePaused(Fact):
    """A stage that another one needs is no longer passed; open requests are void."""

    kind: Literal["StagePaused"] = "StagePaused"
    stage: str
    round: int
    why: str


class OwnersAsked(Fact):
    """Owners were asked to sign; the deadline and every escalation step are fixed here."""

    kind: Literal["OwnersAsked"] = "OwnersAsked"
    stage: str
    round: int
    signoffs: tuple[Asking, ...]
    due: Instant | None = None
    steps: tuple[PlannedStep, ...] = ()


class OwnersChanged(Fact):
    """The people of a pending request, or how many of them must sign, are others now."""

    kind: Literal["OwnersChanged"] = "OwnersChanged"
    stage: str
    round: int
    role: str
    asked: tuple[str, ...]
    needed: int


class SignoffRevised(Fact):
    """What a request binds to changed before anybody signed it."""

    kind: Literal["SignoffRevised"] = "SignoffRevised"
    stage: str
    round: int
    role: str
    revision: str
    binding: dict[str, str]
    changed: tuple[str, ...]


class StageUnowned(Fact):
    """The open seats cannot be filled by the people there are."""

    kind: Literal["StageUnowned"] = "StageUnowned"
    stage: str
    round: int
    why: str
    told: tuple[str, ...] = ()


class SignedOff(Fact):
    """An owner undersigned the statement for the bytes of the revision."""

    kind: Literal["SignedOff"] = "SignedOff"
    stage: str
    round: int
    role: str
    person: str
    revision: str
    comment: str = ""
    right: Right = "owner"
    via: Via = Via()


class ChangesRequested(Fact):
    """An owner declined and said why, and where it goes."""

    kind: Literal["ChangesRequested"] = "ChangesRequested"
    stage: str
    round: int
    role: str
    person: str
    revision: str
    comment: str
    send_back_to: str
    right: Right = "owner"
    via: Via = Via()


class SignoffApproved(Fact):
    """A role's quorum is reached."""

    kind: Literal["SignoffApproved"] = "SignoffApproved"
    stage: str
    round: int
    role: str
    by: tuple[str, ...]


class StageApproved(Fact):
    """Every role asked has approved, or rules alone decided."""

    kind: Literal["StageApproved"] = "StageApproved"
    stage: str
    round: int
    approvals: tuple[Approval, ...] = ()
    artifacts: dict[str, str] = {}
    """The digests that were approved, by artifact name."""
    valid_until: Instant | None = None
    renew_at: Instant | None = None


class StageSentBack(Fact):
    """A stage is with its producers again."""

    kind: Literal["StageSentBack"] = "StageSentBack"
    stage: str
    round: int
    from_stage: str
    by: str
    reason: str
    evidence_due: Instant | None = None


class StageReopened(Fact):
    """A stage starts its next round."""

    kind: Literal["StageReopened"] = "StageReopened"
    stage: str
    round: int
    reason: Literal["changed", "evidence", "alert", "renewal", "rule"]
    why: str
    gate: Literal["keep", "close"] = "close"
    roles: tuple[str, ...] | None = None
    """Roles to ask anew whatever they approved; none: those whose binding changed."""
    voided: tuple[str, ...] = ()
    """Roles whose approvals no longer stand."""
    evidence_due: Instant | None = None


class PipelinesLate(Fact):
    """Evidence did not come in time."""

    kind: Literal["PipelinesLate"] = "PipelinesLate"
    stage: str
    round: int
    missing: tuple[str, ...]
    told: tuple[str, ...] = ()


class OwnersReminded(Fact):
    """Owners who have not answered were reminded."""

    kind: Literal["OwnersReminded"] = "OwnersReminded"
    stage: str
    round: int
    step: int
    people: tuple[str, ...]


class EscalationTold(Fact):
    """Somebody was told of the silence; they may not sign because of it."""

    kind: Literal["EscalationTold"] = "EscalationTold"
    stage: str
    round: int
    step: int
    target: str
    people: tuple[str, ...]


class EscalationAsked(Fact):
    """Somebody else may sign now; that right comes from the escalation."""

    kind: Literal["EscalationAsked"] = "EscalationAsked"
    stage: str
    round: int
    step: int
    target: str
    roles: tuple[str, ...]
    people: tuple[str, ...]


class StageLapsed(Fact):
    """An approval is too old to be trusted."""

    kind: Literal["StageLapsed"] = "StageLapsed"
    stage: str
    round: int
    on_lapse: Literal["close", "warn"]


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
    | CommandQuarantined,
    Field(discriminator="kind"),
]

_FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


def parse_fact(data: Any) -> AnyFact:
    """Read a fact from its JSON form; raises pydantic.ValidationError."""
    return _FACT.validate_python(data)


def fact_json(fact: AnyFact) -> dict[str, Any]:
    """Give a fact's JSON form, as it is hashed and stored."""
    return fact.model_dump(mode="json", by_alias=True, exclude_defaults=False)
