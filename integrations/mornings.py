"""Whose working day or week begins in a slot of time, by their own zone, hours and holidays."""

from datetime import UTC, date, datetime, time, timedelta

from integrations.working_time import UnknownCalendar, resolve_span, zone_of
from lifecycle.calendars import openings
from lifecycle.definition import Calendar
from lifecycle.values import Frozen

SLOT = timedelta(minutes=15)
"""How often it is asked; zones differ by quarters of an hour."""
_WEEK = timedelta(days=7)
_AROUND = timedelta(days=10)
"""A week, and a day on either side of it."""
LONGEST_REST = timedelta(days=30)
"""How far ahead a morning is looked for; nobody's holidays last longer."""


class Hours(Frozen):
    """What is on file of when somebody works; empty where nothing is."""

    zone: str = ""
    hours: str = ""
    holidays: str = ""


class Mornings:
    """Knows when people's days begin; what is not on file of them is filled in."""

    def __init__(self, zone: str = "UTC", hour: str = "09:00") -> None:
        self._zone = zone
        self._hour = hour

    def day_begun(self, hours: Hours, slot: datetime) -> date | None:
        """Give the local date of the working day that begins in a slot, the one that ends then."""
        calendar = self._calendar(hours)
        working = resolve_span(calendar, slot - timedelta(days=1), timedelta(days=3))
        begun = openings(working, slot - SLOT, slot)
        return _local(begun[0], calendar) if begun else None

    def week_begun(self, hours: Hours, slot: datetime) -> date | None:
        """Give that date where it is the first working day of its week."""
        day = self.day_begun(hours, slot)
        if day is None:
            return None
        calendar = self._calendar(hours)
        monday = datetime.combine(
            day - timedelta(days=day.weekday()), time(), zone_of(calendar.zone)
        )
        working = resolve_span(calendar, slot - _WEEK - timedelta(days=1), _AROUND)
        earlier = openings(working, monday.astimezone(UTC) - timedelta(minutes=1), slot - SLOT)
        return None if earlier else day

    def coming(self, hours: Hours, now: datetime) -> tuple[tuple[date, datetime], ...]:
        """Give the working days that begin, or began less than a slot ago, with their slots."""
        calendar = self._calendar(hours)
        working = resolve_span(calendar, now - timedelta(days=1), LONGEST_REST)
        found = openings(working, now - SLOT - SLOT, now + LONGEST_REST)
        return tuple((_local(one, calendar), slot_after(one)) for one in found)

    def _calendar(self, hours: Hours) -> Calendar:
        """Give somebody's working time as far as its beginnings matter."""
        starts, _, ends = (hours.hours or f"{self._hour}-23:59").partition("-")
        daily = f"{starts}-{ends if ends > starts else '23:59'}"  # who works at night begins, too
        calendar = Calendar(
            zone=hours.zone or self._zone, hours=daily, holidays=hours.holidays or None
        )
        try:
            resolve_span(calendar, datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1))
        except UnknownCalendar:  # refused when it was put; these tables are older or newer
            return Calendar(zone=self._zone, hours=daily)
        return calendar


def slot_before(instant: datetime) -> datetime:
    """Give the end of the slot that an instant follows, or is."""
    return datetime.fromtimestamp(instant.timestamp() // SLOT.total_seconds() * 900, UTC)


def slot_after(instant: datetime) -> datetime:
    """Give the end of the slot that an instant is in."""
    before = slot_before(instant)
    return before if before == instant else before + SLOT


def _local(instant: datetime, calendar: Calendar) -> date:
    return instant.astimezone(zone_of(calendar.zone)).date()
