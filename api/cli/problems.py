"""Problem documents (RFC 9457) as sentences for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

_ADVICE = {
    401: "Is the key right, and not expired or revoked?",
    404: "Is the address right?",
}


def sentence_of(status: int, problem: Any, url: str) -> str:
    """Say what the server found wrong, each error on a line with its place."""
    if not isinstance(problem, Mapping) or not (problem.get("detail") or problem.get("title")):
        advice = _ADVICE.get(status, "Is it Undersigned that answers there?")
        return f"{url} answered {status} without a reason. {advice}"
    said = str(problem.get("detail") or problem["title"])
    errors = problem.get("errors")
    listed = errors if isinstance(errors, list) else []
    return "\n".join([said, *(f"  {line}" for line in _lines(listed))])


def _lines(errors: list[Any]) -> Iterator[str]:
    for error in errors:
        if not isinstance(error, Mapping):
            yield str(error)
            continue
        said, where = str(error.get("message", "")), _place_of(error)
        yield f"{where}: {said}" if where else said


def _place_of(error: Mapping[str, Any]) -> str:
    """Name a place as `line:column path`, as much as is known of it."""
    numbers = (str(error[name]) for name in ("line", "column") if error.get(name) is not None)
    return " ".join(part for part in (":".join(numbers), str(error.get("path") or "")) if part)
