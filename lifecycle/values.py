"""The words that files, messages and facts are made of."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote, unquote

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from lifecycle.building import built
from lifecycle.memory import Remembering

LARGEST_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 canonical JSON holds exactly."""

DEEPEST_JSON = 32
LARGEST_VALUE = 16 * 1024
"""Bytes of canonical JSON that one piece of evidence may carry as its value."""


class Frozen(Remembering):
    """A value that is never changed; fields it does not know are left out when it is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Kept(Remembering):
    """A value that is carried from run to run: fields of newer code are kept as they came."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Strict(Remembering):
    """A value from a person's file: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("contains control characters; use printable characters only")
    return text


def later(default: Any) -> Any:
    """Declare a field that came after the first release, with what its absence means.

    It is not written while it says nothing, so the bytes of a fact that was recorded before the
    field existed are the same when a replay makes the fact again.
    """
    return Field(default=default, exclude_if=lambda value: value == default)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


def _addressable(text: str) -> str:
    if not text.strip() or text in {".", ".."} or text.rpartition("/")[2] in _TAKEN:
        raise ValueError(
            f"{text!r} can't be reached by a path; name it otherwise "
            f"(not blank, `.`, `..`, nor ending in {' or '.join(sorted(_TAKEN))})"
        )
    return text


_TAKEN = frozenset(
    {
        "acceptances", "answers", "conditions", "decisions", "facts", "findings", "migrations",
        "overrides", "releases", "requests", "resolutions", "withdrawals",
    }
)  # fmt: skip
"""What stands behind a version in the API's paths."""
VersionName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_printable),
    AfterValidator(_addressable),
]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=3000)]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_printable)]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]  # fmt: skip
Instant = AwareDatetime


def _in_the_calendar(instant: datetime) -> datetime:
    try:
        instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("write a time from year 1 to 9999 in UTC") from error
    return instant


SentInstant = Annotated[AwareDatetime, AfterValidator(_in_the_calendar)]
"""An instant that somebody names; it can be written in UTC, as every sentence does."""
Round = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(strict=True)]
"""A number that somebody writes: text and `true` are none."""


def moment(instant: datetime) -> str:
    """Write an instant for a sentence."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def encode_part(part: str) -> str:
    """Percent-encode one part of an id, so that the separators stay unambiguous."""
    return quote(part, safe="")


def signoff_id(model: str, version: str, stage: str, round_: int, role: str) -> str:
    """Name one role's request in one round, as `model:version:stage:round:role`."""
    return ":".join((model, encode_part(version), stage, str(round_), role))


LONGEST_ID = 1600
"""Characters of a sign-off's id: a hundred characters of a version take twelve each, encoded."""


class SignoffKey(Frozen):
    """The parts of a sign-off's id."""

    model: str
    version: str
    stage: str
    round: int
    role: str

    @classmethod
    def parse(cls, text: str) -> "SignoffKey":
        """Read an id; raises ValueError with a sentence when it is not one."""
        parts = text.split(":")
        if (
            len(text) > LONGEST_ID
            or len(parts) != 5
            or not parts[3].isascii()
            or not parts[3].isdigit()
        ):
            raise ValueError(
                f"{text[:200]!r} is not a sign-off id; one looks like model:version:stage:1:role."
            )
        model, version, stage, round_, role = parts
        version, round_number = unquote(version), int(round_)
        return built(cls, model=model, version=version, stage=stage, round=round_number, role=role)

    def __str__(self) -> str:
        return signoff_id(self.model, self.version, self.stage, self.round, self.role)


def json_problems(value: Any, depth: int = 1) -> Iterator[str]:
    """Say what of a JSON value canonical JSON (RFC 8785) cannot hold."""
    if depth > DEEPEST_JSON:
        yield f"nested deeper than {DEEPEST_JSON} levels"
    elif isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            yield "an object key that is not a string"
        for item in (*value, *value.values()):
            yield from json_problems(item, depth + 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from json_problems(item, depth + 1)
    else:
        yield from _scalar_problems(value)


def _scalar_problems(value: Any) -> Iterator[str]:
    match value:
        case None | bool():
            return
        case str():
            if any("\ud800" <= char <= "\udfff" for char in value):
                yield "text with a lone surrogate"
        case int():
            if abs(value) > LARGEST_INTEGER:
                yield f"the integer {str(value)[:20]}… is 2^53 or more; send it as a string"
        case float():
            if not math.isfinite(value):
                yield "NaN and infinities are not JSON"
        case _:
            yield f"a {type(value).__name__} is not JSON"


def _canonicalisable(value: dict[str, Any]) -> dict[str, Any]:
    for problem in json_problems(value):
        raise ValueError(problem)
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_canonicalisable)]
