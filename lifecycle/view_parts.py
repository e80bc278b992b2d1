"""Parts of what people see: questions, objections, delegations, findings, conditions, overrides."""

from typing import Literal

from lifecycle.values import Frozen, Instant, later


class DissentView(Frozen):
    """An objection that did not send the version back."""

    role: str
    person: str
    name: str
    at: Instant
    comment: str
    reasons: tuple[str, ...] = ()
    on_behalf_of: str = ""
    approved_since: bool = False
    """Whether the same person approved after all."""


class DelegationView(Frozen):
    """Somebody who may answer in an owner's place."""

    person: str
    name: str
    to: str
    to_name: str
    until: Instant | None = None
    reason: str = ""


class QuestionView(Frozen):
    """A question to the producers, and its answer when there is one."""

    id: str
    role: str
    person: str
    name: str
    text: str
    at: Instant
    answer: str = ""
    answered_by: str = ""
    answered_at: Instant | None = None
    round: int = later(0)
    """The round in which it was asked; 0 in views that older releases wrote."""
    answered_by_name: str = later("")


class WithdrawnView(Frozen):
    """An answer that somebody took back while the role was still asked."""

    person: str
    name: str
    at: Instant
    reason: str = ""
    was: Literal["approve", "request_changes"] = "approve"


class ConditionView(Frozen):
    """What an approval is conditional on."""

    id: str
    text: str
    due: Instant
    stage: str
    role: str
    person: str
    name: str
    is_lapsed: bool = False


class AlertView(Frozen):
    """An alert that fires and concerns a stage, or will if it goes on."""

    kind: str
    severity: str | None = None
    summary: str = ""
    source: str
    id: str
    since: Instant
    stages: tuple[str, ...] = ()
    """The stages that it concerns by now."""
    waits: dict[str, Instant] = {}
    """The stages that reopen if it still fires by then."""


class FindingView(Frozen):
    """Something wrong that was reported."""

    id: str
    title: str
    severity: str
    status: str
    """`open`, `acceptance_requested`, `accepted` or `closed`."""
    blocks: bool = False
    """Whether it keeps stages from being approved, and gates closed, as things are."""
    owner: str = ""
    owner_name: str = ""
    due: Instant | None = None
    stage: str | None = None
    evidence: str | None = None
    opened_at: Instant
    resolution: str = ""


class OverrideView(Frozen):
    """A gate that somebody opened without its stages."""

    id: str
    gate: str
    person: str
    name: str
    role: str
    reason: str
    at: Instant
    until: Instant
    digests: tuple[str, ...] = ()
    is_over: bool = False
    is_reviewed: bool = False
    is_declined: bool = False
    review_stage: str = ""
    review_due: Instant | None = None
    """When trust is suspended unless it is reviewed by then."""


class Window(Frozen):
    """A time in which a gate stays closed whatever is approved."""

    name: str
    starts: Instant
    until: Instant
