"""Reminding owners: who wants to be reminded, and when they are at work to read it."""

from datetime import datetime
from typing import NamedTuple

from lifecycle.calendars import next_opening
from lifecycle.clocks import free_index
from lifecycle.fact_values import PlannedStep
from lifecycle.free_seats import can_decide
from lifecycle.silence import concerned_roles, silent_people
from lifecycle.stage_facts import OwnersReminded
from lifecycle.state import Signoff, Stage, VersionState
from lifecycle.story import Story


class Readers(NamedTuple):
    """Who reads a reminder now, and who does later, at their next working hour."""

    now: tuple[str, ...]
    later: dict[datetime, tuple[str, ...]]


def remind(story: Story, stage: Stage, step: PlannedStep) -> None:
    """Remind who is at work; the others at their next working hour, if that is in time."""
    found = readers(story.state, stage, step, story.now)
    first = free_index(stage)
    shifted = tuple(
        PlannedStep(
            index=first + number, at=at, action="remind", target="owners", roles=step.roles,
            people=people,
        )
        for number, (at, people) in enumerate(sorted(found.later.items()))
    )  # fmt: skip
    story.add(
        OwnersReminded(
            **story.stamp,
            stage=stage.name,
            round=stage.round,
            step=step.index,
            people=found.now,
            shifted=shifted,
        )
    )


def readers(state: VersionState, stage: Stage, step: PlannedStep, now: datetime) -> Readers:
    """Give whom a reminder that is due now reaches, and when."""
    at_once: list[str] = []
    later: dict[datetime, tuple[str, ...]] = {}
    for person in _wanting(state, stage, step, now):
        at = _reading_time(state, stage, step, person, now)
        if at <= now:
            at_once.append(person)
        else:
            later[at] = (*later.get(at, ()), person)
    return Readers(tuple(at_once), later)


def _wanting(
    state: VersionState, stage: Stage, step: PlannedStep, now: datetime
) -> tuple[str, ...]:
    """Give the silent people of a step who neither are on it nor want to be reminded later."""
    return tuple(
        person
        for person in silent_people(state, stage, concerned_roles(stage, step))
        if (not step.people or person in step.people)
        and any(_wants(one, person, now) for one in _own(state, stage, step, person))
    )


def _own(state: VersionState, stage: Stage, step: PlannedStep, person: str) -> tuple[Signoff, ...]:
    """Give the requests of a step that somebody can still answer."""
    signoffs = (stage.signoffs[role] for role in concerned_roles(stage, step))
    return tuple(one for one in signoffs if person in can_decide(state, stage, one))


def _wants(signoff: Signoff, person: str, now: datetime) -> bool:
    until = signoff.snoozed.get(person)
    return person not in signoff.acknowledged and (until is None or until <= now)


def _reading_time(
    state: VersionState, stage: Stage, step: PlannedStep, person: str, now: datetime
) -> datetime:
    """Give when somebody reads a reminder: at work, unless that is past the deadline.

    An instant that they chose themselves by a snooze is right as it is.
    """
    own = _own(state, stage, step, person)
    if any(one.snoozed.get(person) == step.at for one in own):
        return now
    opening = next_working_instant(state, person, now)
    dues = [due for due in (one.due or stage.due for one in own) if due is not None]
    return now if dues and opening > min(dues) else opening


def next_working_instant(state: VersionState, person: str, now: datetime) -> datetime:
    """Give when somebody is at work next: by their own calendar, else by the lifecycle's.

    Where neither is known, or neither reaches so far, every hour is one.
    """
    member = state.roster.person(person) if state.roster else None
    own = state.roster.calendars.get(member.calendar) if state.roster and member else None
    # Before there were calendars of people, reminders went out at any hour.
    working = own or (state.working if state.edition >= 2 else None)
    return (next_opening(working, now) if working else None) or now
