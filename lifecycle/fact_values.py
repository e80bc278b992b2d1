"""What facts and states are made of: artifacts, evidence, votes, requests."""

from typing import Any, Literal

from lifecycle.values import Digest, Frozen, Instant, Kept, later


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
    """Who sent it: `key:<id>`, or the person."""


class Alert(Frozen):
    """A signal about a deployed model from outside."""

    kind: str
    severity: str | None = None
    summary: str = ""
    uri: str | None = None
    source: str = ""
    id: str = ""


class PendingReopening(Kept):
    """A stage that an alert reopens if it fires until an instant."""

    rule: int
    """Which of the definition's `reopen` rules."""
    at: Instant
    stage: str = ""
    roles: tuple[str, ...] | None = None
    """Roles to ask anew; None: every role of the stage."""
    gate: Literal["keep", "close"] = "close"


class Via(Kept):
    """Through what a person spoke: enough to prove who it was, no secret."""

    surface: Literal["slack", "api", "cli", "console"] = "api"
    key: str | None = None
    session: str | None = None
    enterprise: str | None = None
    team: str | None = None
    slack_user: str | None = None
    is_account: bool = later(False)
    """Whether the Slack account alone says who it is; earlier releases sent the person with it."""
    checked_at: Instant | None = later(None)
    """When Slack last said what the account is, as the shell learned it before judging."""
    barred: str = later("")
    """Why the account may not decide, as Slack said then; empty: it is a full member's."""


Right = Literal["owner", "escalation", "delegation"]


class ApprovalCondition(Kept):
    """What must be done by a date, or the approval that was given on it lapses."""

    id: str
    """Unique within the version, as `1`."""
    text: str
    due: Instant


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
    on_behalf_of: str = later("")
    """The owner whom a delegate stands in for."""
    carried_from: str = later("")
    """The sign-off of an earlier version that this approval was given to."""
    conditions: tuple[ApprovalCondition, ...] = later(())


class Dissent(Kept):
    """One person's objection that did not send the version back; it stays on the record."""

    person: str
    revision: str
    at: Instant
    comment: str
    role: str = ""
    reasons: tuple[str, ...] = ()
    right: Right = "owner"
    on_behalf_of: str = ""
    approved_since: bool = later(False)
    """Whether the same person approved after all; then it is on record and no longer counts."""


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
    roles: tuple[str, ...] = later(())
    """The roles whose owners may sign, where several may (`any_of`)."""
    after: tuple[str, ...] = later(())
    """Roles of the stage that must approve before this one is asked."""
    advisory: bool = later(False)
    changes_needed: int = later(1)
    """How many must request changes before the version goes back."""
    fallback: str = later("")
    """The role that is asked in place of its own, of whose owners too few may sign."""


class EarlierApproval(Kept):
    """A role's approval in an earlier version, with what it bound to."""

    signoff: str
    """The id of the sign-off it was given to."""
    stage: str
    role: str
    statement: str
    binding: dict[str, str]
    votes: tuple[Vote, ...]


class Previous(Kept):
    """The last approved version of the model, as read when this one's review began."""

    version: str
    approvals: tuple[EarlierApproval, ...] = ()


class PlannedStep(Kept):
    """A step of the escalation, at its instant."""

    index: int
    at: Instant
    action: Literal["remind", "tell", "ask", "channel", "hold", "return", "expire"]
    target: str
    roles: tuple[str, ...] = later(())
    """The roles that it concerns; none: all that are pending."""
    people: tuple[str, ...] = later(())
    """The people whose reminder this is, where it was shifted or snoozed; none: all silent."""


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
