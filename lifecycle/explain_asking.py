"""Explaining a stage that asks: who is still needed, why, and what happens next."""

from lifecycle.definition import StageRule
from lifecycle.eligibility import stand_ins
from lifecycle.evidence import expiry_of
from lifecycle.explain_parts import waiting_for
from lifecycle.free_seats import awaited, can_decide
from lifecycle.memory import remembered
from lifecycle.notices import called, verb
from lifecycle.pause_evolve import open_questions
from lifecycle.reach import reach_of
from lifecycle.silence import pending_roles, questioned_people
from lifecycle.stand_in_words import (
    absence_words,
    away_words,
    signer,
    signers,
    signoff_flags,
    stand_in_words,
)
from lifecycle.state import (
    Signoff,
    SignoffStatus,
    Stage,
    VersionState,
)
from lifecycle.upcoming import next_step
from lifecycle.view import Explanation, Upcoming, Waiting
from lifecycle.votes import counted_votes, standing_dissents


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


def explained_asking(state: VersionState, rule: StageRule, stage: Stage) -> Explanation:
    """Explain a stage whose owners are asked."""
    roles = pending_roles(stage)
    waiting = [
        waiting_for(
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
    return f"{name} may sign as {signoff.role}.{_unreached(state, signoff, person)}"


def _unreached(state: VersionState, signoff: Signoff, person: str) -> str:
    """Say that the request did not reach somebody, or not where it usually does."""
    reach = reach_of(state, signoff).get(person) if signoff.receipts else None
    if reach is None or (reach.way == "slack" and reach.outcome == "sent"):
        return ""
    if reach.outcome == "sent":
        return f" The request went by e-mail ({reach.why})." if reach.why else ""
    return f" The request did not reach them ({reach.why})."


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
        waiting_for("producer", one, called(state, (one,)), stage, stage.paused_since, why)
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
