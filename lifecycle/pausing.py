"""Pauses: who is on it, who wants to be reminded later, and questions that let the clock stand."""

from datetime import datetime
from typing import NamedTuple

from lifecycle.addressing import key_of, person_asked, signoff_of
from lifecycle.asked import SignoffCommand
from lifecycle.calendars import WorkingTime, add_working_time, working_time_between
from lifecycle.commands import Acknowledge, AnswerQuestion, AskQuestion, Refused, Snooze
from lifecycle.definition import StageRule
from lifecycle.eligibility import people_named
from lifecycle.fact_values import PlannedStep
from lifecycle.free_seats import can_decide
from lifecycle.involvement import producers_of, requesters_of
from lifecycle.notices import called
from lifecycle.pause_evolve import open_questions
from lifecycle.roster import Member
from lifecycle.settle import settle
from lifecycle.side_stages import stage_rule
from lifecycle.signoff_facts import Acknowledged, QuestionAnswered, QuestionAsked, Snoozed
from lifecycle.speaking_accounts import speaks
from lifecycle.state import Question, Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story

MOST_QUESTIONS = 20
"""Questions that one version takes; what is asked and answered is carried with it."""


class Addressed(NamedTuple):
    """A request that somebody can decide, and who they are."""

    stage: Stage
    signoff: Signoff
    person: Member


def _addressed(story: Story, command: SignoffCommand) -> Addressed:
    """Find the request and the person; raises Refused unless they can decide it now."""
    settle(story)
    state = story.state
    key = key_of(state, command.signoff)
    stage, signoff = state.stages[key.stage], signoff_of(state, key)
    person = person_asked(state, signoff, command.person, command.via)
    if signoff.status != SignoffStatus.PENDING or stage.status != StageStatus.ASKING:
        raise Refused("decided", f"{key.stage} waits for nobody as {signoff.role} now.")
    may = can_decide(state, stage, signoff)
    if person.id not in may:
        others = called(state, may) or "nobody"
        raise Refused(
            "not-an-owner",
            f"{person.called} can't decide as {signoff.role} now; {others} can.",
        )
    return Addressed(stage, signoff, person)


def acknowledge(story: Story, command: Acknowledge) -> None:
    """Stop somebody's reminders for this round; the deadline and the escalation stay."""
    stage, signoff, person = _addressed(story, command)
    if person.id in signoff.acknowledged:
        return
    story.add(
        Acknowledged(
            **story.stamp,
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            person=person.id,
            via=command.via,
        )
    )


def snooze(story: Story, command: Snooze) -> None:
    """Remind somebody at an instant and not before; never past the deadline."""
    stage, signoff, person = _addressed(story, command)
    _check_until(stage, signoff, command.until, story.now)
    story.add(
        Snoozed(
            **story.stamp,
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            person=person.id,
            until=command.until,
            via=command.via,
        )
    )


def _check_until(stage: Stage, signoff: Signoff, until: datetime, now: datetime) -> None:
    if until <= now:
        raise Refused("in-the-past", "That instant is past; choose a later one.")
    due = signoff.due or stage.due
    if due is None or until <= due:
        return
    at = f"{due:%Y-%m-%d %H:%M} UTC"
    if due <= now:
        raise Refused("past-deadline", f"The deadline was {at}; it can't be put off any more.")
    raise Refused("past-deadline", f"The deadline is {at}; choose an instant before it.")


def ask_question(story: Story, command: AskQuestion) -> None:
    """Ask the producers, and let the clock of the stage stand until they answer."""
    stage, signoff, person = _addressed(story, command)
    if sum(len(one.questions) for one in story.state.stages.values()) >= MOST_QUESTIONS:
        raise Refused(
            "too-many-questions",
            f"{MOST_QUESTIONS} questions were asked about this version; request changes instead.",
        )
    story.add(
        QuestionAsked(
            **story.stamp,
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            person=person.id,
            question=str(story.state.numbered + 1),
            text=command.text,
            via=command.via,
        )
    )


def answer_question(story: Story, command: AnswerQuestion) -> None:
    """Take an answer; after the last open question the clock goes on with what was left."""
    settle(story)
    state = story.state
    stage, question = _question(state, command.question)
    by = _answerer(state, stage_rule(state, stage.name), question, command)
    resumed = _resumed(state, stage, question, story.now)
    story.add(
        QuestionAnswered(
            **story.stamp,
            stage=stage.name,
            round=question.round,
            question=question.id,
            by=by,
            text=command.text,
            due=resumed.due,
            steps=resumed.steps,
            role_dues=resumed.role_dues,
            via=command.via,
        )
    )


def _question(state: VersionState, name: str) -> tuple[Stage, Question]:
    found = [
        (stage, question)
        for stage in state.stages.values()
        for question in stage.questions
        if question.id == name
    ]
    if not found:
        raise Refused("unknown-question", f"There is no question {name} about this version.")
    stage, question = found[0]
    if question.answered_at is not None:
        by = called(state, (question.answered_by,))
        raise Refused("answered", f"This is answered already, by {by}.")
    return stage, question


def _answerer(
    state: VersionState, rule: StageRule, question: Question, command: AnswerQuestion
) -> str:
    """Give who answers: a producer, a requester, who answers for the stage, or the asker."""
    via = command.via
    name = command.person or (f"slack:{via.team}/{via.slack_user}" if via.slack_user else "")
    if via.is_account:
        member = speaks(state.roster, via)
    else:
        member = state.roster.person(name or command.by) if state.roster else None
    may = dict.fromkeys(
        [
            *producers_of(state),
            *requesters_of(state),
            *people_named(state, rule.accountable or ""),
            question.person,
        ]
    )
    if member is not None and member.id in may and not member.left:
        return member.id
    # A pipeline answers with the key that asked for the review.
    if member is None and not name and command.by and command.by in state.requesters:
        return command.by
    raise Refused(
        "may-not-answer",
        f"{called(state, tuple(may))} may answer this; ask one of them.",
    )


class Resumed(NamedTuple):
    """The deadlines of a stage whose clock goes on."""

    due: datetime | None
    steps: tuple[PlannedStep, ...]
    role_dues: dict[str, datetime]


def _resumed(state: VersionState, stage: Stage, question: Question, now: datetime) -> Resumed:
    """Move what was still to come at the pause by what was left of it then."""
    left = [one for one in open_questions(stage) if one.id != question.id]
    if stage.paused_since is None or left:
        return Resumed(None, (), {})
    paused = stage.paused_since
    business = _business_time(state, stage)
    dues = {role: one.due for role, one in stage.signoffs.items() if one.due is not None}
    return Resumed(
        due=moved(stage.due, paused, now, business) if stage.due else None,
        steps=tuple(
            sorted(
                (_moved_step(stage, step, paused, now, business) for step in stage.steps),
                key=lambda step: (step.at, step.index),
            )
        ),
        role_dues={
            role: moved(due, _start(stage, (role,), paused), now, business)
            for role, due in dues.items()
        },
    )


def _business_time(state: VersionState, stage: Stage) -> WorkingTime | None:
    """Give the calendar that a stage's deadline is in; None: plain time."""
    rule = stage_rule(state, stage.name)
    return state.working if rule.due is not None and rule.due.is_business else None


def moved(
    instant: datetime, paused: datetime, now: datetime, business: WorkingTime | None
) -> datetime:
    """Give an instant as far ahead of `now` as it was of the pause; what was past stays as it is.

    In business time where there is a calendar, in plain time otherwise.
    """
    if instant <= paused:
        return instant
    if business is None:
        return now + (instant - paused)
    return add_working_time(business, now, working_time_between(business, paused, instant))


def _moved_step(
    stage: Stage,
    step: PlannedStep,
    paused: datetime,
    now: datetime,
    business: WorkingTime | None,
) -> PlannedStep:
    """Move a step; an instant that somebody chose themselves stays, as it is no deadline."""
    if any(stage.signoffs[r].snoozed.get(p) == step.at for r in step.roles for p in step.people):
        return step
    at = moved(step.at, _start(stage, step.roles, paused), now, business)
    return step.model_copy(update={"at": at})


def _start(stage: Stage, roles: tuple[str, ...], paused: datetime) -> datetime:
    """Give from when on a clock stood: who was asked during the pause had none before."""
    asked = [stage.signoffs[role].asked_at for role in roles if role in stage.signoffs]
    return max(paused, min(asked)) if asked else paused
