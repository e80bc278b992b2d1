"""What facts and states are made of: artifacts, evidence, votes, requests."""

from typing import Any, Literal

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
