"""One request as everybody sees it, with its answers and objections."""

from lifecycle.answers import send_back_choices
from lifecycle.asked_views import asked_views, delegation_views
from lifecycle.binding import bound_names
from lifecycle.changed_since import changed_since
from lifecycle.definition import StageRule
from lifecycle.explain import stage_explanation
from lifecycle.explain_asking import signoff_sentence
from lifecycle.explain_parts import due_of
from lifecycle.fact_values import Dissent
from lifecycle.free_seats import can_decide
from lifecycle.holding import bound_artifacts, bound_evidence
from lifecycle.memory import remembered
from lifecycle.notices import called
from lifecycle.question_views import question_views
from lifecycle.side_stages import stage_rule
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.trust_views import condition_views
from lifecycle.values import signoff_id
from lifecycle.view import DecisionView, SignoffView
from lifecycle.view_parts import DissentView, WithdrawnView
from lifecycle.votes import counted_votes


def dissent_views(state: VersionState, dissents: tuple[Dissent, ...]) -> tuple[DissentView, ...]:
    """Give objections with the names of those who made them."""
    return tuple(
        DissentView(
            role=dissent.role,
            person=dissent.person,
            name=called(state, (dissent.person,)),
            at=dissent.at,
            comment=dissent.comment,
            reasons=dissent.reasons,
            on_behalf_of=dissent.on_behalf_of,
            approved_since=dissent.approved_since,
        )
        for dissent in dissents
    )


def rule_of(state: VersionState, stage: Stage) -> StageRule:
    """Give the rule of a stage that exists."""
    if state.lifecycle is None:
        raise LookupError("a stage exists only under a lifecycle")
    return stage_rule(state, stage.name)


@remembered
def signoff_view(state: VersionState, stage: Stage, signoff: Signoff) -> SignoffView:
    """Give one role's request in one round."""
    rule = rule_of(state, stage)
    own = next((s for s in rule.signoffs if s.role == signoff.role), None)
    is_open = signoff.status == SignoffStatus.PENDING and stage.status == StageStatus.ASKING
    is_running = is_open and signoff.is_open and stage.paused_since is None
    may = can_decide(state, stage, signoff) if is_open else ()
    evidence = bound_names(state, rule, own)[1] if own else ()
    explanation = stage_explanation(state, stage) if is_open else None
    return SignoffView(
        id=signoff_id(state.model, state.version, stage.name, signoff.round, signoff.role),
        model=state.model,
        version=state.version,
        stage=stage.name,
        round=signoff.round,
        role=signoff.role,
        status=signoff.status,
        why=signoff.why,
        statement=signoff.statement,
        confirm=own.confirm if own else False,
        revision=signoff.revision,
        binds=tuple(signoff.binding),
        artifacts=bound_artifacts(state, signoff.binding),
        evidence=bound_evidence(state, stage, evidence, signoff.binding),
        asked=asked_views(state, signoff),
        can_decide=may,
        delegations=delegation_views(state, signoff),
        decisions=_decisions(state, signoff),
        needed=signoff.needed,
        approved=len(counted_votes(state, signoff)),
        paused_since=stage.paused_since if is_open else None,
        questions=question_views(state, stage, signoff.role),
        others=_others(state, stage, signoff),
        send_back_to=send_back_choices(rule),
        risk=state.roster.risk if state.roster else None,
        layer=state.roster.layer if state.roster else None,
        asked_at=signoff.asked_at,
        due=due_of(stage, signoff.role) if is_running else None,
        decided_at=signoff.decided_at,
        managers=_managers(state, may),
        upcoming=explanation.upcoming if explanation else None,
        explanation=signoff_sentence(state, stage, signoff),
        any_of=signoff.roles,
        fallback=signoff.fallback,
        is_open=signoff.is_open,
        after=signoff.after,
        advisory=signoff.advisory,
        changes_needed=signoff.changes_needed,
        comment_required=own.comment == "required" if own else False,
        reasons=state.lifecycle.reasons if state.lifecycle else {},
        dissents=dissent_views(state, signoff.dissents),
        changed_since=changed_since(state, stage, signoff, may) if is_open else {},
        withdrawn=_withdrawn(state, signoff),
    )


def _withdrawn(state: VersionState, signoff: Signoff) -> tuple[WithdrawnView, ...]:
    return tuple(
        WithdrawnView(
            person=one.person,
            name=called(state, (one.person,)),
            at=one.at,
            reason=one.reason,
            was=one.was,
        )
        for one in signoff.withdrawn
    )


def _managers(state: VersionState, may: tuple[str, ...]) -> tuple[str, ...]:
    people = [state.roster.person(p) for p in may] if state.roster else []
    return tuple(dict.fromkeys(m.manager for m in people if m and m.manager))


def _decisions(state: VersionState, signoff: Signoff) -> tuple[DecisionView, ...]:
    def called(person: str) -> str:
        return state.roster.called(person) if state.roster else person

    approvals = [
        DecisionView(
            person=vote.person,
            name=called(vote.person),
            decision="approve",
            at=vote.at,
            comment=vote.comment,
            right=vote.right,
            revision=vote.revision,
            round=vote.round,
            conditions=condition_views(state, vote.conditions),
            on_behalf_of=vote.on_behalf_of,
            carried_from=vote.carried_from,
        )
        for vote in signoff.votes
    ]
    refusal = signoff.refusal
    if refusal is None:
        return tuple(approvals)
    declined = DecisionView(
        person=refusal.person,
        name=called(refusal.person),
        decision="request_changes",
        at=refusal.at,
        comment=refusal.reason,
        revision=refusal.revision,
        round=signoff.round,
        right=refusal.right,
        reasons=refusal.reasons,
        on_behalf_of=refusal.on_behalf_of,
    )
    return (*approvals, declined)


def _others(state: VersionState, stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    return tuple(
        signoff_sentence(state, stage, other)
        for role, other in stage.signoffs.items()
        if role != signoff.role and other.round == signoff.round
    )
