"""The part of the fold that concerns reminders, pauses and what a silence leads to."""

from collections.abc import Callable
from typing import Any

from lifecycle.calendars import reaching_back
from lifecycle.clocks import free_index
from lifecycle.fact_values import PlannedStep
from lifecycle.facts import CalendarResolved
from lifecycle.round_evolve import expired, held
from lifecycle.signoff_facts import (
    Acknowledged,
    ChannelTold,
    QuestionAnswered,
    QuestionAsked,
    Snoozed,
    StageExpired,
    StageHeld,
)
from lifecycle.stage_facts import EscalationAsked, EscalationTold, OwnersReminded
from lifecycle.state import Question, Signoff, Stage, VersionState

StepFact = OwnersReminded | EscalationTold | EscalationAsked | ChannelTold


def step_taken(stage: Stage, fact: StepFact) -> Stage:
    """Plan a step no more."""
    return stage.model_copy(update={"steps": tuple(s for s in stage.steps if s.index != fact.step)})


def _in_order(steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    return tuple(sorted(steps, key=lambda step: (step.at, step.index)))


def _reminded(stage: Stage, fact: OwnersReminded) -> Stage:
    left = step_taken(stage, fact)
    if not fact.shifted:
        return left
    return left.model_copy(update={"steps": _in_order((*left.steps, *fact.shifted))})


def _signoff_changed(stage: Stage, role: str, update: dict[str, Any]) -> Stage:
    changed = stage.signoffs[role].model_copy(update=update)
    return stage.model_copy(update={"signoffs": {**stage.signoffs, role: changed}})


def _without_snooze(stage: Stage, signoff: Signoff, person: str) -> Stage:
    """Forget when somebody wanted to be reminded, and that they are on it."""
    until = signoff.snoozed.get(person)
    steps = tuple(
        step
        for step in stage.steps
        if (step.at, step.roles, step.people) != (until, (signoff.role,), (person,))
    )
    update = {
        "acknowledged": tuple(one for one in signoff.acknowledged if one != person),
        "snoozed": {one: at for one, at in signoff.snoozed.items() if one != person},
    }
    return _signoff_changed(stage.model_copy(update={"steps": steps}), signoff.role, update)


def _acknowledged(stage: Stage, fact: Acknowledged) -> Stage:
    if fact.role not in stage.signoffs:
        return stage
    stage = _without_snooze(stage, stage.signoffs[fact.role], fact.person)
    known = stage.signoffs[fact.role].acknowledged
    return _signoff_changed(stage, fact.role, {"acknowledged": (*known, fact.person)})


def _snoozed(stage: Stage, fact: Snoozed) -> Stage:
    if fact.role not in stage.signoffs:
        return stage
    stage = _without_snooze(stage, stage.signoffs[fact.role], fact.person)
    known = stage.signoffs[fact.role].snoozed
    stage = _signoff_changed(stage, fact.role, {"snoozed": {**known, fact.person: fact.until}})
    step = PlannedStep(
        index=free_index(stage), at=fact.until, action="remind", target="owners",
        roles=(fact.role,), people=(fact.person,),
    )  # fmt: skip
    return stage.model_copy(update={"steps": _in_order((*stage.steps, step))})


def _question_asked(state: VersionState, fact: QuestionAsked) -> dict[str, Any]:
    """Let the clock of the stage stand; numbers are given once in a version."""
    update: dict[str, Any] = {"numbered": state.numbered + 1}
    stage = state.stages.get(fact.stage)
    if stage is None:
        return update
    question = Question(
        id=fact.question,
        role=fact.role,
        person=fact.person,
        text=fact.text,
        at=fact.at,
        round=fact.round,
    )
    changed = stage.model_copy(
        update={
            "questions": (*stage.questions, question),
            "paused_since": stage.paused_since or fact.at,
        }
    )
    return {**update, "stages": {**state.stages, stage.name: changed}}


def open_questions(stage: Stage) -> tuple[Question, ...]:
    """Give the questions of the round that nobody answered yet."""
    return tuple(
        one for one in stage.questions if one.round == stage.round and one.answered_at is None
    )


def _question_answered(stage: Stage, fact: QuestionAnswered) -> Stage:
    """Keep the answer; after the last of them the clock goes on as the fact says."""
    answer = {"answer": fact.text, "answered_by": fact.by, "answered_at": fact.at}
    questions = tuple(
        one.model_copy(update=answer) if one.id == fact.question else one for one in stage.questions
    )
    stage = stage.model_copy(update={"questions": questions})
    if stage.paused_since is None or open_questions(stage):
        return stage
    signoffs = {
        role: one.model_copy(update={"due": fact.role_dues.get(role, one.due)})
        for role, one in stage.signoffs.items()
    }
    return stage.model_copy(
        update={
            "paused_since": None,
            "due": fact.due,
            "steps": fact.steps,
            "signoffs": signoffs,
        }
    )


def resolved(state: VersionState, fact: CalendarResolved) -> dict[str, Any]:
    """Take a calendar; while a clock stands, keep what is needed to say what was left of it."""
    stood = [stage.paused_since for stage in state.stages.values() if stage.paused_since]
    if state.working is None or not stood:
        return {"working": fact.working}
    return {"working": reaching_back(fact.working, state.working, min(stood))}


STAGE_CHANGES: dict[type[Any], Callable[[Stage, Any], Stage]] = {
    OwnersReminded: _reminded,
    ChannelTold: step_taken,
    StageHeld: held,
    StageExpired: expired,
    Acknowledged: _acknowledged,
    Snoozed: _snoozed,
    QuestionAnswered: _question_answered,
}
VERSION_CHANGES: dict[type[Any], Callable[[VersionState, Any], dict[str, Any]]] = {
    QuestionAsked: _question_asked,
}
