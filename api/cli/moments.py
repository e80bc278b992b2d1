"""Instants as people read them: in their zone, and from now."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

_SPANS = (
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
    (timedelta(seconds=1), "s"),
)


def now() -> datetime:
    """Read the clock, to write how far away an instant is."""
    return datetime.now(UTC)  # noqa: TID251 - the one place of the command line that reads it


def span(length: timedelta) -> str:
    """Write a length in its largest whole unit, rounded down: `2 h`."""
    for unit, name in _SPANS:
        if length >= unit:
            return f"{length // unit} {name}"
    return "0 s"


def exact(length: timedelta) -> str:
    """Write a length in its two largest units, rounded down: `4 d 23 h`."""
    for (unit, _), (smaller, name) in pairwise(_SPANS):
        if length >= unit:
            rest = (length % unit) // smaller
            return f"{span(length)} {rest} {name}" if rest else span(length)
    return span(length)


def ago(instant: datetime | None, at: datetime) -> str:
    """Write how long ago something was: `2 h ago`."""
    if instant is None:
        return "-"
    return f"{span(at - instant)} ago" if instant <= at else f"in {span(instant - at)}"


def due(instant: datetime | None, at: datetime) -> str:
    """Write a deadline from now: `due in 3 h 5 min`, `overdue by 2 d`."""
    if instant is None:
        return "-"
    if instant < at:
        return f"overdue by {exact(at - instant)}"
    return f"due in {exact(instant - at)}"


def local(instant: datetime) -> str:
    """Write an instant in this machine's zone."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M %Z}"


def read(text: str | None) -> datetime | None:
    """Read an instant as the API writes it."""
    return datetime.fromisoformat(text) if text else None
