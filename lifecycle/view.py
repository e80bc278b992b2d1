"""What people see of a version: the same words in Slack, API and console.

Everything here is derived from the state alone and holds instants, never "now": a view stays right
until the next fact.
"""

from typing import Any, Literal

from lifecycle.state import Notice, SignoffStatus, StageStatus, VersionStatus
from lifecycle.values import Frozen, Instant, later
from lifecycle.view_parts import (
    AlertView,
    ConditionView,
    DelegationView,
    DissentView,
    FindingView,
    OverrideView,
    QuestionView,
    Window,
    WithdrawnView,
)


class Waiting(Frozen):
    """One thing that a version waits for."""

    kind: Literal["owner", "pipeline", "producer", "accountable", "stage", "version", "nobody"]
    who: str
    """A person's id, an evidence name, a stage, another version, or a producer's name."""
    name: str
    """As written in a sentence."""
    stage: str
    role: str | None = None
    since: Instant
    due: Instant | None = None
    why: str
    """A whole sentence."""


class Upcoming(Frozen):
    """What happens next by itself, and when."""

    at: Instant
    what: str
    """A whole sentence without the time: "Dee Park is told that nobody answered."."""


class Explanation(Frozen):
    """Who or what is waited for, since when, why, and what happens next."""

    summary: str
    waiting: tuple[Waiting, ...] = ()
    upcoming: Upcoming | None = None


class EvidenceView(Frozen):
    """One named piece of evidence as a stage sees it."""

    name: str
    is_met: bool
    why: str
    """`passed`, or what is missing, as a sentence."""
    sources: tuple[str, ...] = ()
    require: str | None = None
    verdict: str | None = None
    subject: str | None = None
    digest: str | None = None
    uri: str | None = None
    value: dict[str, Any] = {}
    time: Instant | None = None
    source: str | None = None


class ArtifactView(Frozen):
    """One artifact of a version."""

    name: str
    uri: str
    digest: str | None = None


class AskedView(Frozen):
    """Somebody who was asked to sign."""

    person: str
    name: str
    right: Literal["owner", "escalation", "delegation"] = "owner"
    has_decided: bool = False
    on_behalf_of: str = ""
    is_away: bool = False
    has_acknowledged: bool = False
    snoozed_until: Instant | None = None
    delivery: Literal["", "sent", "failed", "not in Slack"] = ""
    """Whether the request reached them; empty while that is not known."""
    delivered_by: Literal["", "slack", "email"] = ""
    undelivered: str = ""
    """Why it did not reach them in Slack, in a few words."""


class DecisionView(Frozen):
    """One owner's answer."""

    person: str
    name: str
    decision: Literal["approve", "request_changes"]
    at: Instant
    comment: str = ""
    right: str = "owner"
    revision: str
    round: int
    on_behalf_of: str = ""
    """The owner whom a delegate stood in for."""
    carried_from: str = ""
    """The sign-off of an earlier version that it was given to."""
    reasons: tuple[str, ...] = ()
    conditions: tuple[ConditionView, ...] = ()


class SignoffView(Frozen):
    """One role's request in one round."""

    id: str
    model: str
    version: str
    stage: str
    round: int
    role: str
    status: SignoffStatus
    why: str = ""
    statement: str
    confirm: bool = False
    revision: str
    binds: tuple[str, ...] = ()
    """Labels of what the revision binds to, as `artifact model`, `evidence evaluation`."""
    artifacts: tuple[ArtifactView, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    asked: tuple[AskedView, ...] = ()
    can_decide: tuple[str, ...] = ()
    """Ids of the people who may still decide; empty unless pending."""
    decisions: tuple[DecisionView, ...] = ()
    needed: int = 1
    """How many must approve."""
    approved: int = 0
    """How many have."""
    others: tuple[str, ...] = ()
    """Sentences about the other roles of the round: who else must sign."""
    send_back_to: tuple[str, ...] = ()
    """Where `request_changes` may send it; one entry means no choice is needed."""
    risk: str | None = None
    layer: str | None = None
    asked_at: Instant
    due: Instant | None = None
    decided_at: Instant | None = None
    managers: tuple[str, ...] = ()
    """Managers of the people who may still decide."""
    upcoming: Upcoming | None = None
    explanation: str = ""
    any_of: tuple[str, ...] = ()
    """The roles whose owners may sign, where they are others than `role`."""
    fallback: str = ""
    """The role that is asked because too few of its own owners may sign; empty when none is."""
    is_open: bool = True
    """False while other roles of the stage are waited for first."""
    after: tuple[str, ...] = ()
    advisory: bool = False
    changes_needed: int = 1
    comment_required: bool = False
    reasons: dict[str, str] = {}
    """The reasons that a request for changes chooses from, with their sentences."""
    dissents: tuple[DissentView, ...] = ()
    delegations: tuple[DelegationView, ...] = ()
    questions: tuple[QuestionView, ...] = ()
    paused_since: Instant | None = None
    """Since when the clock stands, because a question is open."""
    changed_since: dict[str, tuple[str, ...]] = {}
    """For each person, what changed since they last approved this."""
    withdrawn: tuple[WithdrawnView, ...] = later(())
    """Answers that were taken back, the newest few."""


class StageView(Frozen):
    """A stage in its current round."""

    name: str
    status: StageStatus
    round: int
    since: Instant | None = None
    why: str = ""
    accountable: str | None = None
    needs: tuple[str, ...] = ()
    evidence: tuple[EvidenceView, ...] = ()
    evidence_due: Instant | None = None
    is_late: bool = False
    due: Instant | None = None
    valid_until: Instant | None = None
    signoffs: tuple[SignoffView, ...] = ()
    explanation: Explanation
    paused_since: Instant | None = None
    questions: tuple[QuestionView, ...] = ()
    dissents: tuple[DissentView, ...] = ()
    """Objections of the round, or those that the approval overruled."""
    behind: tuple[str, ...] = ()
    """The versions ahead, in a stage that takes one at a time."""


class ApprovalView(Frozen):
    """One approval that a gate's yes relies on."""

    stage: str
    round: int
    role: str
    statement: str
    person: str
    name: str
    at: Instant
    right: str = "owner"
    revision: str
    on_behalf_of: str = ""
    carried_from: str = ""
    flag: str = ""
    """What changed about the signer since, as "Ben Ruiz is no longer validator."."""


class GateAnswer(Frozen):
    """May these bytes pass this door? Reasons are whole sentences, also for a yes."""

    allowed: bool
    reasons: tuple[str, ...]
    gate: str = ""
    model: str | None = None
    version: str | None = None
    approvals: tuple[ApprovalView, ...] = ()
    as_of: Instant
    valid_until: Instant | None = None
    override: OverrideView | None = None
    """The override that the yes rests on."""


class StandingGate(Frozen):
    """A gate as the state alone answers it; the reader compares `valid_until` with the clock."""

    gate: str
    allowed: bool
    reasons: tuple[str, ...]
    approvals: tuple[ApprovalView, ...] = ()
    valid_until: Instant | None = None
    """When the first approval lapses, where a lapse closes the gate."""
    digests: tuple[str, ...] = ()
    """The current digests that somebody on the way signed for."""
    effective_at: Instant | None = None
    """It opens no sooner."""
    freezes: tuple[Window, ...] = ()
    overrides: tuple[OverrideView, ...] = ()
    """Overrides that open it whatever is approved, each until its instant."""
    conditions: tuple[ConditionView, ...] = ()
    """What the approvals are conditional on; past its date, one closes the gate."""
    review_due: Instant | None = None
    """When trust is suspended unless an override is reviewed by then."""


class VersionView(Frozen):
    """A model version as everybody sees it."""

    model: str
    version: str
    status: VersionStatus
    sequence: int
    lifecycle: str = ""
    lifecycle_digest: str = ""
    layer: str | None = None
    risk: str | None = None
    slack_channel: str | None = None
    artifacts: tuple[ArtifactView, ...] = ()
    producers: tuple[str, ...] = ()
    registered_at: Instant | None = None
    registered_by: str = ""
    requested_by: str = ""
    deployments: dict[str, str] = {}
    stages: tuple[StageView, ...] = ()
    gates: tuple[StandingGate, ...] = ()
    explanation: Explanation
    next_deadline: Instant | None = None
    notices: tuple[Notice, ...] = ()
    closed_why: str = ""
    effective_at: Instant | None = None
    suspended_why: str = ""
    findings: tuple[FindingView, ...] = ()
    conditions: tuple[ConditionView, ...] = ()
    overrides: tuple[OverrideView, ...] = ()
    overridden: int = 0
    """How often a gate was opened without its stages."""
    alerts: tuple[AlertView, ...] = ()
    """Alerts that fire and concern a stage."""
    built_on: tuple[str, ...] = ()
    names: dict[str, str] = later({})
    """What those are called whom the notices tell, by id."""


class EventOutcome(Frozen):
    """What became of one message."""

    status: Literal["applied", "refused", "late", "unreadable"]
    why: str = ""
    sequence: int = 0


class Projection(Frozen):
    """Everything that changed for readers, as rows to write: the newest of each key."""

    version: VersionView
    signoffs: dict[str, SignoffView] = {}
    events: dict[str, EventOutcome] = {}
