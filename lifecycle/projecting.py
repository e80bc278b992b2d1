"""What readers see, made from the state: the view of a version and the rows that changed."""

from collections.abc import Iterable

from lifecycle.evolve import evolve
from lifecycle.explain import explain, stage_explanation
from lifecycle.fact_values import Dissent
from lifecycle.facts import AnyFact, CommandQuarantined, CommandRefused, CommandUnreadable
from lifecycle.holding import evidence_views
from lifecycle.instants import next_deadline
from lifecycle.memory import remembered
from lifecycle.naming import called
from lifecycle.question_views import question_views
from lifecycle.signoff_views import dissent_views, rule_of, signoff_view
from lifecycle.standing_gates import standing_gates
from lifecycle.state import Stage, StageStatus, VersionState, blank
from lifecycle.trust_views import alert_views, condition_views, finding_views, override_views
from lifecycle.view import (
    ArtifactView,
    EventOutcome,
    Projection,
    SignoffView,
    StageView,
    VersionView,
)


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
        names=_names(state),
    )


def _names(state: VersionState) -> dict[str, str]:
    parts = (part for notice in state.notices for part in notice.parts)
    people = dict.fromkeys(person for part in parts for person in part.people)
    return {person: called(state, (person,)) for person in people}


def stage_view(state: VersionState, stage: Stage) -> StageView:
    """Give a stage in its current round."""
    rule = rule_of(state, stage)
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


def _artifacts(state: VersionState, names: tuple[str, ...]) -> tuple[ArtifactView, ...]:
    held = [state.artifacts[name] for name in names if name in state.artifacts]
    return tuple(ArtifactView(name=a.name, uri=a.uri, digest=a.digest) for a in held)


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
