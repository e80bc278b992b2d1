"""Business time as arithmetic on recorded intervals.

Holidays and zone rules are resolved outside the core and recorded as a fact, so that an upgrade of
their tables never changes what a running version computes.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from lifecycle.durations import Duration, Share
from lifecycle.values import Instant, Kept

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WorkingTime(Kept):
    """A working calendar between two instants, as intervals in minutes since 1970 (UTC)."""

    calendar: str
    """The digest of the calendar's definition."""
    resolved_with: str = ""
    """The libraries and their versions that knew holidays and zones."""
    since: Instant
    until: Instant
    day_minutes: int
    """How long a business day is."""
    opens: tuple[int, ...]
    closes: tuple[int, ...]

    @property
    def day(self) -> timedelta:
        """The length of one business day."""
        return timedelta(minutes=self.day_minutes)


def _minutes(instant: datetime) -> float:
    return (instant - EPOCH) / timedelta(minutes=1)


def add_working_time(working: WorkingTime, start: datetime, length: timedelta) -> datetime:
    """Give the instant at which `length` of working time has passed since `start`.

    Past the resolved horizon plain time goes on, so that an answer always exists; the shell
    resolves the calendar again long before (see `needs_resolving`).
    """
    left = length / timedelta(minutes=1)
    at = _minutes(start)
    index = bisect_right(working.closes, at)
    while index < len(working.opens):
        at = max(at, working.opens[index])
        if at + left <= working.closes[index]:
            return EPOCH + timedelta(minutes=at + left)
        left -= working.closes[index] - at
        at = working.closes[index]
        index += 1
    return EPOCH + timedelta(minutes=at + left)


def needs_resolving(working: WorkingTime, now: datetime) -> bool:
    """Say whether less than half of the calendar's horizon is left."""
    return working.until - now < (working.until - working.since) / 2


def after(start: datetime, duration: Duration, working: WorkingTime | None) -> datetime:
    """Give the instant one duration after another, in business time where the unit says so."""
    if not duration.is_business or working is None:
        return start + duration.plain(timedelta(days=1))
    return add_working_time(working, start, duration.plain(working.day))


def share_after(
    start: datetime, share: Share, due: Duration, working: WorkingTime | None
) -> datetime:
    """Give the instant at which a share of `due` has passed, in the time that `due` is in."""
    if not due.is_business or working is None:
        return start + due.plain(timedelta(days=1)) * share.percent / 100
    return add_working_time(working, start, due.plain(working.day) * share.percent / 100)
