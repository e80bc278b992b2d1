"""Stages that no file lists: the review that an override owes, the acceptance of a finding's risk.

Each is a stage with one sign-off, so that asking, reminders, escalation, separation of duties,
binding and cards are the same as for every other.
"""

from lifecycle.basis import remembered_by_basis
from lifecycle.definition import Lifecycle, StageRule
from lifecycle.durations import Duration
from lifecycle.rules import SignoffRule
from lifecycle.state import Basis

OVERRIDE = "override."
FINDING = "finding."
RESERVED = (OVERRIDE, FINDING)
"""What the names of these stages begin with; no file may use it."""
LONGEST_STATEMENT = 1000


def stage_rules(state: Basis) -> tuple[StageRule, ...]:
    """Give every stage that a version has: those of its lifecycle, then the side stages."""
    if state.lifecycle is None:
        return ()
    if not state.overrides and not state.findings:
        return state.lifecycle.stages
    return _with_sides(state, state.lifecycle)


@remembered_by_basis
def _with_sides(state: Basis, lifecycle: Lifecycle) -> tuple[StageRule, ...]:
    return (*lifecycle.stages, *_reviews(state, lifecycle), *_acceptances(state, lifecycle))


def stage_rule(state: Basis, name: str) -> StageRule:
    """Find the rule of a stage; raises KeyError when there is none of that name."""
    for rule in stage_rules(state):
        if rule.name == name:
            return rule
    raise KeyError(name)


def is_side_stage(name: str) -> bool:
    """Say whether a stage is none of the lifecycle's own."""
    return name.startswith(RESERVED)


def is_over(state: Basis, name: str) -> bool:
    """Say whether a side stage has nothing left to decide.

    Its finding is closed, or its override reviewed: that is about what was done, once.
    """
    if name.startswith(OVERRIDE):
        override = state.overrides.get(name.removeprefix(OVERRIDE))
        return override is not None and override.is_reviewed
    finding = state.findings.get(name.removeprefix(FINDING)) if name.startswith(FINDING) else None
    return finding is not None and finding.closed_at is not None


def review_stage(override: str) -> str:
    """Name the side stage in which an override is reviewed."""
    return f"{OVERRIDE}{override}"


def acceptance_stage(finding: str) -> str:
    """Name the side stage in which the risk of a finding is accepted."""
    return f"{FINDING}{finding}"


def _reviews(state: Basis, lifecycle: Lifecycle) -> tuple[StageRule, ...]:
    if lifecycle.override is None:
        return ()
    review = lifecycle.override.review
    return tuple(
        _stage(
            review_stage(one.id),
            review.role,
            f"{review.statement} (override {one.id} of {one.gate}: {one.reason})",
            review.due,
            review.escalate,
            # It is about what was done, not about the bytes of later.
            binds=(),
        )
        for one in state.overrides.values()
    )


def _acceptances(state: Basis, lifecycle: Lifecycle) -> tuple[StageRule, ...]:
    rule = lifecycle.findings
    if rule is None or rule.accepted_by is None:
        return ()
    return tuple(
        _stage(
            acceptance_stage(one.id),
            rule.accepted_by,
            f"{rule.statement} (finding {one.id}, {one.severity}: {one.title})",
            rule.due,
            rule.escalate,
        )
        for one in state.findings.values()
        if one.acceptance_requested
    )


def _stage(
    name: str,
    role: str,
    statement: str,
    due: Duration | None,
    escalate: str | None,
    *,
    binds: tuple[str, ...] | None = None,
) -> StageRule:
    signoff = SignoffRule(role=role, statement=statement[:LONGEST_STATEMENT], binds=binds)
    return StageRule(
        name=name, needs=(), accountable=role, signoffs=(signoff,), due=due, escalate=escalate
    )
