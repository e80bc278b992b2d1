"""What a check of a definition finds."""

from typing import Literal, NamedTuple

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """One thing that is wrong or doubtful, where it is, and what to do about it."""

    severity: Literal["error", "warning"]
    path: Path
    """Keys and indexes from the top of the file to the value."""
    message: str
    """A whole sentence."""


def error(path: Path, message: str) -> Finding:
    """Find something that keeps a definition from being used."""
    return Finding("error", path, message)


def warning(path: Path, message: str) -> Finding:
    """Find something that works and is hardly meant."""
    return Finding("warning", path, message)


def listed(names: tuple[str, ...]) -> str:
    """Join names for a sentence; "none" when there are none."""
    return ", ".join(names) or "none"
