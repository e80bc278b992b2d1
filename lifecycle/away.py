"""Who stands in for people who are away, and circles of it, which leave nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from lifecycle.roster import Away, PersonFile


class _Step(NamedTuple):
    path: tuple[str, ...]
    since: datetime
    until: datetime


def circle_of_delegates(person: str, people: Mapping[str, PersonFile]) -> tuple[str, ...]:
    """Give people who stand in for each other at one and the same time, or nothing.

    Only periods that overlap make a circle: two may well stand in for each other in turn.
    """
    waiting = [
        _Step((person, one.delegate), one.starts, one.until)
        for one in (people[person].away if person in people else ())
        if one.delegate
    ]
    while waiting:
        step = waiting.pop()
        last = step.path[-1]
        if last in step.path[:-1]:
            return step.path[step.path.index(last) :]
        for one in people[last].away if last in people else ():
            since, until = max(step.since, one.starts), min(step.until, one.until)
            if one.delegate and since < until:
                waiting.append(_Step((*step.path, one.delegate), since, until))
    return ()


def with_absence(known: tuple[Away, ...], new: Away, now: datetime) -> tuple[Away, ...]:
    """Add a time away to those that are known, in place of what it overlaps and what ended."""
    others = (
        one
        for one in known
        if one.until > now and (one.until <= new.starts or new.until <= one.starts)
    )
    return tuple(sorted((*others, new), key=lambda one: (one.starts, one.until)))
