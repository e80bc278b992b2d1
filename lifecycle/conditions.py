"""Conditions in CEL. Errors come back as values; only a plain `true` counts as true.

CEL is the Common Expression Language (cel.dev). Its C++ runtime bounds loops by an iteration
budget, and its regular expressions are linear, so a condition cannot hold a workflow up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from lifecycle.values import Frozen

VARIABLES = ("model", "version", "evidence", "value", "alert")
_ENVIRONMENT = cel.NewEnv(
    variables={name: cel.Type.Map(cel.Type.STRING, cel.Type.DYN) for name in VARIABLES}
)


class Outcome(Frozen):
    """What a condition evaluated to; an error is never true."""

    is_true: bool
    error: str = ""


@lru_cache(maxsize=4096)
def _compiled(condition: str) -> Any:
    return _ENVIRONMENT.compile(condition)


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


def evaluate(condition: str, variables: Mapping[str, Any]) -> Outcome:
    """Evaluate a condition over JSON variables; those not given are empty."""
    data = {name: _with_doubles(variables.get(name, {})) for name in VARIABLES}
    try:
        result = _compiled(condition).eval(data=data)
    except RuntimeError as error:
        return Outcome(is_true=False, error=_first_line(str(error)))
    if result.type() == cel.Type.ERROR:
        return Outcome(is_true=False, error=_first_line(str(result.value())))
    if not isinstance(result.value(), bool):
        return Outcome(is_true=False, error="the condition is not a yes or no")
    return Outcome(is_true=result.value() is True)
