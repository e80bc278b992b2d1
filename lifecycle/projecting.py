"""What readers see, made from the state: the view of a version and the rows that changed."""

from collections.abc import Iterable

from lifecycle.answers import send_back_choices
from lifecycle.asked_views import asked_views, delegation_views
from lifecycle.binding import bound_names
from lifecycle.changed_since import changed_since
from lifecycle.definition import StageRule
from lifecycle.evolve import evolve
from lifecycle.explain import explain, stage_explanation
from lifecycle.explain_asking import signoff_sentence
from lifecycle.explain_parts import due_of
from lifecycle.fact_values import Dissent
from lifecycle.facts import AnyFact, CommandQuarantined, CommandRefused, CommandUnreadable
from lifecycle.free_seats import can_decide
from lifecycle.holding import bound_artifacts, bound_evidence, evidence_views
from lifecycle.instants import next_deadline
from lifecycle.memory import remembered
from lifecycle.notices import called
from lifecycle.question_views import question_views
from lifecycle.side_stages import stage_rule
from lifecycle.standing_gates import standing_gates
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState, blank
from lifecycle.trust_views import alert_views, condition_views, finding_views, override_views
from lifecycle.values import signoff_id
from lifecycle.view import (
    ArtifactView,
    DecisionView,
    EventOutcome,
    Projection,
    SignoffView,
    StageView,
    VersionView,
)
from lifecycle.view_parts import DissentView
from lifecycle.votes import counted_votes


@remembered
def view(state: VersionState) -> VersionView:
    """Give a version as everybody sees it."""
    roster = state.roster
    return VersionView(
        model=state.model,
        version=state.version,
        status=state.status,
        sequence=state.sequence,
        lifecycle=state.lifecycle.lifecycle if state.lifecycle else "",
        lifecycle_digest=state.lifecycle_digest,
        layer=roster.layer if roster else None,
        risk=roster.risk if roster else None,
        slack_channel=roster.slack_channel if roster else None,
        artifacts=_artifacts(state, tuple(state.artifacts)),
        producers=state.producers,
        registered_at=state.registered_at,
        registered_by=state.registered_by,
        requested_by=state.requested_by,
        deployments=state.deployments,
        stages=tuple(stage_view(state, stage) for stage in state.stages.values()),
        gates=standing_gates(state),
        explanation=explain(state),
        next_deadline=next_deadline(state),
        notices=state.notices,
        closed_why=state.closed_why,
        effective_at=state.effective_at,
        suspended_why=state.suspended_why,
        findings=finding_views(state),
        conditions=condition_views(state),
        overrides=override_views(state),
        overridden=state.overridden,
        alerts=alert_views(state),
        built_on=roster.built_on if roster else (),
    )


def stage_view(state: VersionState, stage: Stage) -> StageView:
    """Give a stage in its current round."""
    rule = _rule(state, stage)
    return StageView(
        name=stage.name,
        status=stage.status,
        round=stage.round,
        since=stage.since,
        why=stage.why,
        accountable=rule.accountable,
        needs=rule.needs or (),
        evidence=evidence_views(state, stage, rule.evidence),
        evidence_due=stage.evidence_due,
        is_late=stage.is_late,
        due=None if stage.paused_since else stage.due,
        paused_since=stage.paused_since,
        questions=question_views(state, stage),
        behind=stage.behind,
        valid_until=stage.standing.valid_until if stage.standing else None,
        signoffs=tuple(signoff_view(state, stage, s) for s in stage.signoffs.values()),
        # Who is waited for stands once, in the version's explanation: there may be hundreds.
        explanation=stage_explanation(state, stage).model_copy(update={"waiting": ()}),
        dissents=dissent_views(state, _dissents(stage)),
    )


def _dissents(stage: Stage) -> tuple[Dissent, ...]:
    """Give the objections of the round, or those that the approval overruled."""
    if stage.standing is not None and stage.status in {StageStatus.APPROVED, StageStatus.EXPIRED}:
        return stage.standing.dissents
    return tuple(dissent for signoff in stage.signoffs.values() for dissent in signoff.dissents)


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


def _rule(state: VersionState, stage: Stage) -> StageRule:
    if state.lifecycle is None:
        raise LookupError("a stage exists only under a lifecycle")
    return stage_rule(state, stage.name)


def _artifacts(state: VersionState, names: tuple[str, ...]) -> tuple[ArtifactView, ...]:
    held = [state.artifacts[name] for name in names if name in state.artifacts]
    return tuple(ArtifactView(name=a.name, uri=a.uri, digest=a.digest) for a in held)


@remembered
def signoff_view(state: VersionState, stage: Stage, signoff: Signoff) -> SignoffView:
    """Give one role's request in one round."""
    rule = _rule(state, stage)
    own = next((s for s in rule.signoffs if s.role == signoff.role), None)
    is_open = signoff.status == SignoffStatus.PENDING and stage.status == StageStatus.ASKING
    is_running = is_open and signoff.is_open and stage.paused_since is None
    may = can_decide(state, stage, signoff) if is_open else ()
    evidence = bound_names(state, rule, own)[1] if own else ()
    people = [state.roster.person(p) for p in may] if state.roster else []
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
        managers=tuple(dict.fromkeys(m.manager for m in people if m and m.manager)),
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
    )


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


def signoff_rows(state: VersionState, fact: AnyFact) -> dict[str, SignoffView]:
    """Give the rows of every sign-off that a fact may have changed."""
    named = getattr(fact, "stage", None)
    stages = [state.stages[named]] if named in state.stages else list(state.stages.values())
    rows = [
        signoff_view(state, stage, signoff)
        for stage in stages
        for signoff in (*stage.earlier.values(), *stage.signoffs.values())
    ]
    return {row.id: row for row in rows}


def outcome(fact: AnyFact, sequence: int) -> EventOutcome:
    """Say what became of the message that a fact answers."""
    match fact:
        case CommandRefused(code="closed"):
            return EventOutcome(status="late", why=fact.reason, sequence=sequence)
        case CommandRefused():
            return EventOutcome(status="refused", why=fact.reason, sequence=sequence)
        case CommandQuarantined():
            why = f"It met an unexpected error and was set aside: {fact.error}"
            return EventOutcome(status="refused", why=why, sequence=sequence)
        case CommandUnreadable():
            return EventOutcome(status="unreadable", why=fact.error, sequence=sequence)
        case _:
            return EventOutcome(status="applied", sequence=sequence)


class Projector:
    """Collects the rows that facts change, the newest of each."""

    def __init__(
        self,
        signoffs: dict[str, SignoffView] | None = None,
        events: dict[str, EventOutcome] | None = None,
    ) -> None:
        self.signoffs = dict(signoffs or {})
        self.events = dict(events or {})

    def take(self, state: VersionState, fact: AnyFact) -> None:
        """Take a fact and the state after it."""
        if state.lifecycle is not None:
            self.signoffs |= signoff_rows(state, fact)
        if fact.cause and fact.cause not in self.events:
            self.events[fact.cause] = outcome(fact, state.sequence)

    def with_newer(self, newer: "Projector") -> "Projector":
        """Join rows with newer ones; the newer sign-off wins, the first outcome of a message."""
        return Projector({**self.signoffs, **newer.signoffs}, {**newer.events, **self.events})

    def projection(self, state: VersionState) -> Projection:
        """Give the rows to write."""
        return Projection(version=view(state), signoffs=self.signoffs, events=self.events)


def replay(model: str, version: str, facts: Iterable[AnyFact]) -> Projection:
    """Make a version's rows again from its facts alone."""
    state, projector = blank(model, version), Projector()
    for fact in facts:
        state = evolve(state, fact)
        projector.take(state, fact)
    return projector.projection(state)
