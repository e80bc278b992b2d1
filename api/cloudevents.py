"""CloudEvents 1.0 over HTTP: structured, batch and binary. Source: cloudevents.io, HTTP binding."""

import re
from urllib.parse import unquote

from fastapi import Request
from pydantic import ValidationError

from api.bodies import media_type, read_json
from api.problems import FieldProblem, Invalid, UnsupportedMedia
from api.schemas_events import TYPES, About, CloudEvent
from integrations.documents import Document, dotted, located
from lifecycle.values import Frozen

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MOST_IN_A_BATCH = 200
_JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json")


class Arrived(Frozen):
    """The events of one request."""

    events: tuple[CloudEvent, ...]
    data: tuple[About, ...]
    """What each says."""
    is_batch: bool


async def read_events(request: Request) -> Arrived:
    """Read a request's events; raises Invalid that names each one's index, UnsupportedMedia."""
    kind = media_type(request)
    if kind == BATCH:
        document = await read_json(await request.body())
        return _arrived(_items(document), is_batch=True)
    if kind == STRUCTURED:
        document = await read_json(await request.body())
        return _arrived([document.data], is_batch=False)
    if "ce-specversion" in request.headers:
        return _arrived([await _binary(request)], is_batch=False)
    raise UnsupportedMedia(
        f"Send {STRUCTURED}, {BATCH}, or the attributes as `ce-` headers with JSON as the body."
    )


def _items(document: Document) -> list[object]:
    items = document.data
    if not isinstance(items, list) or not items:
        raise Invalid("A batch is a list of at least one event.")
    if len(items) > MOST_IN_A_BATCH:
        raise Invalid(f"A batch has at most {MOST_IN_A_BATCH} events; send several.")
    return items


async def _binary(request: Request) -> dict[str, object]:
    """Gather the attributes from the headers; their values are percent-encoded UTF-8."""
    kind = media_type(request)
    if kind and not _JSON.fullmatch(kind):
        raise UnsupportedMedia(f"The data of an event is JSON here, not {kind[:100]}.")
    document = await read_json(await request.body())
    attributes = {
        name.removeprefix("ce-"): unquote(value)
        for name, value in request.headers.items()
        if name.startswith("ce-") and name not in {"ce-data", "ce-datacontenttype"}
    }
    return {**attributes, "data": document.data}


def _arrived(items: list[object], *, is_batch: bool) -> Arrived:
    errors: list[FieldProblem] = []
    events: list[CloudEvent] = []
    data: list[About] = []
    for index, item in enumerate(items):
        try:
            event = CloudEvent.model_validate(item)
            data.append(_data(event))
            events.append(event)
        except _Unusable as unusable:
            errors += _at(index, unusable.problems, is_batch=is_batch)
        except ValidationError as error:
            problems = _problems(item, error, CloudEvent, "")
            errors += _at(index, problems, is_batch=is_batch)
    if errors:
        detail = "An event can't be used, and none was taken; see `errors`."
        raise Invalid(detail, errors=errors)
    return Arrived(events=tuple(events), data=tuple(data), is_batch=is_batch)


class _Unusable(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__()
        self.problems = problems


def _data(event: CloudEvent) -> About:
    kind = TYPES.get(event.type)
    if kind is None:
        message = f"no such type here; known: {', '.join(TYPES)}"
        raise _Unusable([FieldProblem(path="type", message=message)])
    if event.type == "undersigned.evidence.attached" and event.time is None:
        message = "evidence needs a `time`: the newest result of a name counts"
        raise _Unusable([FieldProblem(path="time", message=message)])
    try:
        return kind.model_validate(event.data)
    except ValidationError as error:
        raise _Unusable(_problems(event.data, error, kind, "data.")) from error


def _problems(
    value: object, error: ValidationError, model: type[CloudEvent | About], prefix: str
) -> list[FieldProblem]:
    found = located(Document("event", value), error, model=model)
    return [
        FieldProblem(path=f"{prefix}{dotted(one.path)}".rstrip("."), message=one.message)
        for one in found.problems
    ]


def _at(index: int, problems: list[FieldProblem], *, is_batch: bool) -> list[FieldProblem]:
    if not is_batch:
        return problems
    return [
        one.model_copy(update={"path": f"[{index}].{one.path}".rstrip(".")}) for one in problems
    ]
