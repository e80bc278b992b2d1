"""What happened, or might happen, to one version from outside: the same for every lifecycle."""

from datetime import datetime, timedelta
from typing import NamedTuple

from lifecycle.commands import AnyCommand
from lifecycle.roster import Roster


class Input(NamedTuple):
    """A message from outside, at its instant."""

    at: datetime
    command: AnyCommand


class Reply(NamedTuple):
    """How somebody answered once: how long after they were asked, and what."""

    stage: str
    role: str
    person: str
    after: timedelta
    approves: bool
    comment: str
    at: datetime
    """When it was given; for a request that is not made again, when it is tried anyway."""


class Script(NamedTuple):
    """One version's life as seen from outside."""

    model: str
    version: str
    start: datetime
    until: datetime
    """How far it is followed."""
    roster: Roster
    inputs: tuple[Input, ...]
    replies: tuple[Reply, ...] = ()
    """What people are known to have answered; others answer as the habits say."""


class Habits(NamedTuple):
    """How people answer who are asked something new: drawn from what they did before."""

    delays: tuple[timedelta, ...]
    """Sorted, from the moment of asking; what is drawn by a seed."""
    seed: int
