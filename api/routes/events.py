"""Events from pipelines."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api import examples
from api.auth import Principal
from api.bodies import JSON, answers
from api.cloudevents import BATCH, STRUCTURED, Arrived, read_events
from api.deps import Allowed, Composed, Pipeline
from api.intake import take_in
from api.problems import Conflict, NotFound, TooLarge, Unknown, Unsent, UnsupportedMedia, described
from api.schemas_events import CloudEvent, EventShown, EventsTaken
from integrations.database.events import get_event
from integrations.database.visibility import sees

router = APIRouter(prefix="/v1/events", tags=["events"], responses=described())
_REFERENCE = {"$ref": "#/components/schemas/CloudEvent"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CloudEvents 1.0; in binary mode the attributes are `ce-` headers.",
        "content": {
            STRUCTURED: {
                "schema": CloudEvent.model_json_schema(ref_template="#/components/schemas/{model}"),
                "example": examples.EVENT,
            },
            BATCH: {
                "schema": {"type": "array", "items": _REFERENCE},
                "example": [examples.EVENT],
            },
            JSON: {"schema": {"type": "object"}, "example": examples.EVENT["data"]},
        },
    }
}


@router.post(
    "",
    status_code=202,
    summary="Takes CloudEvents; 202 once they are durable",
    responses={
        202: answers(examples.EVENTS_TAKEN),
        **described(Conflict, TooLarge, UnsupportedMedia, Unsent, Unknown),
    },
    openapi_extra=_BODY,
)
async def take(
    principal: Pipeline,
    composition: Composed,
    arrived: Annotated[Arrived, Depends(read_events)],
) -> EventsTaken:
    """Take one event or a batch. The same event again changes nothing."""
    return EventsTaken(items=await take_in(composition, principal, arrived))


@router.get(
    "/{event_id}",
    summary="Says what became of an event",
    responses={200: answers(examples.EVENT_SHOWN), **described(NotFound)},
)
async def show(
    event_id: str,
    principal: Annotated[Principal, Depends(Allowed("pipeline", "manager", "auditor", "admin"))],
    composition: Composed,
) -> EventShown:
    """Give an event's outcome; a pipeline's key sees its own and those of its models."""
    async with composition.database.transaction() as connection:
        stored = await get_event(connection, event_id)
    if stored is None or not (
        principal.sees_all
        or stored.principal == principal.id
        or (stored.model is not None and sees(principal.key.models, stored.model))
    ):
        raise NotFound(f"No event has the id {event_id[:100]}.")
    return EventShown(
        id=stored.event_id,
        source=stored.source,
        event=stored.id,
        type=stored.type,
        model=stored.model,
        version=stored.version,
        received_at=stored.received_at,
        **stored.outcome.model_dump(),
    )
