"""Events on their way in: written down, told to the workflow, marked."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import Principal
from api.cloudevents import Arrived
from api.delivery import Delivered, deliver
from api.deps import Composition
from api.metrics import EVENTS
from api.problems import Conflict, FieldProblem, Forbidden, Invalid
from api.registration import producers_are_missing
from api.schemas_events import About, CloudEvent, EventTaken, VersionRegistered
from integrations.database.events import EventRow, Received, StoredEvent, receive_all
from integrations.database.registry import model_known_as
from integrations.database.visibility import sees
from lifecycle.canonical import digest_of


async def take_in(
    composition: Composition, principal: Principal, arrived: Arrived
) -> list[EventTaken]:
    """Take events in; each is durable, or known to be for nobody, when this returns.

    Raises Forbidden, Invalid and, for a single event whose id came with another body, Conflict;
    NothingSent and OutcomeUnknown when the same request should be sent again.
    """
    _check_types(principal, arrived)
    async with composition.database.transaction() as connection:
        models = [await _model(connection, event, data) for event, data in _pairs(arrived)]
        _check_models(principal, models, arrived)
        await _check_producers(connection, arrived.data, models)
        rows = [
            _row(composition, principal, event, data, model)
            for (event, data), model in zip(_pairs(arrived), models, strict=True)
        ]
        received = await receive_all(connection, rows)
    if not arrived.is_batch and received[0].status == "conflict":
        raise Conflict(
            "This source sent another event with the same id; an id names one event. Send it under"
            " an id of its own.",
            event=received[0].event_id,
        )
    taken = [await _take(composition, row, one) for row, one in zip(rows, received, strict=True)]
    for row, one in zip(rows, taken, strict=True):
        EVENTS.labels(row.type, one.status).inc()
    return taken


def _pairs(arrived: Arrived) -> list[tuple[CloudEvent, About]]:
    return list(zip(arrived.events, arrived.data, strict=True))


async def _take(composition: Composition, row: EventRow, received: Received) -> EventTaken:
    if received.status == "conflict":
        why = "Another event came with this id; nothing was done."
        return EventTaken(id=received.event_id, status="conflict", why=why)
    if received.status == "same" and received.outcome.status not in {"received", "unclaimed"}:
        why = f"It came before, and is {received.outcome.status}."
        return EventTaken(id=received.event_id, status="duplicate", why=why)
    stored = StoredEvent(**row.model_dump(), event_id=received.event_id, outcome=received.outcome)
    outcome: Delivered = await deliver(composition, stored)
    return EventTaken(id=received.event_id, status=outcome.status, why=outcome.why)


async def _model(connection: AsyncConnection, event: CloudEvent, data: About) -> str:
    """Find the model that the source means; a name that nobody knows stays as it is."""
    return await model_known_as(connection, event.source, data.model) or data.model


def _row(
    composition: Composition, principal: Principal, event: CloudEvent, data: About, model: str
) -> EventRow:
    content = event.content()
    return EventRow(
        principal=principal.id,
        source=event.source,
        id=event.id,
        type=event.type,
        body_digest=digest_of(content),
        model=model,
        version=data.version,
        body={**content, "specversion": event.specversion},
        received_at=composition.clock(),
    )


def _check_types(principal: Principal, arrived: Arrived) -> None:
    key = principal.key
    errors = []
    for index, event in enumerate(arrived.events):
        at = f"[{index}]." if arrived.is_batch else ""
        if not sees(key.events, event.type):
            errors.append(FieldProblem(path=f"{at}type", message=_limits("send", key.events)))
        if not sees(key.sources, event.source):
            errors.append(
                FieldProblem(path=f"{at}source", message=_limits("speak as", key.sources))
            )
    _refuse(errors)


def _check_models(principal: Principal, models: list[str], arrived: Arrived) -> None:
    key = principal.key
    errors = [
        FieldProblem(
            path=f"[{index}].data.model" if arrived.is_batch else "data.model",
            message=_limits("speak for", key.models),
        )
        for index, model in enumerate(models)
        if not sees(key.models, model)
    ]
    _refuse(errors)


def _refuse(errors: list[FieldProblem]) -> None:
    if errors:
        raise Forbidden(
            "This key may not send such an event, and none was taken; see `errors`. An"
            " administrator issues keys with other models, events and sources.",
            errors=errors,
        )


def _limits(what: str, allowed: Sequence[str]) -> str:
    return f"this key may {what} {', '.join(allowed) or 'nothing'}"


async def _check_producers(
    connection: AsyncConnection, data: Sequence[About], models: list[str]
) -> None:
    errors = []
    for index, (one, model) in enumerate(zip(data, models, strict=True)):
        if isinstance(one, VersionRegistered) and not one.producers:
            missing = await producers_are_missing(connection, model)
            if missing:
                errors.append(FieldProblem(path=f"[{index}].data.producers", message=missing))
    if errors:
        raise Invalid("A version needs its producers; none was taken.", errors=errors)
