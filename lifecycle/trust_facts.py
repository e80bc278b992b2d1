"""What happens to a version's trust and surroundings: findings, conditions, overrides, moves."""

from typing import Literal

from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Fact, Previous, Via
from lifecycle.values import Instant


class RosterTurned(Fact):
    """As time passes, others are on call, or away."""

    kind: Literal["RosterTurned"] = "RosterTurned"
    on_duty: dict[str, str] = {}
    absent: dict[str, str] = {}


class PreviousRead(Fact):
    """The last approved version of the model, whose approvals may be carried over."""

    kind: Literal["PreviousRead"] = "PreviousRead"
    previous: Previous


class RequestWithdrawn(Fact):
    """The request for review is taken back; open rounds are void until somebody requests again."""

    kind: Literal["RequestWithdrawn"] = "RequestWithdrawn"
    by: str
    person: str | None = None
    reason: str = ""


class LifecycleMigrated(Fact):
    """The version follows another definition from here on."""

    kind: Literal["LifecycleMigrated"] = "LifecycleMigrated"
    digest: str
    definition: Lifecycle
    before: str
    """The digest of the definition that it followed."""
    by: str = ""
    reason: str = ""


class BaseVoided(Fact):
    """The approval of a model that this one is built on no longer stands."""

    kind: Literal["BaseVoided"] = "BaseVoided"
    model: str
    version: str
    why: str
    told: tuple[str, ...] = ()


class AlertPersisted(Fact):
    """An alert fired for as long as a rule waits; what it reopens follows."""

    kind: Literal["AlertPersisted"] = "AlertPersisted"
    alert: str
    """The alert, as `source/id`."""
    stage: str
    rule: int
    """Which of the definition's `reopen` rules."""


class FindingOpened(Fact):
    """Evidence or a person reports something wrong."""

    kind: Literal["FindingOpened"] = "FindingOpened"
    finding: str
    """Unique within the version, as `1`."""
    title: str
    severity: Literal["low", "medium", "high", "critical"]
    owner: str = ""
    due: Instant | None = None
    stage: str | None = None
    """The stage that it blocks while it is open; None: every one."""
    evidence: str | None = None
    entry: str = ""
    """The id of the finding in the evidence that opened it."""
    subject: str = ""
    """The digest of the bytes that the evidence is about."""
    by: str = ""


class FindingOverdue(Fact):
    """The date of an open finding is past."""

    kind: Literal["FindingOverdue"] = "FindingOverdue"
    finding: str
    told: tuple[str, ...] = ()


class FindingClosed(Fact):
    """A finding is dealt with, or gone from the evidence."""

    kind: Literal["FindingClosed"] = "FindingClosed"
    finding: str
    resolution: str
    by: str = ""


class AcceptanceRequested(Fact):
    """Somebody asks for the risk of a finding to be accepted; that is a sign-off of its own."""

    kind: Literal["AcceptanceRequested"] = "AcceptanceRequested"
    finding: str
    by: str
    reason: str = ""


class ConditionMet(Fact):
    """What an approval was conditional on is done."""

    kind: Literal["ConditionMet"] = "ConditionMet"
    condition: str
    by: str
    comment: str = ""


class ConditionLapsed(Fact):
    """What an approval was conditional on was not done in time; the approval lapses."""

    kind: Literal["ConditionLapsed"] = "ConditionLapsed"
    condition: str
    stage: str
    round: int
    role: str
    person: str


class GateOverridden(Fact):
    """Break-glass: somebody who may opened a gate for some bytes and some hours."""

    kind: Literal["GateOverridden"] = "GateOverridden"
    override: str
    """Unique within the version, as `1`."""
    gate: str
    person: str
    role: str
    reason: str
    digests: tuple[str, ...]
    until: Instant
    review_due: Instant | None = None
    """When trust is suspended unless somebody else reviews it."""
    via: Via = Via()


class OverrideEnded(Fact):
    """An override ran out, or was taken back."""

    kind: Literal["OverrideEnded"] = "OverrideEnded"
    override: str
    why: str = ""
    by: str = ""


class TrustSuspended(Fact):
    """Nobody reviewed an override in time; every gate is closed until somebody does."""

    kind: Literal["TrustSuspended"] = "TrustSuspended"
    why: str
    override: str = ""
    told: tuple[str, ...] = ()


class TrustRestored(Fact):
    """What suspended the trust is settled."""

    kind: Literal["TrustRestored"] = "TrustRestored"
    why: str = ""
