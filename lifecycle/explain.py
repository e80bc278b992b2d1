"""Who or what a version waits for, since when, why, and what happens next and when.

Derived from the state alone: the same words in Slack, API and console.
"""

from datetime import datetime

from lifecycle.binding import unresolved
from lifecycle.definition import StageRule
from lifecycle.eligibility import (
    awaited,
    can_decide,
    counted_votes,
    producers_problem,
    stand_ins,
    standing_dissents,
)
from lifecycle.evidence import expiry_of, standing_of
from lifecycle.memory import remembered
from lifecycle.notices import called, verb
from lifecycle.pause_evolve import open_questions
from lifecycle.queueing import is_queued, queue_waiting
from lifecycle.rounds import asks_at
from lifecycle.side_stages import stage_rule
from lifecycle.silence import pending_roles, questioned_people
from lifecycle.stand_in_words import (
    absence_words,
    away_words,
    signer,
    signers,
    signoff_flags,
    stand_in_words,
)
from lifecycle.standing import is_deployed
from lifecycle.state import (
    ESCALATION,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    VersionState,
    VersionStatus,
)
from lifecycle.trust_words import findings_awaited, trust_sentences, trust_upcoming
from lifecycle.upcoming import next_step
from lifecycle.view import Explanation, Upcoming, Waiting


def explain(state: VersionState) -> Explanation:
    """Explain a whole version; instants are given, so that it stays right as time passes."""
    if state.is_closed:
        return Explanation(summary=state.closed_why)
    if state.is_withdrawn:
        return Explanation(summary=f"{state.closed_why} A new request goes on with it.")
    if state.lifecycle is None or state.roster is None or state.registered_at is None:
        return Explanation(summary="It is being set up.")
    if state.status == VersionStatus.REGISTERED:
        return Explanation(
            summary=" ".join(
                ["Registered; nobody has asked for review yet.", *trust_sentences(state)]
            ),
            waiting=(_for_request(state, state.registered_at),),
        )
    parts = [(stage, stage_explanation(state, stage)) for stage in state.stages.values()]
    waiting = tuple(w for _, part in parts for w in part.waiting if w.kind != "stage")
    coming = [part.upcoming for _, part in parts if part.upcoming]
    coming += trust_upcoming(state)
    sentences = [
        f"{stage.name}: {part.summary}"
        for stage, part in parts
        if stage.status not in {StageStatus.WAITING, StageStatus.APPROVED} or is_queued(stage)
    ]
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
            return _asking(state, rule, stage)
        case StageStatus.SENT_BACK:
            return _sent_back(state, stage)
        case StageStatus.UNOWNED | StageStatus.HELD:
            return _stuck(state, rule, stage)
        case StageStatus.APPROVED | StageStatus.EXPIRED:
            return _approved(state, stage)


def _since(stage: Stage, state: VersionState) -> datetime:
    since = stage.since or state.registered_at
    if since is None:
        raise LookupError(f"{stage.name} has no beginning")
    return since


def _waiting(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    needs = [name for name in rule.needs or () if state.stages[name].standing is None]
    if not needs and is_queued(stage):
        queue = queue_waiting(state, stage, _since(stage, state))
        return Explanation(summary=queue[0].why, waiting=queue)
    summary = f"Starts when {' and '.join(needs)} stands approved." if needs else "Not started."
    waiting = tuple(
        Waiting(
            kind="stage",
            who=name,
            name=name,
            stage=stage.name,
            since=_since(stage, state),
            why=f"{stage.name} needs {name} to stand approved first.",
        )
        for name in needs
    )
    return Explanation(summary=summary, waiting=waiting)


def _collecting(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    since = _since(stage, state)
    now = state.as_of or since
    waiting = [
        _for("pipeline", judged.name, judged.name, stage, since, judged.why)
        for judged in (standing_of(state, name, now) for name in rule.evidence)
        if not judged.is_met
    ]
    for name in unresolved(state, rule):
        why = f"Artifact {name} has no digest yet; report it as undersigned.artifact.changed."
        producers = state.producers or (name,)
        waiting += [_for("producer", p, called(state, (p,)), stage, since, why) for p in producers]
    problem = producers_problem(state)
    if problem:
        waiting += [
            _for("accountable", p, called(state, (p,)), stage, since, problem)
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
        waiting=(_for("nobody", stage.name, "nobody", stage, since, why),),
        upcoming=Upcoming(at=until, what="Owners are asked."),
    )


def _for(
    kind: str, who: str, name: str, stage: Stage, since: datetime, why: str, role: str | None = None
) -> Waiting:
    return Waiting.model_validate(
        {
            "kind": kind,
            "who": who,
            "name": name,
            "stage": stage.name,
            "role": role,
            "since": since,
            "due": None if stage.paused_since else due_of(stage, role) or stage.evidence_due,
            "why": why,
        }
    )


def due_of(stage: Stage, role: str | None) -> datetime | None:
    """Give until when a role may take: its own time where it was asked apart from others."""
    signoff = stage.signoffs.get(role or "")
    return (signoff.due if signoff else None) or stage.due


def accountable(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give the people who answer for a stage."""
    if state.roster is None or rule.accountable is None:
        return ()
    return tuple(owner.id for owner in state.roster.owners_of(rule.accountable))


def answerable(state: VersionState, rule: StageRule) -> tuple[str, ...]:
    """Give who answers for a stage, so that there is always somebody to turn to."""
    return accountable(state, rule) or (rule.accountable or "an administrator",)


@remembered
def signoff_sentence(state: VersionState, stage: Stage, signoff: Signoff) -> str:
    """Say who of a role is still needed, or that it is done."""
    votes = counted_votes(state, signoff)
    by = signers(state, votes)
    if signoff.status == "approved":
        flag = signoff_flags(state, signoff)
        return f"{signoff.role}: approved by {by or 'its owners'}. {flag}".strip()
    if signoff.status == "changes_requested" and signoff.refusal:
        who = signer(state, signoff.refusal.person, signoff.refusal.on_behalf_of)
        return f"{signoff.role}: {who} requests changes: {signoff.refusal.reason}"
    if signoff.status == "void":
        return f"{signoff.role}: void. {signoff.why}".strip()
    left = max(0, signoff.needed - len(votes))
    may = awaited(state, stage, signoff)
    people = called(state, may) or "Nobody"
    done = f"approved by {by}; " if by else ""
    if not signoff.is_open:
        return f"{signoff.role}: {done}asked after {' and '.join(signoff.after)}."
    done += _objections(state, signoff)
    if signoff.advisory:
        return f"{signoff.role}: {done}{people} may advise."
    if signoff.fallback:
        done += f"{signoff.fallback} stands in; "
    away = away_words(state, signoff)
    if len(may) <= left:
        return f"{signoff.role}: {done}{people} must sign. {away}".strip()
    return f"{signoff.role}: {done}{left} more of {people} must sign. {away}".strip()


def _objections(state: VersionState, signoff: Signoff) -> str:
    """Say who asked for changes without sending it back."""
    people = tuple(dissent.person for dissent in standing_dissents(state, signoff))
    return f"{called(state, people)} asked for changes; " if people else ""


def _asking(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    roles = pending_roles(stage)
    waiting = [
        _for(
            "owner",
            person,
            name,
            stage,
            stage.signoffs[role].asked_at,
            _why_asked(state, stage.signoffs[role], person, name),
            role,
        )
        for role in roles
        for person in (
            awaited(state, stage, stage.signoffs[role])
            or can_decide(state, stage, stage.signoffs[role])
        )
        for name in [called(state, (person,))]
    ]
    pending = [s for s in stage.signoffs.values() if s.status == SignoffStatus.PENDING]
    sentences = [signoff_sentence(state, stage, signoff) for signoff in pending]
    lapsed = (
        "The approval before has lapsed. " if stage.standing and stage.standing.is_lapsed else ""
    )
    questions = _questions(state, rule, stage)
    return Explanation(
        summary=lapsed + " ".join([*(w.why for w in questions[:1]), *sentences]),
        waiting=(*questions, *waiting),
        upcoming=_next_step(state, rule, stage),
    )


def _why_asked(state: VersionState, signoff: Signoff, person: str, name: str) -> str:
    held = stand_ins(state, signoff).get(person, ())
    if held:
        return stand_in_words(state, person, held[0], signoff)
    if state.roster is not None and person in state.roster.absent:
        return f"{absence_words(state, person)} and may sign as {signoff.role} all the same."
    return f"{name} may sign as {signoff.role}."


def _questions(state: VersionState, rule: StageRule, stage: Stage) -> tuple[Waiting, ...]:
    """Say since when the clock stands, and whose answer it waits for."""
    if stage.paused_since is None:
        return ()
    people = questioned_people(state, rule) or state.producers or (state.registered_by,)
    texts = " ".join(question.text for question in open_questions(stage))
    why = (
        f"The clock stands since {stage.paused_since:%Y-%m-%d %H:%M} UTC while "
        f"{called(state, people)} {verb(people)} asked: {texts}"
    )
    return tuple(
        _for("producer", one, called(state, (one,)), stage, stage.paused_since, why)
        for one in people
    )


def _next_step(state: VersionState, rule: StageRule, stage: Stage) -> Upcoming | None:
    step = next_step(state, rule, stage)
    coming = [step] if step else []
    standing = stage.standing
    if standing is not None and standing.valid_until is not None and not standing.is_lapsed:
        coming.append(Upcoming(at=standing.valid_until, what="The approval before lapses."))
    expiry = expiry_of(state, rule)
    if expiry is not None:
        coming.append(Upcoming(at=expiry, what="Evidence becomes too old; it must be run again."))
    return min(coming, key=lambda one: one.at, default=None)


def _sent_back(state: VersionState, stage: Stage) -> Explanation:
    since = _since(stage, state)
    producers = state.producers or (state.registered_by,)
    by_escalation = stage.sent_back_by == ESCALATION
    why = stage.why if by_escalation else f"Changes are requested: {stage.why}"
    waiting = tuple(
        _for("producer", name, called(state, (name,)), stage, since, why) for name in producers
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


def _stuck(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    since = _since(stage, state)
    waiting = tuple(
        _for("accountable", name, called(state, (name,)), stage, since, stage.why)
        for name in answerable(state, rule)
    )
    return Explanation(summary=stage.why, waiting=waiting)


def _approved(state: VersionState, stage: Stage) -> Explanation:
    standing = stage.standing
    if stage.status == StageStatus.EXPIRED and standing is None:
        return _expired(state, stage)
    if stage.status == StageStatus.EXPIRED:
        since = _since(stage, state)
        roles = dict.fromkeys(p for s in stage.signoffs.values() for p in s.asked)
        why = "The approval lapsed; request review again to renew it."
        waiting = tuple(_for("owner", p, called(state, (p,)), stage, since, why) for p in roles)
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
    since, producers = _since(stage, state), state.producers or (state.registered_by,)
    waiting = tuple(
        _for("producer", name, called(state, (name,)), stage, since, stage.why)
        for name in producers
    )
    return Explanation(summary=stage.why, waiting=waiting)
