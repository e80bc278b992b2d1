"""What is asked for. A command yields facts, or a refusal that a person can act on."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from lifecycle.asked import Command, Id, Personal, Refused
from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.fact_values import Previous, Via
from lifecycle.roster import Roster
from lifecycle.signoff_commands import (
    Acknowledge,
    AnswerQuestion,
    AskQuestion,
    Delegate,
    Snooze,
    WithdrawAnswer,
)
from lifecycle.values import (
    Comment,
    Digest,
    Frozen,
    Instant,
    JsonObject,
    Label,
    Name,
    Sentence,
    SentInstant,
    Uri,
    VersionName,
)
from lifecycle.version_commands import (
    CloseFinding,
    EndOverride,
    MeetCondition,
    Migrate,
    OpenFinding,
    OverrideGate,
    Release,
    ReportDelivery,
    RequestAcceptance,
    TakeTurn,
    VoidBase,
    WithdrawRequest,
)

__all__ = [
    "Acknowledge",
    "AlertGiven",
    "AnswerQuestion",
    "AnyCommand",
    "ArtifactGiven",
    "AskQuestion",
    "Attach",
    "ChangeArtifact",
    "CloseFinding",
    "Command",
    "ConditionGiven",
    "Decide",
    "Delegate",
    "EndOverride",
    "Id",
    "MeetCondition",
    "Migrate",
    "ObserveDeployment",
    "OpenFinding",
    "OverrideGate",
    "Prepare",
    "RaiseAlert",
    "Refused",
    "Register",
    "Release",
    "ReportDelivery",
    "RequestAcceptance",
    "RequestReview",
    "ResolveAlert",
    "Retire",
    "Snooze",
    "Supersede",
    "TakeTurn",
    "Tick",
    "VoidBase",
    "WithdrawAnswer",
    "WithdrawRequest",
    "parse_command",
]


class ArtifactGiven(Frozen):
    """An artifact as it is registered."""

    name: Name = "model"
    uri: Uri
    digest: Digest | None = None


class Register(Command):
    """Make a version known."""

    kind: Literal["Register"] = "Register"
    model: Name
    version: VersionName
    artifacts: Annotated[tuple[ArtifactGiven, ...], Field(min_length=1, max_length=8)]
    producers: Annotated[tuple[Label, ...], Field(max_length=50)] = ()
    commit_authors: Annotated[tuple[Label, ...], Field(max_length=200)] = ()
    """Who wrote the code that made it, by any identity, as `git:ana-r`."""


class Prepare(Command):
    """Take what the shell read for a version that begins, or again: rules, people, calendar."""

    kind: Literal["Prepare"] = "Prepare"
    definition: Lifecycle | None = None
    roster: Roster | None = None
    working: WorkingTime | None = None
    edition: int = 1
    """The edition of the rules for a version that is pinned now."""
    pace: Reopenings | None = None
    previous: Previous | None = None
    """The last approved version of the model; one without a name when there is none, and None when
    it was not read."""


class RequestReview(Command):
    """Ask for review; on a stage that was sent back, say that it is ready again."""

    kind: Literal["RequestReview"] = "RequestReview"
    person: str | None = None
    """The person behind the principal, who may then not sign."""
    effective_at: SentInstant | None = None
    """No gate opens sooner."""


class Attach(Personal):
    """Attach evidence; a pipeline names no person."""

    kind: Literal["Attach"] = "Attach"
    name: Name
    subject: Digest
    verdict: Literal["pass", "fail"]
    digest: Digest
    uri: Uri | None = None
    value: JsonObject = {}
    time: Instant
    source: Label
    event_id: str


class ChangeArtifact(Command):
    """Say that the bytes behind a name are others."""

    kind: Literal["ChangeArtifact"] = "ChangeArtifact"
    artifact: Name | None = None
    digest: Digest


class ObserveDeployment(Command):
    """Say that bytes were seen in an environment."""

    kind: Literal["ObserveDeployment"] = "ObserveDeployment"
    digest: Digest
    environment: Label


class AlertGiven(Command):
    """What an alert says."""

    alert: Label
    severity: Label | None = None
    summary: Comment = ""
    uri: Uri | None = None
    source: Label
    event_id: str
    alert_id: Label | None = None
    """The alert's own id, which its resolution repeats; without it the event's."""


class RaiseAlert(AlertGiven):
    """Report a problem."""

    kind: Literal["RaiseAlert"] = "RaiseAlert"


class ResolveAlert(AlertGiven):
    """Report that a problem is gone."""

    kind: Literal["ResolveAlert"] = "ResolveAlert"


class Retire(Command):
    """End a version's story."""

    kind: Literal["Retire"] = "Retire"
    reason: Comment = ""


class Supersede(Command):
    """Close the open rounds of a version in favour of a newer one."""

    kind: Literal["Supersede"] = "Supersede"
    by_version: VersionName


class ConditionGiven(Frozen):
    """What must be done by a date, or the approval lapses."""

    text: Sentence
    due: SentInstant


class Decide(Command):
    """Answer a sign-off."""

    kind: Literal["Decide"] = "Decide"
    signoff: Id
    person: str
    decision: Literal["approve", "request_changes"]
    revision: Annotated[str, StringConstraints(max_length=100)]
    comment: Comment = ""
    send_back_to: str | None = None
    via: Via = Via()
    reasons: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    """Names of the reasons that the lifecycle lists."""
    conditions: Annotated[tuple[ConditionGiven, ...], Field(max_length=10)] = ()


class Tick(Command):
    """Do what is due by now."""

    kind: Literal["Tick"] = "Tick"


AnyCommand = Annotated[
    Register
    | Prepare
    | RequestReview
    | Attach
    | ChangeArtifact
    | ObserveDeployment
    | RaiseAlert
    | ResolveAlert
    | Retire
    | Supersede
    | Decide
    | Tick
    | Acknowledge
    | AnswerQuestion
    | AskQuestion
    | Delegate
    | Snooze
    | WithdrawAnswer
    | CloseFinding
    | EndOverride
    | MeetCondition
    | Migrate
    | OpenFinding
    | OverrideGate
    | Release
    | ReportDelivery
    | RequestAcceptance
    | TakeTurn
    | VoidBase
    | WithdrawRequest,
    Field(discriminator="kind"),
]

INTERNAL = frozenset({"Prepare", "ReportDelivery", "Tick"})
"""Kinds that a version's workflow gives itself; they are taken from nobody else."""

_COMMAND: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def parse_command(data: Any) -> AnyCommand:
    """Read a command from its JSON form; raises pydantic.ValidationError."""
    return _COMMAND.validate_python(data)
