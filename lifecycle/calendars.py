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


def working_time_between(working: WorkingTime, start: datetime, end: datetime) -> timedelta:
    """Give how much working time lies between two instants; none when `end` is not after `start`.

    Past the resolved horizon plain time counts, as in `add_working_time`, of which it is the
    inverse.
    """
    if end <= start:
        return timedelta()
    at, until, minutes = _minutes(start), _minutes(end), 0.0
    index = bisect_right(working.closes, at)
    while index < len(working.opens) and working.opens[index] < until:
        minutes += min(until, working.closes[index]) - max(at, working.opens[index])
        at = working.closes[index]
        index += 1
    if index == len(working.opens):
        minutes += max(0.0, until - at)
    return timedelta(minutes=minutes)


def next_opening(working: WorkingTime, instant: datetime) -> datetime | None:
    """Give the instant itself within working time, else when it begins next.

    None past the resolved horizon, where nothing is known.
    """
    at = _minutes(instant)
    index = bisect_right(working.closes, at)
    if index == len(working.opens):
        return None
    opens = working.opens[index]
    return instant if opens <= at else EPOCH + timedelta(minutes=opens)


def openings(working: WorkingTime, after: datetime, until: datetime) -> tuple[datetime, ...]:
    """Give when working time begins after one instant and until another, that one included."""
    first, last = _minutes(after), _minutes(until)
    begin, end = bisect_right(working.opens, first), bisect_right(working.opens, last)
    return tuple(EPOCH + timedelta(minutes=one) for one in working.opens[begin:end])


def reaching_back(working: WorkingTime, known: WorkingTime, since: datetime) -> WorkingTime:
    """Give a calendar that was resolved again with what the one before it knew since an instant.

    What passed while a clock stood is counted in the working time that held then.
    """
    start, begin = _minutes(since), _minutes(working.since)
    kept = [
        (opens, closes)
        for opens, closes in zip(known.opens, known.closes, strict=True)
        if closes > start and closes <= begin
    ]
    return working.model_copy(
        update={
            "opens": (*(opens for opens, _ in kept), *working.opens),
            "closes": (*(closes for _, closes in kept), *working.closes),
        }
    )


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
