"""What evidence reports as findings."""

from typing import Any

from pydantic import ValidationError

from lifecycle.rules import Severity
from lifecycle.values import Frozen, Instant, Label, Sentence

MOST_FINDINGS = 100
"""How many findings of a version may be open, and how many one result may report."""


class Entry(Frozen):
    """One finding as evidence reports it."""

    id: Label
    title: Sentence
    severity: Severity
    due: Instant | None = None


def entries(value: dict[str, Any]) -> tuple[Entry, ...] | str:
    """Read what a result reports in `value.findings`, or say what is wrong with it."""
    given = value.get("findings")
    if not isinstance(given, (list, tuple)):
        return "has no list `findings` in its value; send an empty one when nothing is wrong"
    if len(given) > MOST_FINDINGS:
        return f"reports {len(given)} findings and {MOST_FINDINGS} are allowed; report the gravest"
    found: dict[str, Entry] = {}
    for index, one in enumerate(given):
        try:
            entry = Entry.model_validate(one)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in ("findings", index, *first["loc"]))
            return f"reports a finding that can't be read, at {where}: {first['msg']}"
        if entry.id in found:
            return f"reports the finding {entry.id} twice"
        found[entry.id] = entry
    return tuple(found.values())
