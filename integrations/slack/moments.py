"""The clock, for what is written beside messages; nothing is decided by it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)  # noqa: TID251 - the one place in this package that reads it
