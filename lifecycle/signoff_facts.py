"""What happens to a request and its round beside plain answers: dissent, delegation, pauses."""

from typing import Literal

from lifecycle.fact_values import Fact, PlannedStep, Right, Via, Vote
from lifecycle.receipts import Receipt
from lifecycle.values import Instant


class SignoffOpened(Fact):
    """A role that waited for others of its stage is asked now."""

    kind: Literal["SignoffOpened"] = "SignoffOpened"
    stage: str
    round: int
    role: str
    due: Instant | None = None
    steps: tuple[PlannedStep, ...] = ()


class Dissented(Fact):
    """An owner requested changes, or advised against, without sending the version back."""

    kind: Literal["Dissented"] = "Dissented"
    stage: str
    round: int
    role: str
    person: str
    revision: str
    comment: str
    reasons: tuple[str, ...] = ()
    right: Right = "owner"
    on_behalf_of: str = ""
    via: Via = Via()


class ApprovalWithdrawn(Fact):
    """An owner takes an answer back; an approved stage reopens after it."""

    kind: Literal["ApprovalWithdrawn"] = "ApprovalWithdrawn"
    stage: str
    round: int
    role: str
    person: str
    reason: str
    via: Via = Via()


class ApprovalCarried(Fact):
    """An approval of the last approved version stands here too: all it binds to is the same."""

    kind: Literal["ApprovalCarried"] = "ApprovalCarried"
    stage: str
    round: int
    role: str
    original: str
    """The id of the sign-off that was approved."""
    from_version: str
    votes: tuple[Vote, ...]


class Delegated(Fact):
    """An owner lets somebody answer in their place, for this request."""

    kind: Literal["Delegated"] = "Delegated"
    stage: str
    round: int
    role: str
    person: str
    to: str
    until: Instant | None = None
    reason: str = ""
    via: Via = Via()


class DelegationEnded(Fact):
    """A delegation ran out or was taken back."""

    kind: Literal["DelegationEnded"] = "DelegationEnded"
    stage: str
    round: int
    role: str
    person: str
    to: str
    why: str = ""


class Acknowledged(Fact):
    """Somebody is on it: they are not reminded; the deadline stays."""

    kind: Literal["Acknowledged"] = "Acknowledged"
    stage: str
    round: int
    role: str
    person: str
    via: Via = Via()


class Snoozed(Fact):
    """Somebody wants to be reminded later; the deadline stays."""

    kind: Literal["Snoozed"] = "Snoozed"
    stage: str
    round: int
    role: str
    person: str
    until: Instant
    via: Via = Via()


class QuestionAsked(Fact):
    """An owner asks the producers; the clock of the stage stands until they answer."""

    kind: Literal["QuestionAsked"] = "QuestionAsked"
    stage: str
    round: int
    role: str
    person: str
    question: str
    """Unique within the version, as `1`."""
    text: str
    via: Via = Via()


class QuestionAnswered(Fact):
    """A question is answered; when it was the last open one, the clock goes on from here."""

    kind: Literal["QuestionAnswered"] = "QuestionAnswered"
    stage: str
    round: int
    question: str
    by: str
    text: str
    due: Instant | None = None
    steps: tuple[PlannedStep, ...] = ()
    role_dues: dict[str, Instant] = {}
    via: Via = Via()


class ChannelTold(Fact):
    """A channel was told of the silence."""

    kind: Literal["ChannelTold"] = "ChannelTold"
    stage: str
    round: int
    step: int
    channel: str


class StageHeld(Fact):
    """The stage stands still until somebody who answers for it releases it."""

    kind: Literal["StageHeld"] = "StageHeld"
    stage: str
    round: int
    why: str
    told: tuple[str, ...] = ()


class StageReleased(Fact):
    """A held stage goes on."""

    kind: Literal["StageReleased"] = "StageReleased"
    stage: str
    round: int
    by: str
    reason: str = ""


class StageExpired(Fact):
    """Nobody decided in time, and the lifecycle says that the request ends there."""

    kind: Literal["StageExpired"] = "StageExpired"
    stage: str
    round: int
    step: int
    why: str


class ReopeningWithdrawn(Fact):
    """What reopened the stage is gone before anybody was asked; the approval stands again."""

    kind: Literal["ReopeningWithdrawn"] = "ReopeningWithdrawn"
    stage: str
    round: int
    why: str


class TurnAwaited(Fact):
    """Another version of the model is in this stage; this one queues behind it."""

    kind: Literal["TurnAwaited"] = "TurnAwaited"
    stage: str
    round: int
    behind: tuple[str, ...] = ()
    """The versions ahead, the one whose turn it is first."""


class TurnTaken(Fact):
    """It is this version's turn in a stage that takes one at a time."""

    kind: Literal["TurnTaken"] = "TurnTaken"
    stage: str
    round: int


class DeliveryReported(Fact):
    """Requests reached people, or did not; what one showing found is one fact."""

    kind: Literal["DeliveryReported"] = "DeliveryReported"
    receipts: tuple[Receipt, ...]


class UnreachedTold(Fact):
    """Others heard at once that a request can't reach somebody."""

    kind: Literal["UnreachedTold"] = "UnreachedTold"
    stage: str
    round: int
    role: str
    about: tuple[str, ...]
    people: tuple[str, ...]
    mails: bool = False
    """Whether who is not reached in Slack is asked by e-mail."""
    step: int | None = None
    """The step of the escalation that this was, as nobody who may sign was reached."""


class StepHastened(Fact):
    """Nobody who may sign was reached, so the next step of the escalation is taken now."""

    kind: Literal["StepHastened"] = "StepHastened"
    stage: str
    round: int
    role: str
    about: tuple[str, ...] = ()
    """Who was not reached, and of whom nobody was told before."""
    of: int
    """The step that was planned."""
    step: PlannedStep
    """It for this role, now."""
