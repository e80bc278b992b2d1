"""Whether a reminder is said soon, or in the digest of somebody's next morning."""

from collections.abc import Iterable
from datetime import datetime, timedelta

GRACE = timedelta(hours=1)
"""How long after the morning a digest that did not come is waited for; then it is said alone."""


def waits_for_digest(
    morning: datetime | None, waiting: int, limits: Iterable[datetime], *, is_chosen: bool
) -> bool:
    """Say whether a reminder is left to the digest of a morning.

    It is where several requests wait for the person, and the digest and its grace are over before
    each of `limits`: the deadline, and what happens next by itself. An instant that somebody chose
    by a snooze is right as it is.
    """
    if morning is None or is_chosen or waiting <= 1:
        return False
    return all(said_by(morning) < limit for limit in limits)


def said_by(morning: datetime) -> datetime:
    """Give when a reminder is said by itself, if the morning's digest did not say it."""
    return morning + GRACE
