"""A few words to write Slack's published shapes down with; problems read as Slack's do."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

Problems: TypeAlias = list[str]
Rule: TypeAlias = Callable[[Any, str, Problems], None]

_URL = re.compile(r"^(https?://[^\s/]|mailto:|slack:)", re.IGNORECASE)


def report(problems: Problems, words: str, place: str) -> None:
    """Note a problem with the JSON pointer of its place."""
    problems.append(f"{words} [json-pointer:{place}]")


def string(*, low: int = 1, high: int | None = None, pattern: str | None = None) -> Rule:
    """Accept text of `low` to `high` characters."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if not isinstance(value, str):
            report(problems, "must provide a string", place)
        elif len(value) < low:
            report(problems, f"must be more than {low - 1} characters", place)
        elif high is not None and len(value) > high:
            report(problems, f"must be less than {high + 1} characters", place)
        elif pattern and not re.fullmatch(pattern, value):
            report(problems, f"does not match regexp {pattern}", place)

    return check


def url(high: int = 3000) -> Rule:
    """Accept an absolute address."""

    def check(value: Any, place: str, problems: Problems) -> None:
        before = len(problems)
        string(high=high)(value, place, problems)
        if len(problems) == before and not _URL.match(value):
            report(problems, "must be a valid url", place)

    return check


def day(value: Any, place: str, problems: Problems) -> None:
    """Accept a day of the calendar, as `2026-03-02`."""
    before = len(problems)
    string(pattern=r"\d{4}-\d\d-\d\d")(value, place, problems)
    if len(problems) == before and not is_day(value):
        report(problems, "must be a valid date", place)


def is_day(text: str) -> bool:
    """Tell whether the calendar has such a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def boolean(value: Any, place: str, problems: Problems) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        report(problems, "must provide a boolean", place)


def integer(low: int, high: int) -> Rule:
    """Accept a whole number in a range."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report(problems, "must provide a number", place)
        elif not low <= value <= high:
            report(problems, f"must be between {low} and {high}", place)

    return check


def choice(*allowed: str) -> Rule:
    """Accept one of a few words."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if value not in allowed:
            report(problems, f"must be a valid enum value: {', '.join(allowed)}", place)

    return check


def items(rule: Rule, *, low: int = 1, high: int) -> Rule:
    """Accept an array of `low` to `high` things."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if not isinstance(value, list):
            report(problems, "must provide an array", place)
            return
        if len(value) < low:
            report(problems, f"no less than {low} items allowed", place)
        if len(value) > high:
            report(problems, f"no more than {high} items allowed", place)
        for index, item in enumerate(value[:high]):
            rule(item, f"{place}/{index}", problems)

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule], *more: Rule) -> Rule:
    """Accept an object with these fields and no others; `more` looks at the fields together."""
    known = {**required, **optional}

    def check(value: Any, place: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            report(problems, "must provide an object", place)
            return
        before = len(problems)
        for name in required:
            if name not in value:
                report(problems, f"missing required field: {name}", place)
        for name, content in value.items():
            if name in known:
                known[name](content, f"{place}/{name}", problems)
            elif name != "type":
                report(problems, f"invalid additional property: {name}", place)
        if len(problems) == before:
            for rule in more:
                rule(value, place, problems)

    return check


def tagged(kinds: Mapping[str, Rule]) -> Rule:
    """Accept an object whose `type` says which of several shapes it has."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            report(problems, "must provide an object", place)
        elif "type" not in value:
            report(problems, "missing required field: type", place)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            report(problems, f"unsupported type: {value['type']}", f"{place}/type")
        else:
            kinds[value["type"]](value, place, problems)

    return check


def one_of(*names: str) -> Rule:
    """Require exactly one of these fields."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if sum(name in value for name in names) != 1:
            report(problems, f"must define exactly one of: {', '.join(names)}", place)

    return check


def some_of(*names: str) -> Rule:
    """Require at least one of these fields."""

    def check(value: Any, place: str, problems: Problems) -> None:
        if not any(name in value for name in names):
            report(problems, f"must define at least one of: {', '.join(names)}", place)

    return check


def anything(_value: Any, _place: str, _problems: Problems) -> None:
    """Accept what is not looked at further."""
