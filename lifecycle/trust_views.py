"""What people see of a version's trust: alerts, conditions, findings, overrides, freezes."""

from lifecycle.blocking import blocks, is_accepted
from lifecycle.fact_values import ApprovalCondition
from lifecycle.rules import Freeze
from lifecycle.side_stages import review_stage
from lifecycle.state import Condition, Finding, Override, VersionState
from lifecycle.view_parts import AlertView, ConditionView, FindingView, OverrideView, Window


def called_one(state: VersionState, person: str) -> str:
    """Give the name to write for a person."""
    return state.roster.called(person) if state.roster else person


def condition_view(state: VersionState, condition: Condition) -> ConditionView:
    """Give an open condition."""
    return ConditionView(
        id=condition.id,
        text=condition.text,
        due=condition.due,
        stage=condition.stage,
        role=condition.role,
        person=condition.person,
        name=called_one(state, condition.person),
        is_lapsed=condition.is_lapsed,
    )


def condition_views(
    state: VersionState, given: tuple[ApprovalCondition, ...] | None = None
) -> tuple[ConditionView, ...]:
    """Give the open conditions, of a version or of those that one vote was given on."""
    wanted = None if given is None else {one.id for one in given}
    return tuple(
        condition_view(state, one)
        for one in state.conditions.values()
        if wanted is None or one.id in wanted
    )


def alert_views(state: VersionState) -> tuple[AlertView, ...]:
    """Give the alerts that fire and concern a stage."""
    return tuple(
        AlertView(
            kind=firing.alert.kind,
            severity=firing.alert.severity,
            summary=firing.alert.summary,
            source=firing.alert.source,
            id=firing.alert.id,
            since=firing.at,
            stages=firing.stages,
            waits={p.stage: p.at for p in firing.pending},
        )
        for firing in state.alerts.values()
    )


def override_view(state: VersionState, override: Override) -> OverrideView:
    """Give a gate that somebody opened without its stages."""
    return OverrideView(
        id=override.id,
        gate=override.gate,
        person=override.person,
        name=called_one(state, override.person),
        role=override.role,
        reason=override.reason,
        at=override.at,
        until=override.until,
        digests=override.digests,
        is_over=override.is_over,
        is_reviewed=override.is_reviewed,
        is_declined=override.is_declined,
        review_stage=review_stage(override.id),
        review_due=override.review_due,
    )


def override_views(state: VersionState) -> tuple[OverrideView, ...]:
    """Give the overrides of a version that are kept."""
    return tuple(override_view(state, one) for one in state.overrides.values())


def finding_views(state: VersionState) -> tuple[FindingView, ...]:
    """Give the findings of a version that are kept."""
    return tuple(
        FindingView(
            id=one.id,
            title=one.title,
            severity=one.severity,
            status=_status(state, one),
            blocks=blocks(state, one),
            owner=one.owner,
            owner_name=called_one(state, one.owner) if one.owner else "",
            due=one.due,
            stage=one.stage,
            evidence=one.evidence,
            opened_at=one.opened_at,
            resolution=one.resolution,
        )
        for one in state.findings.values()
    )


def _status(state: VersionState, finding: Finding) -> str:
    if finding.closed_at is not None:
        return "closed"
    if is_accepted(state, finding):
        return "accepted"
    return "acceptance_requested" if finding.acceptance_requested else "open"


def freezes_of(state: VersionState, gate: str) -> tuple[Window, ...]:
    """Give the windows in which a gate stays closed, those of the file and of the model."""
    freezes: tuple[Freeze, ...] = (
        *(state.lifecycle.freezes if state.lifecycle else ()),
        *(state.roster.freezes if state.roster else ()),
    )
    return tuple(
        Window(name=one.name, starts=one.starts, until=one.until)
        for one in freezes
        if not one.gates or gate in one.gates
    )
