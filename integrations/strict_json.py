"""JSON to plain data, refusing what reads differently in different places."""

import json
import math
from collections import Counter
from collections.abc import Iterator

from integrations.places import Document, DocumentError, KeyPath, Problem, shown
from integrations.strict import (
    MAX_DEPTH,
    MAX_PROBLEMS,
    TOO_DEEP,
    integer_refusal,
    text_refusal,
)


def read_json(source: str, name: str) -> Document:
    """Return the one document of a body. Raises DocumentError."""
    try:
        data = json.loads(
            source, object_pairs_hook=_object, parse_int=_integer, parse_constant=_Refused
        )
    except json.JSONDecodeError as error:
        problem = Problem((), error.lineno, error.colno, f"this is not JSON: {error.msg}")
        raise DocumentError([problem], name=name) from error
    except RecursionError as error:
        raise DocumentError([Problem((), None, None, TOO_DEEP)], name=name) from error
    problems: list[Problem] = []
    for path, message in _refusals(data, ()):
        problems.append(Problem(path, None, None, message))
        if len(problems) == MAX_PROBLEMS:
            break
    if problems:
        raise DocumentError(problems, name=name)
    return Document(name, data)


class _Refused:
    """Stands for a number that can't be used, until the walk that knows its path."""

    def __init__(self, text: str) -> None:
        reason = integer_refusal(text) if text[-1].isdigit() else None
        self.message: str = reason or f"{shown(text)} is not a finite number"


class _Doubled(dict[str, object]):
    """An object with keys that are given twice, until the walk that knows its path."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) == len(pairs):
        return data
    doubled = _Doubled(data)
    times = Counter(key for key, _ in pairs)
    doubled.twice = tuple(key for key in data if times[key] > 1)
    return doubled


def _integer(digits: str) -> int | _Refused:
    return _Refused(digits) if integer_refusal(digits) else int(digits)


def _refusals(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Walk a value, at most MAX_DEPTH deep, and yield what can't be used with its path."""
    match value:
        case dict() | list() if len(path) >= MAX_DEPTH:
            yield path, TOO_DEEP
        case dict():
            yield from _key_refusals(value, path)
            for key, item in value.items():
                yield from _refusals(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _refusals(item, (*path, index))
        case _:
            if reason := _scalar_refusal(value):
                yield path, reason


def _key_refusals(data: dict[str, object], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for key in data.twice if isinstance(data, _Doubled) else ():
        yield (*path, key), f"the key {shown(key)} is given twice"
    for key in data:
        if reason := text_refusal(key):
            yield (*path, key), f"in a key, {reason}"


def _scalar_refusal(value: object) -> str | None:
    match value:
        case _Refused(message=message):
            return message
        case float() if math.isinf(value):  # what Python makes of 1e999
            return "the number is too great"
        case str():
            return text_refusal(value)
        case _:
            return None
