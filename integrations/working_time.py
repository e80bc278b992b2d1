"""Resolving a working calendar: zones and holidays become recorded UTC intervals.

This is the only place that knows holidays and zone rules. The core computes on the intervals, so
that an upgrade of these tables never changes what a running version computed.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from lifecycle.calendars import EPOCH, WorkingTime
from lifecycle.canonical import digest_of
from lifecycle.definition import Calendar
from lifecycle.roster import PersonFile, RotationFile

HORIZON = timedelta(days=400)
LOOK_BACK = timedelta(days=35)
"""Evidence may be older than the calendar's first reading; its age counts in working time too."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnknownCalendar(ValueError):  # noqa: N818 - it names what was found
    """A zone or a country that the tables don't have."""


def problem_of(calendar: Calendar) -> str | None:
    """Say what of a calendar can't be resolved, or None."""
    try:
        zone_of(calendar.zone)
        _holidays(calendar.holidays, (2000,))
    except UnknownCalendar as unknown:
        return str(unknown)
    return None


def calendar_problems(file: PersonFile | RotationFile) -> tuple[tuple[str, str], ...]:
    """Say which keys of a person or rotation can't be resolved, and why."""
    found = []
    if file.zone is not None and (problem := problem_of(Calendar(zone=file.zone))):
        found.append(("zone", problem))
    holidays_of = file.holidays if isinstance(file, PersonFile) else None
    if holidays_of and (problem := problem_of(Calendar(zone="UTC", holidays=holidays_of))):
        found.append(("holidays", problem))
    return tuple(found)


def zone_of(name: str) -> ZoneInfo:
    """Find a zone by its name; raises UnknownCalendar with a sentence."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownCalendar(
            f"zone {name!r} is not known; use a name of the IANA database, as Europe/Paris"
        ) from error


def _holidays(code: str | None, years: tuple[int, ...]) -> frozenset[date]:
    """Give a country's public holidays; `FR`, or `DE-BY` with its subdivision."""
    if code is None:
        return frozenset()
    country, _, part = code.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))
    except NotImplementedError as error:
        raise UnknownCalendar(
            f"holidays {code!r} are not known; use an ISO 3166 code, as FR or DE-BY"
        ) from error


def resolve(calendar: Calendar, now: datetime) -> WorkingTime:
    """Give the working intervals for 400 days, a few weeks of them past.

    Raises UnknownCalendar for a zone or country that the tables don't have.
    """
    return resolve_span(calendar, now - LOOK_BACK, HORIZON)


def resolve_span(calendar: Calendar, since: datetime, length: timedelta) -> WorkingTime:
    """Give the working intervals of so many whole days, from the day of an instant on.

    Raises UnknownCalendar for a zone or country that the tables don't have.
    """
    zone = zone_of(calendar.zone)
    first = since.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(length.days)]
    free = _holidays(calendar.holidays, tuple(range(days[0].year, days[-1].year + 1)))
    start, _, end = calendar.hours.partition("-")
    opens_at, closes_at = time.fromisoformat(start), time.fromisoformat(end)
    working = [day for day in days if _DAYS[day.weekday()] in calendar.weekdays and day not in free]
    minutes = (closes_at.hour - opens_at.hour) * 60 + closes_at.minute - opens_at.minute
    spans = [(minute_of(day, opens_at, zone), minute_of(day, closes_at, zone)) for day in working]
    spans = [(opens, closes) for opens, closes in spans if opens < closes]
    midnight = datetime.combine(first, time(), zone).astimezone(UTC)
    return WorkingTime(
        calendar=digest_of(calendar.model_dump(mode="json")),
        resolved_with=f"holidays {version('holidays')}",
        since=midnight,
        until=midnight + length,
        day_minutes=minutes,
        opens=tuple(opens for opens, _ in spans),
        closes=tuple(closes for _, closes in spans),
    )


def minute_of(day: date, at: time, zone: ZoneInfo) -> int:
    """Give when a clock of the zone first shows a time of a day, or passes it.

    A time that the clock shows twice is meant the first time; one that it skips comes when the
    clock is put forward.
    """
    shown = datetime.combine(day, at, zone)
    latest = _since_1970(shown)
    if shown.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return latest
    # Read with the offset before and with the one after, a skipped time lies around the change.
    earliest = _since_1970(shown.replace(fold=1))
    before = _offset(earliest, zone)
    around = range(earliest, latest + 1)
    return around[bisect_left(around, 1, key=lambda minute: _offset(minute, zone) != before)]


def _since_1970(instant: datetime) -> int:
    return int((instant.astimezone(UTC) - EPOCH) / timedelta(minutes=1))


def _offset(minute: int, zone: ZoneInfo) -> timedelta | None:
    return (EPOCH + timedelta(minutes=minute)).astimezone(zone).utcoffset()
