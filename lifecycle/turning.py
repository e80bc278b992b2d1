"""Who is on call and who is away, as time passes: what follows from the roster and an instant."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lifecycle.eligibility import principals
from lifecycle.memory import remembered
from lifecycle.notices import called
from lifecycle.roster import Absence, Member, Roster, Shift
from lifecycle.separation import barred
from lifecycle.signoff_facts import DelegationEnded
from lifecycle.state import (
    DelegationGiven,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    VersionState,
)
from lifecycle.story import Story
from lifecycle.trust_facts import RosterTurned
from lifecycle.values import moment

_WAITS_FOR_PEOPLE = frozenset({StageStatus.ASKING, StageStatus.UNOWNED})


def turn(story: Story) -> None:
    """Put on record that others are on call or away now, and which delegations are over."""
    _turn_roster(story)
    _end_delegations(story)


def catch_up(story: Story) -> None:
    """Put on record that a whole shift or absence passed unseen, so that it is waited for no more.

    A late clock may find the very people on record there again; without a fact the instant that
    it missed would stay the next deadline for ever.
    """
    roster, missed = story.state.roster, next_turn(story.state)
    if roster is not None and missed is not None and missed <= story.now:
        turned_now = {"on_duty": roster.on_duty, "absent": roster.absent}
        story.add(RosterTurned(**story.stamp, **turned_now))


def _turn_roster(story: Story) -> None:
    roster = story.state.roster
    if roster is None:
        return
    now = turned(roster, story.now)
    if (now.on_duty, now.absent) != (roster.on_duty, roster.absent):
        story.add(RosterTurned(**story.stamp, on_duty=now.on_duty, absent=now.absent))


def turned(roster: Roster, now: datetime) -> Roster:
    """Give a roster with who is on call and who is away at an instant."""
    if not (roster.rotations or roster.on_duty or roster.absent or _sometimes_away(roster)):
        return roster
    on_duty = {name: _on_duty(shifts, now) for name, shifts in roster.rotations.items()}
    absent = {member.id: _absent(member, now) for member in _sometimes_away(roster)}
    update = {
        "on_duty": {name: person for name, person in on_duty.items() if person is not None},
        "absent": {person: to for person, to in absent.items() if to is not None},
    }
    if (roster.on_duty, roster.absent) == (update["on_duty"], update["absent"]):
        return roster
    return roster.model_copy(update=update)


@remembered
def _sometimes_away(roster: Roster) -> tuple[Member, ...]:
    return tuple(member for member in roster.people.values() if member.away)


def _on_duty(shifts: tuple[Shift, ...], now: datetime) -> str | None:
    """Give who is on call; where shifts overlap, whose started last."""
    held = [shift for shift in shifts if shift.starts <= now < shift.until]
    return max(held, key=lambda shift: shift.starts).person if held else None


def _absent(member: Member, now: datetime) -> str | None:
    """Give the delegate of somebody who is away, an empty text without one, None when there.

    Who named themselves the delegate of somebody does not stand in for them.
    """
    for absence in member.away:
        if absence.starts <= now < absence.until:
            to = absence.delegate or ""
            return "" if to and to == absence.given_by else to
    return None


def next_turn(state: VersionState) -> datetime | None:
    """Give the next instant at which others may answer, while anybody is waited for."""
    roster, at = state.roster, state.as_of
    if roster is None or at is None:
        return None
    if not any(stage.status in _WAITS_FOR_PEOPLE for stage in state.stages.values()):
        return None
    ends = (given.until for _, _, given in _in_force(state) if given.until is not None)
    return min((*_turns(roster, at), *ends), default=None)


def _turns(roster: Roster, at: datetime) -> Iterator[datetime]:
    """Give for each rotation and person the first instant that differs from what is on record.

    The instant of the last fact itself is one where it was put on record unturned.
    """
    for name, shifts in roster.rotations.items():
        for instant in _boundaries(shifts, at):
            if _on_duty(shifts, instant) != roster.on_duty.get(name):
                yield instant
                break
    for member in _sometimes_away(roster):
        for instant in _boundaries(member.away, at):
            if _absent(member, instant) != roster.absent.get(member.id):
                yield instant
                break


def _boundaries(periods: Iterable[Shift | Absence], at: datetime) -> list[datetime]:
    ends = {instant for period in periods for instant in (period.starts, period.until)}
    return [at, *sorted(instant for instant in ends if instant > at)]


def _in_force(state: VersionState) -> Iterator[tuple[Stage, Signoff, DelegationGiven]]:
    for stage in state.stages.values():
        if stage.status != StageStatus.ASKING:
            continue
        for signoff in stage.signoffs.values():
            if signoff.delegations and signoff.status == SignoffStatus.PENDING:
                yield from ((stage, signoff, one) for one in signoff.delegations if not one.ended)


def _end_delegations(story: Story) -> None:
    """End what ran out, and what came from or goes to somebody who may not sign any more."""
    for stage, signoff, given in tuple(_in_force(story.state)):
        why = _over(story.state, signoff, given, story.now)
        if why:
            story.add(end_of(story, stage, signoff, given.person, given.to, why))


def _over(state: VersionState, signoff: Signoff, given: DelegationGiven, now: datetime) -> str:
    """Say why a delegation is over; empty while it is in force."""
    if given.until is not None and given.until <= now:
        return f"It ran out at {moment(given.until)}."
    if given.person not in principals(state, signoff):
        return f"{called(state, (given.person,))} may not sign as {signoff.role} any more."
    if barred(state, signoff, given.to) is not None:
        return f"{called(state, (given.to,))} may not sign as {signoff.role} any more."
    return ""


def end_of(
    story: Story, stage: Stage, signoff: Signoff, person: str, to: str, why: str
) -> DelegationEnded:
    """Give the fact that a delegation of a request is over."""
    return DelegationEnded(
        **story.stamp,
        stage=stage.name,
        round=signoff.round,
        role=signoff.role,
        person=person,
        to=to,
        why=why,
    )
