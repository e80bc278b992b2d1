"""Where in a file or body a value stands, and what is wrong there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

SHOWN_CHARACTERS = 60  # of text from outside, in a message


class Place(NamedTuple):
    """A position in a text: line and column, each from 1, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the keys that lead to it, its place where the format has places, a sentence.

    `line` and `column` are None for JSON that parses, since its reader keeps no places.
    """

    path: KeyPath
    line: int | None
    column: int | None
    message: str


class DocumentError(ValueError):
    """A document that can't be used, with every problem found; its text is one line for each."""

    def __init__(self, problems: Iterable[Problem], *, name: str) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join(_line(name, problem) for problem in self.problems))


@dataclass(frozen=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) and the places it was read from.

    `places` holds where each value starts, by its path; `key_places` where its key does. Both are
    empty for JSON. `origins` names the document that a value was taken over from, where this one
    extends others.
    """

    name: str
    data: object
    places: Mapping[KeyPath, Place] = field(default_factory=dict)
    key_places: Mapping[KeyPath, Place] = field(default_factory=dict)
    origins: Mapping[KeyPath, str] = field(default_factory=dict)

    def place_of(self, path: KeyPath) -> Place | None:
        """Return where the value at `path` starts, or the nearest value around it that exists."""
        for end in range(len(path), -1, -1):
            if place := self.places.get(path[:end]):
                return place
        return None

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem with the value at `path`."""
        return _problem(path, self.place_of(path), self._with_origin(path, message))

    def key_problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem with the key that `path` ends in."""
        place = self.key_places.get(path) or self.place_of(path)
        return _problem(path, place, self._with_origin(path, message))

    def _with_origin(self, path: KeyPath, message: str) -> str:
        """Say where a value comes from that isn't in this document."""
        for end in range(len(path), -1, -1):
            if origin := self.origins.get(path[:end]):
                return f"{message} (from {origin})"
            if path[:end] in self.places:
                break
        return message


def dotted(path: KeyPath) -> str:
    """Return a path as people write it: `stages[0].signoffs[1].role`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return _on_one_line(text.removeprefix("."))


def shown(value: object) -> str:
    """Return a value from outside as a message names it, quoted, on one line and cut."""
    text = str(value) if isinstance(value, str) else repr(value)
    if len(text) > SHOWN_CHARACTERS:
        text = text[: SHOWN_CHARACTERS - 1] + "…"
    return f"`{_on_one_line(text)}`"


def _on_one_line(text: str) -> str:
    """Escape what can't be printed, or not be encoded: control characters, lone surrogates."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _problem(path: KeyPath, place: Place | None, message: str) -> Problem:
    if place is None:
        return Problem(path, None, None, message)
    return Problem(path, place.line, place.column, message)


def _line(name: str, problem: Problem) -> str:
    if problem.line is not None:
        return f"{name}:{problem.line}:{problem.column}: {problem.message}"
    at = f" at {shown(dotted(problem.path))}:" if problem.path else ""
    return f"{name}:{at} {problem.message}"
