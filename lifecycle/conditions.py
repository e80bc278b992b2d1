"""Conditions in CEL. Errors come back as values; only a plain `true` counts as true.

CEL is the Common Expression Language (cel.dev). Its C++ runtime bounds loops by an iteration
budget, and its regular expressions are linear, so a condition cannot hold a workflow up.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cel_expr_python import cel

VARIABLES = ("model", "version", "evidence", "value", "alert")
_ENVIRONMENT = cel.NewEnv(
    variables={name: cel.Type.Map(cel.Type.STRING, cel.Type.DYN) for name in VARIABLES}
)


class Outcome(NamedTuple):
    """What a condition evaluated to; an error is never true."""

    is_true: bool
    error: str = ""


_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_TEXT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")


@lru_cache(maxsize=4096)
def _compiled(condition: str) -> Any:
    if _has_nested_loops(condition):
        raise RuntimeError("a loop inside a loop is not allowed; let the pipeline send the result")
    return _ENVIRONMENT.compile(condition)


def _has_nested_loops(condition: str) -> bool:
    """Say whether one of CEL's loops runs inside another, which multiplies what it may build."""
    code = _TEXT.sub("''", condition)
    ends: list[int] = []
    for loop in _LOOP.finditer(code):
        if any(loop.start() < end for end in ends):
            return True
        ends.append(_closing(code, loop.end()))
    return False


def _closing(code: str, start: int) -> int:
    depth = 1
    for index in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[index], 0)
        if depth == 0:
            return index
    return len(code)


def problem_of(condition: str) -> str | None:
    """Say why a condition does not compile, or None when it does."""
    try:
        _compiled(condition)
    except RuntimeError as error:
        return _first_line(str(error))
    return None


def _first_line(text: str) -> str:
    return text.removeprefix("INVALID_ARGUMENT: ").splitlines()[0].removeprefix("ERROR: ")


def _with_doubles(value: Any) -> Any:
    """Make every JSON number a double, so that a perfect score of `1` compares with `0.9`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _with_doubles(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_with_doubles(item) for item in value]
    return value


def mentioned(condition: str) -> tuple[str, ...]:
    """Give the variables that a condition names; one that names none is always the same."""
    bare = _TEXT.sub("", condition)
    return tuple(name for name in VARIABLES if re.search(rf"\b{name}\b", bare))


@lru_cache(maxsize=4096)
def written_in(condition: str) -> tuple[str, ...]:
    """Give every variable that a condition can name: those whose names stand anywhere in it."""
    return tuple(name for name in VARIABLES if name in condition)


def evaluate(condition: str, variables: Mapping[str, Any]) -> Outcome:
    """Evaluate a condition over JSON variables; those not given are empty."""
    data = {name: variables.get(name, {}) for name in written_in(condition)}
    return _evaluated(condition, json.dumps(data))


@lru_cache(maxsize=64)
def _evaluated(condition: str, data: str) -> Outcome:
    """Evaluate a condition over JSON text, once for the same: the runtime takes a while."""
    try:
        result = _compiled(condition).eval(data=_with_doubles(json.loads(data)))
    except RuntimeError as error:
        return Outcome(is_true=False, error=_first_line(str(error)))
    if result.type() == cel.Type.ERROR:
        return Outcome(is_true=False, error=_first_line(str(result.value())))
    if not isinstance(result.value(), bool):
        return Outcome(is_true=False, error="the condition is not a yes or no")
    return Outcome(is_true=result.value() is True)
