"""What people and the surroundings ask for about a whole version."""

from typing import Annotated, Literal

from pydantic import Field

from lifecycle.asked import Command, Id, Personal
from lifecycle.calendars import WorkingTime
from lifecycle.definition import Lifecycle
from lifecycle.receipts import Receipt
from lifecycle.rules import Severity
from lifecycle.values import Comment, Name, Sentence, SentInstant, VersionName


class WithdrawRequest(Personal):
    """Take a request for review back."""

    kind: Literal["WithdrawRequest"] = "WithdrawRequest"
    reason: Comment = ""


class Release(Personal):
    """Let a held stage go on."""

    kind: Literal["Release"] = "Release"
    stage: Id
    reason: Comment = ""


class OverrideGate(Personal):
    """Open a gate without its stages, for some hours, with a reason: break-glass."""

    kind: Literal["OverrideGate"] = "OverrideGate"
    gate: Name
    reason: Comment
    hours: Annotated[int, Field(ge=1, le=24 * 90)]


class EndOverride(Personal):
    """Close a gate that an override keeps open, before its time."""

    kind: Literal["EndOverride"] = "EndOverride"
    override: Id
    reason: Comment = ""


class OpenFinding(Personal):
    """Report something wrong."""

    kind: Literal["OpenFinding"] = "OpenFinding"
    title: Sentence
    severity: Severity
    owner: Name | None = None
    due: SentInstant | None = None
    stage: Name | None = None


class CloseFinding(Personal):
    """Say how a finding was dealt with."""

    kind: Literal["CloseFinding"] = "CloseFinding"
    finding: Id
    resolution: Sentence


class RequestAcceptance(Personal):
    """Ask for the risk of a finding to be accepted."""

    kind: Literal["RequestAcceptance"] = "RequestAcceptance"
    finding: Id
    reason: Comment = ""


class MeetCondition(Personal):
    """Say that what an approval was conditional on is done."""

    kind: Literal["MeetCondition"] = "MeetCondition"
    condition: Id
    comment: Comment = ""


class Migrate(Personal):
    """Follow another definition of the lifecycle from here on."""

    kind: Literal["Migrate"] = "Migrate"
    definition: Lifecycle
    reason: Comment = ""
    working: WorkingTime | None = None
    """The working time of its calendar; the shell resolves it."""
    problems: tuple[str, ...] = ()
    """What `lint` finds wrong with it. The shell asks and puts it down: a later release may find
    more, and a replay must not."""


class VoidBase(Command):
    """Say that the approval of a model that this one is built on no longer stands."""

    kind: Literal["VoidBase"] = "VoidBase"
    model: Name
    version: VersionName
    why: Comment = ""


class ReportDelivery(Command):
    """Say whom requests reached; the workflow's own, from what delivering them found."""

    kind: Literal["ReportDelivery"] = "ReportDelivery"
    receipts: tuple[Receipt, ...] = ()
    mails: bool = False
    """Whether who is not reached in Slack is asked by e-mail."""


class TakeTurn(Command):
    """Say whose turn it is in a stage that takes one version at a time."""

    kind: Literal["TakeTurn"] = "TakeTurn"
    stage: Name
    behind: tuple[VersionName, ...] = ()
    """The versions ahead; none: it is this one's turn."""
    ticket: int = 0
    """Which of the version's places it is about; 0: the one that it has."""
