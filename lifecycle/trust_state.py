"""What is known of a version's findings, conditions, overrides and alerts at one moment."""

from lifecycle.fact_values import Alert, ApprovalCondition, PendingReopening, Via
from lifecycle.values import Instant, Kept


class Finding(Kept):
    """Something wrong that evidence or a person reported."""

    id: str
    title: str
    severity: str
    owner: str = ""
    due: Instant | None = None
    stage: str | None = None
    evidence: str | None = None
    entry: str = ""
    """The id of the finding in the evidence that opened it."""
    opened_at: Instant
    opened_by: str = ""
    subject: str = ""
    """The digest of the bytes that the evidence is about."""
    is_overdue: bool = False
    acceptance_requested: bool = False
    acceptance_by: str = ""
    """Who asked for its risk to be accepted; they don't accept it."""
    closed_at: Instant | None = None
    closed_by: str = ""
    resolution: str = ""


class Condition(ApprovalCondition):
    """A condition of an approval, and what became of it."""

    stage: str
    role: str
    person: str
    round: int
    is_lapsed: bool = False


class Override(Kept):
    """A gate that somebody opened without its stages."""

    id: str
    gate: str
    person: str
    role: str
    reason: str
    digests: tuple[str, ...]
    at: Instant
    until: Instant
    is_over: bool = False
    is_reviewed: bool = False
    is_declined: bool = False
    """Whether its review was declined, and nobody signed it since."""
    review_due: Instant | None = None
    """When trust is suspended unless it is reviewed by then."""
    via: Via = Via()


class FiringAlert(Kept):
    """An alert that was raised and not resolved."""

    alert: Alert
    at: Instant
    pending: tuple[PendingReopening, ...] = ()
    stages: tuple[str, ...] = ()
    """The stages that it concerns by now."""
