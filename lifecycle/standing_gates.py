"""Every gate as the state alone answers it, whatever the digest and the time."""

from datetime import datetime

from lifecycle.blocking import blocking
from lifecycle.conditional import relied_on
from lifecycle.explain import stage_explanation
from lifecycle.fact_values import Approval, Vote
from lifecycle.stand_in_words import flags
from lifecycle.standing import closes_when_it_lapses, is_closed_by_lapse
from lifecycle.state import Condition, Stage, VersionState, VersionStatus
from lifecycle.trust_views import called_one, condition_view, freezes_of, override_view
from lifecycle.trust_words import in_the_way
from lifecycle.values import moment
from lifecycle.view import ApprovalView, StandingGate


def standing_gates(state: VersionState) -> tuple[StandingGate, ...]:
    """Give every gate as the state alone answers it, whatever the digest and the time."""
    if state.lifecycle is None:
        return ()
    return tuple(_standing(state, gate, stages) for gate, stages in state.lifecycle.gates.items())


def _standing(state: VersionState, gate: str, asked: tuple[str, ...]) -> StandingGate:
    lifecycle = state.lifecycle
    if lifecycle is None:
        return StandingGate(gate=gate, allowed=False, reasons=("No lifecycle is known yet.",))
    wanted = {name for stage in asked for name in lifecycle.needs_of(stage)}
    stages = [state.stages[rule.name] for rule in lifecycle.stages if rule.name in wanted]
    reasons = [*_shut(state), *_missing(state, stages)]
    conditions = [one for stage in stages for one in relied_on(state, stage)]
    opens = (f"Every stage that {gate} needs stands approved.",)
    return StandingGate(
        gate=gate,
        allowed=not reasons,
        reasons=tuple(reasons) or (*opens, *(_conditional(state, one) for one in conditions)),
        approvals=tuple(_approvals(state, stages)),
        valid_until=_valid_until(state, stages),
        digests=_signed_bytes(state, stages),
        effective_at=state.effective_at,
        freezes=freezes_of(state, gate),
        overrides=tuple(
            override_view(state, one)
            for one in state.overrides.values()
            if one.gate == gate and not one.is_over and not _shut(state)
        ),
        conditions=tuple(condition_view(state, one) for one in conditions),
        review_due=min(
            (
                one.review_due
                for one in state.overrides.values()
                if one.review_due and not (one.is_reviewed or state.suspended_why)
            ),
            default=None,
        ),
    )


def _shut(state: VersionState) -> list[str]:
    """Say what closes every gate, also those that an override opens."""
    reasons = []
    if state.is_closed or state.status == VersionStatus.WITHDRAWN:
        reasons.append(f"This version is {state.status}: {state.closed_why}")
    if state.suspended_why:
        reasons.append(f"Trust is suspended: {state.suspended_why}")
    return reasons


def _missing(state: VersionState, stages: list[Stage]) -> list[str]:
    reasons = [
        f"{stage.name}: {stage_explanation(state, stage).summary}"
        for stage in stages
        if stage.standing is None
    ]
    reasons += [in_the_way(state, one) for one in blocking(state, tuple(s.name for s in stages))]
    reasons += [
        f"{stage.name}: {lapsed_at(stage.standing.valid_until)}"
        for stage in stages
        if stage.standing and stage.standing.valid_until and is_closed_by_lapse(state, stage)
    ]
    return reasons


def lapsed_at(instant: datetime) -> str:
    """Say since when an approval is too old."""
    return f"The approval lapsed at {moment(instant)}; renew it."


def _conditional(state: VersionState, condition: Condition) -> str:
    who = f"{called_one(state, condition.person)}, {condition.role}"
    due = moment(condition.due)
    return f"{condition.stage}: approved on a condition ({who}), due {due}: {condition.text}"


def _approvals(state: VersionState, stages: list[Stage]) -> list[ApprovalView]:
    return [
        _approval(state, stage.name, approval, vote, flag)
        for stage in stages
        if stage.standing is not None
        for approval in stage.standing.approvals
        for vote, flag in zip(approval.votes, flags(state, stage.name, approval), strict=True)
    ]


def _approval(
    state: VersionState, stage: str, approval: Approval, vote: Vote, flag: str
) -> ApprovalView:
    return ApprovalView(
        stage=stage,
        round=vote.round,
        role=approval.role,
        statement=approval.statement,
        person=vote.person,
        name=state.roster.called(vote.person) if state.roster else vote.person,
        at=vote.at,
        right=vote.right,
        revision=vote.revision,
        on_behalf_of=vote.on_behalf_of,
        carried_from=vote.carried_from,
        flag=flag,
    )


def _valid_until(state: VersionState, stages: list[Stage]) -> datetime | None:
    """Give when the first approval lapses, where a lapse closes the gate."""
    instants = [
        stage.standing.valid_until
        for stage in stages
        if stage.standing and stage.standing.valid_until and closes_when_it_lapses(state, stage)
    ]
    return min(instants, default=None)


def _signed_bytes(state: VersionState, stages: list[Stage]) -> tuple[str, ...]:
    """Give the current digests that at least one of the stages approved by that very digest."""
    signed = {d for s in stages if s.standing for d in s.standing.artifacts.values()}
    return tuple(digest for digest in state.digests if digest in signed)
