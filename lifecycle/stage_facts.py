"""What happens to a stage and the requests of its rounds, in the past tense."""

from typing import Literal

from lifecycle.fact_values import (
    Approval,
    ApprovalCondition,
    Asking,
    Dissent,
    Fact,
    PlannedStep,
    Right,
    Via,
)
from lifecycle.values import Instant, later


class StageOpened(Fact):
    """A stage's needs are met; pipelines are awaited."""

    kind: Literal["StageOpened"] = "StageOpened"
    stage: str
    round: int
    evidence_due: Instant | None = None


class StagePaused(Fact):
    """A stage that another one needs is no longer passed; open requests are void."""

    kind: Literal["StagePaused"] = "StagePaused"
    stage: str
    round: int
    why: str


class OwnersAsked(Fact):
    """Owners were asked to sign; the deadline and every escalation step are fixed here."""

    kind: Literal["OwnersAsked"] = "OwnersAsked"
    stage: str
    round: int
    signoffs: tuple[Asking, ...]
    due: Instant | None = None
    steps: tuple[PlannedStep, ...] = ()


class OwnersChanged(Fact):
    """The people of a pending request, or how many of them must sign, are others now."""

    kind: Literal["OwnersChanged"] = "OwnersChanged"
    stage: str
    round: int
    role: str
    asked: tuple[str, ...]
    needed: int
    roles: tuple[str, ...] = later(())
    """The roles whose owners may sign, where they are others than `role`."""
    fallback: str = later("")


class SignoffRevised(Fact):
    """What a request binds to changed before anybody signed it."""

    kind: Literal["SignoffRevised"] = "SignoffRevised"
    stage: str
    round: int
    role: str
    revision: str
    binding: dict[str, str]
    changed: tuple[str, ...]


class StageUnowned(Fact):
    """The open seats cannot be filled by the people there are."""

    kind: Literal["StageUnowned"] = "StageUnowned"
    stage: str
    round: int
    why: str
    told: tuple[str, ...] = ()


class SignedOff(Fact):
    """An owner undersigned the statement for the bytes of the revision."""

    kind: Literal["SignedOff"] = "SignedOff"
    stage: str
    round: int
    role: str
    person: str
    revision: str
    comment: str = ""
    right: Right = "owner"
    via: Via = Via()
    on_behalf_of: str = later("")
    conditions: tuple[ApprovalCondition, ...] = later(())


class ChangesRequested(Fact):
    """An owner declined and said why, and where it goes."""

    kind: Literal["ChangesRequested"] = "ChangesRequested"
    stage: str
    round: int
    role: str
    person: str
    revision: str
    comment: str
    send_back_to: str
    right: Right = "owner"
    via: Via = Via()
    on_behalf_of: str = later("")
    reasons: tuple[str, ...] = later(())


class SignoffApproved(Fact):
    """A role's quorum is reached."""

    kind: Literal["SignoffApproved"] = "SignoffApproved"
    stage: str
    round: int
    role: str
    by: tuple[str, ...]


class StageApproved(Fact):
    """Every role asked has approved, or rules alone decided."""

    kind: Literal["StageApproved"] = "StageApproved"
    stage: str
    round: int
    approvals: tuple[Approval, ...] = ()
    artifacts: dict[str, str] = {}
    """The digests that were approved, by artifact name."""
    valid_until: Instant | None = None
    renew_at: Instant | None = None
    dissents: tuple[Dissent, ...] = later(())
    """Objections that were overruled, or that only advised."""
    on_lapse: Literal["close", "warn"] | None = later(None)
    """What a lapse does, where it depends on the risk; none: as the lifecycle says."""


class StageSentBack(Fact):
    """A stage is with its producers again."""

    kind: Literal["StageSentBack"] = "StageSentBack"
    stage: str
    round: int
    from_stage: str
    by: str
    reason: str
    evidence_due: Instant | None = None


class StageReopened(Fact):
    """A stage starts its next round."""

    kind: Literal["StageReopened"] = "StageReopened"
    stage: str
    round: int
    reason: Literal[
        "changed", "evidence", "alert", "renewal", "rule", "withdrawn", "condition", "base"
    ]
    why: str
    gate: Literal["keep", "close"] = "close"
    roles: tuple[str, ...] | None = None
    """Roles to ask anew whatever they approved; none: those whose binding changed."""
    voided: tuple[str, ...] = ()
    """Roles whose approvals no longer stand."""
    evidence_due: Instant | None = None
    quiet_until: Instant | None = later(None)
    """Owners are asked no sooner, in case more changes come."""
    alert: str = later("")
    """The alert that reopened it, as `source/id`."""


class PipelinesLate(Fact):
    """Evidence did not come in time."""

    kind: Literal["PipelinesLate"] = "PipelinesLate"
    stage: str
    round: int
    missing: tuple[str, ...]
    told: tuple[str, ...] = ()


class OwnersReminded(Fact):
    """Owners who have not answered were reminded."""

    kind: Literal["OwnersReminded"] = "OwnersReminded"
    stage: str
    round: int
    step: int
    people: tuple[str, ...]
    shifted: tuple[PlannedStep, ...] = later(())
    """Reminders of people who are off work now, at their next working hour."""


class EscalationTold(Fact):
    """Somebody was told of the silence; they may not sign because of it."""

    kind: Literal["EscalationTold"] = "EscalationTold"
    stage: str
    round: int
    step: int
    target: str
    people: tuple[str, ...]


class EscalationAsked(Fact):
    """Somebody else may sign now; that right comes from the escalation."""

    kind: Literal["EscalationAsked"] = "EscalationAsked"
    stage: str
    round: int
    step: int
    target: str
    roles: tuple[str, ...]
    people: tuple[str, ...]
    stands_for: dict[str, tuple[str, ...]] = later({})
    """For each of them, the silent owners they stand in for; their exclusions are inherited."""


class StageLapsed(Fact):
    """An approval is too old to be trusted."""

    kind: Literal["StageLapsed"] = "StageLapsed"
    stage: str
    round: int
    on_lapse: Literal["close", "warn"]
