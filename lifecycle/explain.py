"""Who or what a version waits for, since when, why, and what happens next and when.

Derived from the state alone: the same words in Slack, API and console.
"""

from datetime import datetime

from lifecycle.binding import unresolved
from lifecycle.definition import StageRule
from lifecycle.evidence import standing_of
from lifecycle.explain_asking import explained_asking
from lifecycle.explain_parts import accountable, answerable, since_of, waiting_for
from lifecycle.involvement import producers_problem
from lifecycle.memory import remembered
from lifecycle.notices import called
from lifecycle.pacing import is_held, releasers
from lifecycle.queueing import is_queued, queue_waiting
from lifecycle.rounds import asks_at
from lifecycle.side_stages import is_side_stage, stage_rule
from lifecycle.stand_in_words import (
    signers,
)
from lifecycle.standing import is_deployed
from lifecycle.state import (
    ESCALATION,
    Stage,
    StageStatus,
    VersionState,
)
from lifecycle.trust_words import findings_awaited, trust_sentences, trust_upcoming
from lifecycle.view import Explanation, Upcoming, Waiting


def explain(state: VersionState) -> Explanation:
    """Explain a whole version; instants are given, so that it stays right as time passes."""
    if state.is_closed:
        return Explanation(summary=state.closed_why)
    if state.is_withdrawn:
        return Explanation(summary=f"{state.closed_why} A new request goes on with it.")
    if state.lifecycle is None or state.roster is None or state.registered_at is None:
        return Explanation(summary="It is being set up.")
    parts = [
        (stage, stage_explanation(state, stage))
        for stage in state.stages.values()
        if is_side_stage(stage.name) or not state.is_unrequested
    ]
    waiting = tuple(w for _, part in parts for w in part.waiting if w.kind != "stage")
    coming = [part.upcoming for _, part in parts if part.upcoming]
    coming += trust_upcoming(state)
    sentences = [
        f"{stage.name}: {part.summary}"
        for stage, part in parts
        if stage.status not in {StageStatus.WAITING, StageStatus.APPROVED} or is_queued(stage)
    ]
    if state.is_unrequested:
        sentences.insert(0, "Registered; nobody has asked for review yet.")
        waiting = (_for_request(state, state.registered_at), *waiting)
    return Explanation(
        summary=" ".join(
            [
                *(sentences or ["Every stage stands approved; nobody is waited for."]),
                *trust_sentences(state),
            ]
        ),
        waiting=waiting,
        upcoming=min(coming, key=lambda one: one.at, default=None),
    )


def _for_request(state: VersionState, since: datetime) -> Waiting:
    who = state.producers[0] if state.producers else state.registered_by
    return Waiting(
        kind="producer",
        who=who,
        name=called(state, (who,)),
        stage="",
        since=since,
        why="Review starts when somebody requests it.",
    )


@remembered
def stage_explanation(state: VersionState, stage: Stage) -> Explanation:
    """Explain one stage."""
    if state.lifecycle is None:
        return Explanation(summary="It is being set up.")
    explained = _explained(state, stage_rule(state, stage.name), stage)
    if stage.status not in {StageStatus.COLLECTING, StageStatus.ASKING}:
        return explained
    awaited = findings_awaited(state, stage)
    sentences = dict.fromkeys([explained.summary, *(one.why for one in awaited)])
    return explained.model_copy(
        update={
            "summary": " ".join(filter(None, sentences)),
            "waiting": (*explained.waiting, *awaited),
        }
    )


def _explained(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    match stage.status:
        case StageStatus.WAITING:
            return _waiting(state, rule, stage)
        case StageStatus.COLLECTING:
            return _collecting(state, rule, stage)
        case StageStatus.ASKING:
            return explained_asking(state, rule, stage)
        case StageStatus.SENT_BACK:
            return _sent_back(state, stage)
        case StageStatus.UNOWNED:
            return _stuck(state, rule, stage, stage.why)
        case StageStatus.HELD:
            return _stuck(state, rule, stage, _held(state, rule, stage))
        case StageStatus.APPROVED | StageStatus.EXPIRED:
            return _approved(state, stage)


def _waiting(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    needs = [name for name in rule.needs or () if state.stages[name].standing is None]
    if not needs and is_queued(stage):
        queue = queue_waiting(state, stage, since_of(stage, state))
        return Explanation(summary=queue[0].why, waiting=queue)
    summary = f"Starts when {' and '.join(needs)} stands approved." if needs else "Not started."
    if is_held(state, stage):
        summary = f"{summary} {_held(state, rule, stage)}"
    waiting = tuple(
        Waiting(
            kind="stage",
            who=name,
            name=name,
            stage=stage.name,
            since=since_of(stage, state),
            why=f"{stage.name} needs {name} to stand approved first.",
        )
        for name in needs
    )
    return Explanation(summary=summary, waiting=waiting)


def _collecting(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    since = since_of(stage, state)
    now = state.as_of or since
    waiting = [
        waiting_for("pipeline", judged.name, judged.name, stage, since, judged.why)
        for judged in (standing_of(state, name, now) for name in rule.evidence)
        if not judged.is_met
    ]
    for name in unresolved(state, rule):
        why = f"Artifact {name} has no digest yet; report it as undersigned.artifact.changed."
        producers = state.producers or (name,)
        waiting += [
            waiting_for("producer", p, called(state, (p,)), stage, since, why) for p in producers
        ]
    problem = producers_problem(state)
    if problem:
        waiting += [
            waiting_for("accountable", p, called(state, (p,)), stage, since, problem)
            for p in answerable(state, rule)
        ]
    if is_queued(stage):
        waiting += queue_waiting(state, stage, since)
    late = "Late: " if stage.is_late else ""
    reasons = " ".join(dict.fromkeys(w.why for w in waiting)) or problem or "Being looked at."
    upcoming = None
    asked_at = asks_at(state, rule, stage)
    if asked_at is not None:
        return _quiet(stage, since, asked_at)
    if stage.evidence_due is not None and not stage.is_late:
        told = called(state, accountable(state, rule)) or "The accountable owner"
        upcoming = Upcoming(at=stage.evidence_due, what=f"{told} is told that evidence is late.")
    return Explanation(summary=f"{late}{reasons}", waiting=tuple(waiting), upcoming=upcoming)


def _quiet(stage: Stage, since: datetime, until: datetime) -> Explanation:
    """Say that owners are left alone for a moment, until when, and why."""
    why = f"Owners are asked at {until:%Y-%m-%d %H:%M:%S} UTC, in case more changes come."
    return Explanation(
        summary=f"{stage.why} {why}".strip(),
        waiting=(waiting_for("nobody", stage.name, "nobody", stage, since, why),),
        upcoming=Upcoming(at=until, what="Owners are asked."),
    )


def _sent_back(state: VersionState, stage: Stage) -> Explanation:
    since = since_of(stage, state)
    producers = state.producers or (state.registered_by,)
    by_escalation = stage.sent_back_by == ESCALATION
    why = stage.why if by_escalation else f"Changes are requested: {stage.why}"
    waiting = tuple(
        waiting_for("producer", name, called(state, (name,)), stage, since, why)
        for name in producers
    )
    upcoming = None
    if stage.evidence_due is not None and not stage.is_late:
        upcoming = Upcoming(at=stage.evidence_due, what="The producers are told that it is late.")
    late = "Late: " if stage.is_late else ""
    return Explanation(
        summary=f"{late}Back with {called(state, producers)}. {why}",
        waiting=waiting,
        upcoming=upcoming,
    )


def _held(state: VersionState, rule: StageRule, stage: Stage) -> str:
    """Say why a stage is held, and whose release it waits for."""
    names = called(state, releasers(state, rule))
    may = f"{names} may release it." if names else "A manager or an administrator may release it."
    return f"{stage.held_why or stage.why} {may}"


def _stuck(state: VersionState, rule: StageRule, stage: Stage, summary: str) -> Explanation:
    since = since_of(stage, state)
    waiting = tuple(
        waiting_for("accountable", name, called(state, (name,)), stage, since, stage.why)
        for name in answerable(state, rule)
    )
    return Explanation(summary=summary, waiting=waiting)


def _approved(state: VersionState, stage: Stage) -> Explanation:
    standing = stage.standing
    if stage.status == StageStatus.EXPIRED and standing is None:
        return _expired(state, stage)
    if stage.status == StageStatus.EXPIRED:
        since = since_of(stage, state)
        roles = dict.fromkeys(p for s in stage.signoffs.values() for p in s.asked)
        why = "The approval lapsed; request review again to renew it."
        waiting = tuple(
            waiting_for("owner", p, called(state, (p,)), stage, since, why) for p in roles
        )
        return Explanation(summary=why, waiting=waiting)
    upcoming = None
    if standing is not None and standing.renew_at and is_deployed(state, stage):
        upcoming = Upcoming(at=standing.renew_at, what="Owners are asked to renew.")
    elif standing is not None and standing.valid_until:
        upcoming = Upcoming(at=standing.valid_until, what="The approval lapses.")
    people = standing.approvals if standing else ()
    by = signers(state, (v for a in people for v in a.votes))
    overruled = standing.dissents if standing else ()
    against = called(state, tuple(dict.fromkeys(d.person for d in overruled)))
    dissent = f" {against} had asked for changes." if against else ""
    summary = f"Approved by {by or 'rules alone'}.{dissent}"
    return Explanation(summary=summary, upcoming=upcoming)


def _expired(state: VersionState, stage: Stage) -> Explanation:
    """Say that a request ended without an answer, and who can ask again."""
    since, producers = since_of(stage, state), state.producers or (state.registered_by,)
    waiting = tuple(
        waiting_for("producer", name, called(state, (name,)), stage, since, stage.why)
        for name in producers
    )
    return Explanation(summary=stage.why, waiting=waiting)
