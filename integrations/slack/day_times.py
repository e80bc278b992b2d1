"""Instants that people name in Slack by a day or a length, in their own zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(9)
EVENING = time(23, 59)
"""A day that is named as a limit is over then."""


def zone_named(name: str) -> ZoneInfo:
    """Give a zone by its name, and UTC where Slack's name is not known here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def end_of_day(day: date, zone: str) -> datetime:
    """Give the last minute of a day in a zone."""
    return datetime.combine(day, EVENING, zone_named(zone)).astimezone(UTC)


def snooze_choices(now: datetime, zone: str) -> dict[datetime, str]:
    """Offer instants to be reminded at, each once, with how they are called."""
    place = zone_named(zone)
    here = now.astimezone(place)
    to_monday = timedelta(days=7 - here.weekday())
    offered = [
        ("In 1 hour", _whole_minute(now + timedelta(hours=1))),
        ("In 3 hours", _whole_minute(now + timedelta(hours=3))),
        ("Tomorrow morning", _morning(here.date() + timedelta(days=1), place)),
        ("Next Monday morning", _morning(here.date() + to_monday, place)),
    ]
    named: dict[datetime, str] = {}
    for name, at in offered:
        there = at.astimezone(place)
        named.setdefault(at, f"{name} ({there:%a} {there.day} {there:%b, %H:%M})")
    return named


def _whole_minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def _morning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)
