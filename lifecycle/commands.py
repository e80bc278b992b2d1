"""What is asked for. A command yields facts, or a refusal that a person can act on."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Via
from lifecycle.roster import Roster
from lifecycle.values import (
    Comment,
    Digest,
    Frozen,
    Instant,
    JsonObject,
    Label,
    Name,
    Uri,
    VersionName,
)

Id = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """A command that the rules don't allow, with the sentence for whoever asked."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        """Stable, for problem types and metrics: `not-an-owner`, `other-revision`, …"""
        self.reason = reason


class Command(Frozen):
    """Something asked for."""

    id: str = ""
    """Names the message: a repeat of it changes nothing. Empty for the workflow's own."""
    by: str = ""
    """The authenticated principal: a person's id, or `key:<id>`."""


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


class Prepare(Command):
    """Take what the shell read for a version that begins, or again: rules, people, calendar."""

    kind: Literal["Prepare"] = "Prepare"
    definition: Lifecycle | None = None
    roster: Roster | None = None
    working: WorkingTime | None = None


class RequestReview(Command):
    """Ask for review; on a stage that was sent back, say that it is ready again."""

    kind: Literal["RequestReview"] = "RequestReview"
    person: str | None = None
    """The person behind the principal, who may then not sign."""


class Attach(Command):
    """Attach evidence."""

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
    | Tick,
    Field(discriminator="kind"),
]

_COMMAND: TypeAdapter[AnyCommand] = TypeAdapter(AnyCommand)


def parse_command(data: Any) -> AnyCommand:
    """Read a command from its JSON form; raises pydantic.ValidationError."""
    return _COMMAND.validate_python(data)
