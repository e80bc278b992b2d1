"""What is sent to ask for something about a sign-off or a version, beside decisions."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, StrictBool, model_validator

from api.schemas import Sent
from lifecycle.commands import AnyCommand, Id, parse_command
from lifecycle.rules import Severity
from lifecycle.values import Comment, Digest, Name, Sentence, SentInstant, Whole

MOST_HOURS = 24 * 90
Hours = Annotated[Whole, Field(ge=1, le=MOST_HOURS)]


class Verb(Sent):
    """The base of bodies whose fields are those of the command that they ask for."""

    kind: ClassVar[str]
    """The command's."""
    is_judged: ClassVar[bool] = False
    """Whether the rules refuse every person who has nothing to do with the version."""

    def command(self, **given: Any) -> AnyCommand:
        """Give the command, as whoever is `given` asks for it."""
        return parse_command({**given, **self.model_dump(), "kind": self.kind})


class AnswerWithdrawalSent(Verb):
    """Takes one's own answer to a sign-off back."""

    kind = "WithdrawAnswer"
    reason: Comment = ""


class DelegationSent(Verb):
    """Lets somebody answer in one's place."""

    kind = "Delegate"
    to: Name | None = None
    """The person; none takes the delegation back."""
    until: SentInstant | None = None
    """When it ends by itself; else with the request."""
    reason: Comment = ""


class AcknowledgementSent(Verb):
    """Says that one is on it."""

    kind = "Acknowledge"


class SnoozeSent(Verb):
    """Asks to be reminded later."""

    kind = "Snooze"
    until: SentInstant


class QuestionSent(Verb):
    """Asks the producers."""

    kind = "AskQuestion"
    text: Sentence


class RequestWithdrawalSent(Verb):
    """Takes a request for review back."""

    kind = "WithdrawRequest"
    is_judged = True
    reason: Comment = ""


class OverrideSent(Verb):
    """Opens a gate without its stages for some hours, or ends an override."""

    is_judged = True
    gate: Name | None = None
    hours: Hours | None = None
    end: Id | None = None
    """The number of an override to end, in place of `gate` and `hours`."""
    reason: Comment = ""

    @model_validator(mode="after")
    def _one_way(self) -> "OverrideSent":
        opens = self.gate is not None and self.hours is not None
        if opens == (self.end is not None) or (self.end is not None and (self.gate or self.hours)):
            raise ValueError("give `gate`, `hours` and `reason` to open one, or `end` to end one")
        if opens and not self.reason:
            raise ValueError("an override needs a `reason`, which everybody will read")
        return self

    def command(self, **given: Any) -> AnyCommand:
        """Give the command that opens, or that ends."""
        if self.end is not None:
            body = {"kind": "EndOverride", "override": self.end, "reason": self.reason}
        else:
            body = {"kind": "OverrideGate", **self.model_dump(exclude={"end"})}
        return parse_command({**given, **body})


class ReleaseSent(Verb):
    """Lets a held stage go on."""

    kind = "Release"
    stage: Name
    reason: Comment = ""


class FindingSent(Verb):
    """Reports something wrong."""

    kind = "OpenFinding"
    title: Sentence
    severity: Severity
    owner: Name | None = None
    """The person who deals with it."""
    due: SentInstant | None = None
    stage: Name | None = None
    """The stage that it blocks; none: every one."""


class ResolutionSent(Verb):
    """Says how a finding was dealt with."""

    kind = "CloseFinding"
    finding: Id
    resolution: Sentence


class AcceptanceSent(Verb):
    """Asks for the risk of a finding to be accepted."""

    kind = "RequestAcceptance"
    finding: Id
    reason: Comment = ""


class ConditionMetSent(Verb):
    """Says that what an approval was conditional on is done."""

    kind = "MeetCondition"
    is_judged = True
    condition: Id
    comment: Comment = ""


class AnswerSent(Verb):
    """Answers an owner's question."""

    kind = "AnswerQuestion"
    is_judged = True
    question: Id
    text: Sentence


class MigrationSent(Sent):
    """Moves a version to another definition of its lifecycle, or says what that would change."""

    lifecycle_digest: Digest | None = None
    """The definition; the current one of the model's lifecycle when none is given."""
    reason: Comment = ""
    dry_run: StrictBool = False
    """Only say what would be asked again."""


class MigrationForeseen(BaseModel):
    """What moving a version to a definition would lead to; nothing has happened."""

    lifecycle: str
    lifecycle_digest: str
    changes: list[str]
    """What would be asked again and why, and which approvals would stay."""
    sequence: int
    """The state of the version that it was judged by."""
