"""Pydantic's errors as problems with a place and a sentence for the person who wrote the file."""

import difflib
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from integrations.places import Document, DocumentError, KeyPath, Problem, dotted, shown

# What each error type of pydantic says the value should have been.
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "none_required": "left empty",
    "datetime_type": "a date and time",
    "datetime_parsing": "a date and time",
    "time_delta_type": "a duration",
    "time_delta_parsing": "a duration",
}
MOST_DETAILS = 200
"""Errors that are worded; a body of 60,000 unknown keys is as wrong after these."""
_DIGITS = re.compile(r"-?[0-9]{1,15}")
_UNKNOWN = "extra_forbidden"
_MISSING = "missing"


def located(
    document: Document, error: ValidationError, *, model: type[BaseModel] | None = None
) -> DocumentError:
    """Return pydantic's errors at their places in the document, in the order of the text.

    With the `model` that was validated, an unknown key names the known one it resembles.
    """
    together: dict[tuple[KeyPath, str], list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False)[:MOST_DETAILS]:
        path = _path_in(document.data, detail["loc"])
        # A union reports each of its members; they are one problem with one value.
        kind = detail["type"] if detail["type"] in {_UNKNOWN, _MISSING} else "value"
        together.setdefault((_with_key(path, detail), kind), []).append(detail)
    problems = [
        _problem(document, path, kind, details, model)
        for (path, kind), details in together.items()
        if not _is_echo(path, details, together)
    ]
    problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
    return DocumentError(problems, name=document.name)


def _is_echo(
    path: KeyPath,
    details: list[ErrorDetails],
    together: dict[tuple[KeyPath, str], list[ErrorDetails]],
) -> bool:
    """Say whether a list only counts as too short because an item in it is wrong itself."""
    is_short = all(detail["type"] == "too_short" for detail in details)
    deeper = (other for other, _ in together if len(other) > len(path))
    return is_short and any(other[: len(path)] == path for other in deeper)


def _problem(
    document: Document,
    path: KeyPath,
    kind: str,
    details: list[ErrorDetails],
    model: type[BaseModel] | None,
) -> Problem:
    name = path[-1] if path else document.name
    if kind == _UNKNOWN:
        known = _known_keys(model, path[:-1]) if model else []
        return document.key_problem(path, f"unknown key {shown(name)}{_resembling(name, known)}")
    if kind == _MISSING:
        inside = f" in {shown(dotted(path[:-1]))}" if len(path) > 1 else ""
        return document.problem(path[:-1], f"the key {shown(name)} is missing{inside}")
    return document.problem(path, _value_sentence(path, details))


def _value_sentence(path: KeyPath, details: list[ErrorDetails]) -> str:
    of = shown(dotted(path)) if path else "the document"
    wanted = list(dict.fromkeys(_wanted(detail) for detail in details if _wanted(detail)))
    if len(wanted) == len(details) or (wanted and len(details) > 1):
        given = details[0]["input"]
        return f"{of} should be {' or '.join(wanted)}, not {_given(given)}{_hint(given, wanted)}"
    return f"{of}: {'; '.join(dict.fromkeys(_said(detail) for detail in details))}"


def _wanted(detail: ErrorDetails) -> str:
    if detail["type"] in {"literal_error", "enum"}:
        return str(detail.get("ctx", {}).get("expected", ""))
    return _WANTED.get(detail["type"], "")


def _said(detail: ErrorDetails) -> str:
    if detail["type"] in {"value_error", "assertion_error"} and "ctx" in detail:
        return str(detail["ctx"]["error"])
    message = detail["msg"]
    return message[:1].lower() + message[1:]


def _hint(given: object, wanted: list[str]) -> str:
    """Say how a value is written that looks right and isn't, since its quotes decide."""
    match given:
        case bool():
            return ""
        case int() | float() if "text" in wanted and "a whole number" not in wanted:
            return f'; write it in quotes: "{given}"'
        case str() if "a whole number" in wanted and _DIGITS.fullmatch(given):
            return f"; leave out its quotes: {given}"
        case "true" | "false" if "true or false" in wanted:
            return f"; leave out its quotes: {given}"
        case _:
            return ""


def _given(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return shown(value)


def _path_in(data: object, loc: tuple[str | int, ...]) -> KeyPath:
    """Return the steps of pydantic's location that are in the data; it adds names of unions."""
    path: list[str | int] = []
    for step in loc:
        match data:
            case dict() if step in data:
                data = data[step]
            case list() if isinstance(step, int) and step < len(data):
                data = data[step]
            case _:
                continue
        path.append(step)
    return tuple(path)


def _with_key(path: KeyPath, detail: ErrorDetails) -> KeyPath:
    return (*path, detail["loc"][-1]) if detail["type"] == _MISSING and detail["loc"] else path


def _resembling(name: str | int, known: list[str]) -> str:
    if close := difflib.get_close_matches(str(name), known, n=1):
        return f"; did you mean `{close[0]}`?"
    return f"; known here: {', '.join(f'`{key}`' for key in sorted(known))}" if known else ""


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys that the models at `path` take, over all members of unions."""
    annotations: list[Any] = [model]
    for step in path:
        annotations = [below for one in annotations for below in _below(one, step)]
    models = [one for one in annotations if _is_model(one)]
    return list(dict.fromkeys(key for one in models for key in _keys(one)))


def _below(annotation: Any, step: str | int) -> Iterator[Any]:
    """Yield the plain types that a value under `step` of the annotated type may have."""
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if step in {name, field.alias}:
                yield from _members(field.annotation)
        return
    arguments = [one for one in get_args(annotation) if one is not Ellipsis]
    if (
        get_origin(annotation) is tuple
        and isinstance(step, int)
        and Ellipsis not in get_args(annotation)
    ):
        arguments = arguments[step : step + 1]
    if arguments:
        yield from _members(arguments[-1])  # the items of a list, the values of a mapping


def _members(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without `Annotated`."""
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
