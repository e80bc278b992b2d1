"""The next round of a stage: which roles are asked anew, and why."""

from datetime import datetime
from typing import Literal

from lifecycle.basis import remembered_by_basis
from lifecycle.binding import asked_rules, binding, revision, unresolved
from lifecycle.clocks import evidence_due
from lifecycle.definition import StageRule
from lifecycle.evidence import standing_of
from lifecycle.involvement import producers_problem
from lifecycle.pacing import quiet_until
from lifecycle.stage_facts import StageReopened
from lifecycle.state import Basis, Stage, StageStatus, VersionState
from lifecycle.story import Story

Reason = Literal["changed", "evidence", "alert", "renewal", "rule"]
Gate = Literal["keep", "close"]


def why_not_ready(state: VersionState, rule: StageRule, now: datetime) -> str:
    """Say in sentences what keeps owners from being asked."""
    unmet = [s.why for s in (standing_of(state, n, now) for n in rule.evidence) if not s.is_met]
    unknown = [f"artifact {name} has no digest." for name in unresolved(state, rule)]
    return " ".join([*unmet, *unknown]) or producers_problem(state) or "It is not ready."


@remembered_by_basis
def asked_now(state: Basis, rule: StageRule, role: str) -> tuple[str, dict[str, str]] | None:
    """Give the revision and binding by which a role would be asked now, or None."""
    for one in asked_rules(state, rule):
        if one.role == role:
            bound = binding(state, rule, one)
            return revision(state, role, bound), bound
    return None


def affected_roles(state: Basis, rule: StageRule, stage: Stage) -> tuple[str, ...]:
    """Give the roles of a round whose binding is another now."""
    affected = []
    for role, signoff in stage.signoffs.items():
        current = asked_now(state, rule, role)
        if current is None or current[0] != signoff.revision:
            affected.append(role)
    return tuple(affected)


def reopen(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
) -> None:
    """Start the next round; a gate that an open round keeps open stays as it is."""
    begin_round(story, rule, stage, reason, why, voided, gate=gate_of(stage), anew=voided)


def gate_of(stage: Stage) -> Gate:
    """Give what becomes of the gate: an open round that keeps it open goes on doing so."""
    is_open = stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}
    return "keep" if is_open and stage.standing is not None else "close"


def begin_round(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
    *,
    gate: Gate,
    anew: tuple[str, ...],
) -> None:
    """Start the next round of a stage, with these roles asked anew."""
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.name,
            round=stage.round + 1,
            reason=reason,
            why=why,
            gate=gate,
            roles=anew or None,
            voided=voided,
            evidence_due=evidence_due(story.state, rule, story.now),
            quiet_until=quiet_until(story.state, stage, story.now),
        )
    )
