"""YAML 1.2 to plain data with places, refusing what reads differently than it looks."""

import math
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from integrations.places import Document, DocumentError, KeyPath, Place, Problem, shown
from integrations.strict import (
    CONTROL,
    MAX_DEPTH,
    MAX_PROBLEMS,
    TOO_DEEP,
    integer_refusal,
    text_refusal,
)

# U+2028 and U+2029 break lines for readers of YAML 1.1 (this library too) and not in YAML 1.2;
# U+FEFF stands only at the start of a stream.
_NOT_YAML = re.compile(f"[{CONTROL}\u2028\u2029\ufeff]")
_LINE_BREAK = re.compile("\r\n|\r|\n")

# The core schema, https://yaml.org/spec/1.2.2/#103-core-schema, but for numbers as JSON's.
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile("0|-?[1-9][0-9]*")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def read_yaml(source: str, name: str) -> tuple[Document, ...]:
    """Return the documents of a stream, of which there is at least one. Raises DocumentError."""
    if stray := _NOT_YAML.search(source):
        lines = _LINE_BREAK.split(source[: stray.start()])
        message = f"the character U+{ord(stray[0]):04X} is not allowed in a file"
        problem = Problem((), len(lines), len(lines[-1]) + 1, message)
        raise DocumentError([problem], name=name)
    reader = _Reader(source, name)
    try:
        documents = tuple(reader.documents())
    except DocumentError:
        raise
    except (YAMLError, ValueError, OverflowError) as error:
        # The library lets Python's own errors out for impossible escapes, as `"\UFFFFFFFF"`.
        raise DocumentError(
            [*reader.problems, _malformed(error, reader.place)], name=name
        ) from error
    if not documents:
        raise DocumentError([Problem((), 1, 1, "the file holds no document")], name=name)
    if reader.problems:
        raise DocumentError(reader.problems, name=name)
    return documents


class _Reader:
    """Builds values from parser events, so that a refusal comes before anything is expanded."""

    def __init__(self, source: str, name: str) -> None:
        self.problems: list[Problem] = []
        self.place = Place(1, 1)
        self._name = name
        # The library's generator is untyped.
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(source)
        self._places: dict[KeyPath, Place] = {}
        self._key_places: dict[KeyPath, Place] = {}

    def documents(self) -> Iterator[Document]:
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            if event.version not in {None, (1, 2)}:
                self._refuse(_start(event), (), "only YAML 1.2 is read; leave `%YAML` out")
            self._places, self._key_places = {}, {}
            data = self._value(self._next(), (), _start(event))
            if data is None:
                self._refuse(self._places[()], (), "the document is empty")
            yield Document(self._name, data, self._places, self._key_places)

    def _next(self) -> Event:
        event: Event = next(self._events)
        self.place = _start(event)
        return event

    def _value(self, event: Event, path: KeyPath, owner: Place) -> object:
        """Return the value that `event` begins; an empty one is placed at `owner`, its key."""
        is_empty = isinstance(event, ScalarEvent) and not event.value and event.style is None
        place = owner if is_empty else _start(event)
        self._places.setdefault(path, place)
        self._refuse_sharing(event, path, place)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path, place)
        if not isinstance(event, CollectionStartEvent):
            return None  # an alias, refused above
        if len(path) >= MAX_DEPTH:
            self._refuse(place, path, TOO_DEEP)
            raise DocumentError(self.problems, name=self._name)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        return self._sequence(path, place)

    def _sequence(self, path: KeyPath, owner: Place) -> list[object]:
        items: list[object] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), owner))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, object]:
        data: dict[str, object] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            place = _start(event)
            key = self._key(event, path)
            if key in data:
                first = self._key_places[*path, key]
                where = f"line {first.line}, column {first.column}"
                message = f"the key {shown(key)} is given twice; the first is at {where}"
                self._refuse(place, (*path, key), message)
                key = _stand_in(place)  # so that the keys below it aren't taken for the first's
            below = (*path, key)
            self._key_places[below] = place
            data[key] = self._value(self._next(), below, place)
        return data

    def _key(self, event: Event, path: KeyPath) -> str:
        """Return the key, or after a refusal one that no other key of the mapping is."""
        place = _start(event)
        if isinstance(event, ScalarEvent) and event.value == "<<" and event.style is None:
            self._refuse(place, path, "merge keys (`<<`) are not read; write the entries out")
            return _stand_in(place)
        found = len(self.problems)
        key = self._value(event, (*path, _stand_in(place)), place)
        if isinstance(key, str):
            return key
        if len(self.problems) == found:
            hint = f": '{event.value}'" if isinstance(event, ScalarEvent) and event.value else ""
            self._refuse(place, path, f"a key is text; write it in quotes{hint}")
        return _stand_in(place)

    def _scalar(self, event: ScalarEvent, path: KeyPath, place: Place) -> object:
        text = _whole(event.value)
        if reason := text_refusal(text):
            self._refuse(place, path, reason)
        if event.style is not None:
            return text
        if text in _NULLS:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if _INTEGER.fullmatch(text):
            return self._integer(text, path, place)
        if _NOT_FINITE.fullmatch(text) or (_FLOAT.fullmatch(text) and math.isinf(float(text))):
            self._refuse(place, path, f"{shown(text)} is not a finite number")
        return text

    def _integer(self, digits: str, path: KeyPath, place: Place) -> int:
        if reason := integer_refusal(digits):
            self._refuse(place, path, reason)
            return 0
        return int(digits)

    def _refuse_sharing(self, event: Event, path: KeyPath, place: Place) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(place, path, f"aliases (`*{event.anchor}`) are not read; repeat the value")
        elif isinstance(event, NodeEvent) and event.anchor is not None:
            self._refuse(place, path, f"anchors (`&{event.anchor}`) are not read; leave it out")
        if tag := getattr(event, "ctag", None):  # aliases have none
            self._refuse(place, path, f"tags ({shown(str(tag))}) are not read; leave it out")

    def _refuse(self, place: Place, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(path, place.line, place.column, message))
        if len(self.problems) >= MAX_PROBLEMS:
            raise DocumentError(self.problems, name=self._name)


def _stand_in(place: Place) -> str:
    """Return a name for a key that is refused, which no other key of the file has."""
    return f"\0{place.line}:{place.column}"


def _start(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _whole(text: str) -> str:
    r"""Return text with `"\ud83d\ude00"`, JSON's way to escape one character, put together."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _malformed(error: Exception, last: Place) -> Problem:
    """Return the place and the sentence of a syntax error, `last` when it doesn't say where."""
    if not isinstance(error, MarkedYAMLError):
        return Problem((), last.line, last.column, f"this is not YAML: {error}")
    message = error.problem or error.context or "no reason is known"
    if error.problem and error.context:
        message += f", {error.context}"
        if error.context_mark is not None:
            message += f" that begins at line {error.context_mark.line + 1}"
    mark = error.problem_mark or error.context_mark
    place = last if mark is None else Place(mark.line + 1, mark.column + 1)
    return Problem((), place.line, place.column, f"this is not YAML: {message}")
