"""What people are told once: reminders, escalations, late pipelines, stages sent back."""

from typing import NamedTuple

from lifecycle.facts import AnyFact
from lifecycle.free_seats import can_decide
from lifecycle.involvement import producers_of, requesters_of
from lifecycle.naming import called, joined, title_of, verb
from lifecycle.outcome_notices import concerned
from lifecycle.side_stages import stage_rule
from lifecycle.signoff_facts import (
    ChannelTold,
    QuestionAnswered,
    QuestionAsked,
    StageExpired,
    StageHeld,
    UnreachedTold,
)
from lifecycle.silence import (
    answering_people,
    concerned_roles,
    on_it,
    pending_roles,
    questioned_people,
    unanswering_people,
)
from lifecycle.stage_facts import (
    EscalationAsked,
    EscalationTold,
    OwnersReminded,
    PipelinesLate,
    StageSentBack,
    StageUnowned,
)
from lifecycle.stand_in_notices import SAID, stand_in_notice
from lifecycle.state import ESCALATION, Notice, NoticePart, Stage, VersionState
from lifecycle.unreached_words import silence_words, unreached_text

__all__ = ["Written", "called", "joined", "noticed", "title_of", "verb", "with_notice"]

BATCHED = ("reminder", "told", "asked", "channel", "unreached")
"""Kinds of which one tick says everything in one notice, so that nobody is told twice."""
MOST_NOTICES = 20


class Written(NamedTuple):
    """What a fact has to say, to whom, about which roles."""

    kind: str
    people: tuple[str, ...]
    text: str
    roles: tuple[str, ...] | None = None
    """None: all that are pending."""
    channel: str = ""
    question: str = ""


def with_notice(state: VersionState, notice: Notice) -> VersionState:
    """Give the state with one more notice, or more in the one of the same tick."""
    notices = _batched(state.notices, notice)[-MOST_NOTICES:]
    return state.model_copy(update={"notices": notices})


def noticed(before: VersionState, after: VersionState, fact: AnyFact) -> Notice | None:
    """Give the notice that a fact leads to, when it leads to one."""
    written = _written(before, after, fact) if type(fact) in _SAID else None
    if written is None:
        return None
    name = getattr(fact, "stage", None)
    if name not in after.stages:
        return None
    stage = after.stages[name]
    return Notice(
        id=str(after.sequence),
        kind=written.kind,
        stage=name,
        round=stage.round,
        people=written.people,
        roles=pending_roles(stage) if written.roles is None else written.roles,
        text=written.text,
        at=fact.at,
        channel=written.channel,
        question=written.question,
    )


def _batched(notices: tuple[Notice, ...], new: Notice) -> tuple[Notice, ...]:
    """Add a notice; one of the same kind from the same tick takes it in."""
    for index, known in enumerate(notices):
        is_same = (known.kind, known.at, known.channel) == (new.kind, new.at, new.channel)
        if is_same and new.kind in BATCHED:
            return (*notices[:index], _joined(known, new), *notices[index + 1 :])
    return (*notices, new)


def _joined(known: Notice, new: Notice) -> Notice:
    """Say both; what both say is said once, to the people of both."""
    first, *more = (_part_with(part, new) for part in known.parts)
    if not any(_says_the_same(part, new) for part in known.parts):
        more.append(new.parts[0])
    return known.model_copy(update={"people": first.people, "more": tuple(more)})


def _says_the_same(part: NoticePart, new: Notice) -> bool:
    return (part.stage, part.round, part.roles, part.text) == (
        new.stage, new.round, new.roles, new.text
    )  # fmt: skip


def _part_with(part: NoticePart, new: Notice) -> NoticePart:
    if not _says_the_same(part, new):
        return part
    people = tuple(dict.fromkeys([*part.people, *new.people]))
    return part.model_copy(update={"people": people})


def _written(before: VersionState, after: VersionState, fact: AnyFact) -> Written | None:
    match fact:
        case OwnersReminded() | EscalationTold() | EscalationAsked() | ChannelTold():
            return _of_silence(before, after, fact)
        case UnreachedTold():
            return Written("unreached", fact.people, unreached_text(after, fact), (fact.role,))
        case QuestionAsked() | QuestionAnswered():
            return _of_question(after, fact)
        case PipelinesLate():
            what = ", ".join(fact.missing) or "the producers' answer"
            return Written("late", fact.told, f"{title_of(after, fact.stage)}: {what} is late.")
        case StageUnowned():
            return Written("unowned", fact.told, f"{title_of(after, fact.stage)}: {fact.why}")
        case StageHeld():
            return Written("held", fact.told, f"{title_of(after, fact.stage)}: {fact.why}")
        case StageExpired():
            people = _who_hears_of_the_end(before, fact.stage)
            return Written("expired", people, f"{title_of(after, fact.stage)}: {fact.why}")
        case StageSentBack():
            what = fact.reason
            if fact.by != ESCALATION:
                what = f"{called(after, (fact.by,))} requests changes: {fact.reason}"
            text = f"{title_of(after, fact.stage)}: {what}"
            return Written("sent_back", concerned(after), text)
        case _:
            said = stand_in_notice(before, after, fact)
            return Written(*said) if said else None


def _of_silence(
    before: VersionState,
    after: VersionState,
    fact: OwnersReminded | EscalationTold | EscalationAsked | ChannelTold,
) -> Written | None:
    """Say that owners are silent, to them or to others."""
    title, stage = title_of(after, fact.stage), before.stages[fact.stage]
    roles = _roles_of(stage, fact.step)
    people = unanswering_people(before, stage, roles)
    silent = called(before, people) or "Nobody"
    on_it_ = _on_it(before, stage, roles)
    match fact:
        case OwnersReminded():
            return _reminder(before, fact, title, roles) if fact.people else None
        case EscalationTold():
            text = f"{silent} did not answer yet.{on_it_} You are told; nothing is asked of you."
            return Written("told", fact.people, f"{title}: {text}", roles)
        case ChannelTold():
            text = f"{title}: {silent} did not answer yet.{on_it_}"
            return Written("channel", (), text, roles, fact.channel)
        case EscalationAsked():
            may = f"You may sign now as {', '.join(fact.roles)}."
            words = silence_words(before, [stage.signoffs[role] for role in roles], people)
            text = f"{title}: {words}{on_it_} {may}"
            return Written("asked", fact.people, text, fact.roles)


def _reminder(
    before: VersionState, fact: OwnersReminded, title: str, roles: tuple[str, ...]
) -> Written:
    stage = before.stages[fact.stage]
    own = tuple(
        role
        for role in roles
        if not set(fact.people).isdisjoint(can_decide(before, stage, stage.signoffs[role]))
    )
    text = f"Reminder: {title} waits for your sign-off as {', '.join(own)}."
    return Written("reminder", fact.people, text, own)


def _roles_of(stage: Stage, index: int) -> tuple[str, ...]:
    step = next((one for one in stage.steps if one.index == index), None)
    return concerned_roles(stage, step) if step else pending_roles(stage)


def _on_it(state: VersionState, stage: Stage, roles: tuple[str, ...]) -> str:
    people = on_it(state, stage, roles)
    return f" {called(state, people)} {verb(people)} on it." if people else ""


def _of_question(state: VersionState, fact: QuestionAsked | QuestionAnswered) -> Written | None:
    """Tell those who can answer a question, and then who asked it."""
    title, stage = title_of(state, fact.stage), state.stages.get(fact.stage)
    if stage is None:
        return None
    if isinstance(fact, QuestionAsked):
        asked = called(state, (fact.person,))
        people = questioned_people(state, stage_rule(state, fact.stage))
        text = f"{title}: {asked} asks: {fact.text} The clock stands until you answer."
        return Written("question", people, text, (fact.role,), question=fact.question)
    question = next((one for one in stage.questions if one.id == fact.question), None)
    if question is None:
        return None
    text = f"{title}: {called(state, (fact.by,))} answers your question: {fact.text}"
    people = (question.person,)
    return Written("answered", people, text, (question.role,), question=question.id)


def _who_hears_of_the_end(state: VersionState, name: str) -> tuple[str, ...]:
    """Give who made the version, asked for its review, answers for the stage or was asked."""
    stage = state.stages[name]
    silent = unanswering_people(state, stage, pending_roles(stage))
    answering = answering_people(state, stage_rule(state, name))
    return tuple(dict.fromkeys([*producers_of(state), *requesters_of(state), *answering, *silent]))


_SAID = {
    *SAID, OwnersReminded, EscalationTold, EscalationAsked, ChannelTold, QuestionAsked,
    QuestionAnswered, PipelinesLate, StageUnowned, StageHeld, StageExpired, StageSentBack,
    UnreachedTold,
}  # fmt: skip
"""Most facts tell nobody anything, and are not looked at further."""
