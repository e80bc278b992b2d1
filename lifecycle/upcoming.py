"""What the escalation of a stage does next by itself, and when, in a sentence."""

from lifecycle.definition import StageRule
from lifecycle.fact_values import PlannedStep
from lifecycle.notices import called, verb
from lifecycle.reminding import readers
from lifecycle.silence import answering_people, steps_to_come, target_people
from lifecycle.state import Stage, VersionState
from lifecycle.view import Upcoming


def next_step(state: VersionState, rule: StageRule, stage: Stage) -> Upcoming | None:
    """Give the next step that reaches somebody or moves the stage; none while the clock stands."""
    steps = (_upcoming(state, rule, stage, step) for step in steps_to_come(stage))
    return min((one for one in steps if one), key=lambda one: one.at, default=None)


def _upcoming(
    state: VersionState, rule: StageRule, stage: Stage, step: PlannedStep
) -> Upcoming | None:
    if step.action == "remind":
        return _reminder(state, stage, step)
    return Upcoming(at=step.at, what=_what(state, rule, stage, step))


def _reminder(state: VersionState, stage: Stage, step: PlannedStep) -> Upcoming | None:
    """Say who reads a reminder first; nobody does who is on it or asked to be left alone."""
    found = readers(state, stage, step, step.at)
    at, people = step.at, found.now
    if not people and found.later:
        at = min(found.later)
        people = found.later[at]
    if not people:
        return None
    return Upcoming(at=at, what=f"{called(state, people)} {verb(people)} reminded.")


def _what(state: VersionState, rule: StageRule, stage: Stage, step: PlannedStep) -> str:
    match step.action:
        case "channel":
            return f"{step.target} is told that nobody answered."
        case "hold":
            told = answering_people(state, rule)
            names = called(state, told) or "whoever answers for it"
            return f"The stage is held, and {names} {verb(told)} told."
        case "return":
            return f"It goes back to {step.target}."
        case "expire":
            return "The request expires."
    found = target_people(state, rule, stage, step)
    if not found:
        return f"Nobody can be found as {step.target}."
    people = f"{called(state, found)} ({step.target}) {verb(found)}"
    if step.action == "tell":
        return f"{people} told that nobody answered."
    return f"{people} asked and may then sign."
