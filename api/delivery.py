"""Events from the journal to the workflows, and what follows from them."""

from typing import Literal

from api.deps import Composition
from api.event_commands import command_for, envelope_of
from api.lifecycles import UnknownVersion, VersionClosed
from api.schemas_events import REGISTERED, REQUESTED, TYPES, CloudEvent, DeploymentObserved
from api.superseding import supersede_older
from integrations.database.events import (
    StoredEvent,
    mark_accepted,
    mark_late,
    mark_unclaimed,
    unclaimed,
)
from integrations.database.older_versions import versions_awaited
from integrations.database.registry import get_lifecycle, get_model
from integrations.database.versions import get_version, versions_with_digest
from lifecycle.values import Frozen
from workflows.messages import Envelope

LATE = "The version's story had ended."
NOBODY = "Nobody registered this model or version yet; it is kept for 30 days and applied then."


class Delivered(Frozen):
    """Where an event is now."""

    status: Literal["accepted", "unclaimed", "late"]
    why: str = ""


async def deliver(composition: Composition, stored: StoredEvent) -> Delivered:
    """Tell an event to the workflow it is for and mark it; telling twice counts once.

    Raises NothingSent and OutcomeUnknown; the event then stays `received`, and the same delivery
    again is right.
    """
    delivered = await _tell(composition, stored)
    if delivered.status == "unclaimed":
        await _mark(composition, stored, delivered)
        # It may have been registered in between, and those who register look only once.
        delivered = await _tell(composition, stored)
    if delivered.status != "unclaimed":
        await _mark(composition, stored, delivered)
    if delivered.status == "accepted":
        await _follow_up(composition, stored)
    return delivered


async def deliver_unclaimed(composition: Composition, model: str, version: str) -> None:
    """Tell, in their order, the events that waited for a version to be registered."""
    async with composition.database.transaction() as connection:
        waiting = await unclaimed(connection, model, version)
        of_model = await unclaimed(connection, model, None)
    for stored in [*waiting, *of_model]:
        if stored.type != REGISTERED:
            await deliver(composition, stored)


async def deliver_to_model(composition: Composition, model: str) -> None:
    """Tell the registrations that waited for a model to be known, and what waited for them."""
    async with composition.database.transaction() as connection:
        versions = await versions_awaited(connection, model, REGISTERED)
        waiting = [await unclaimed(connection, model, version) for version in versions]
    for events in waiting:
        for stored in events:
            if stored.type == REGISTERED:
                await deliver(composition, stored)


async def _tell(composition: Composition, stored: StoredEvent) -> Delivered:
    event = CloudEvent.model_validate(stored.body)
    data = TYPES[stored.type].model_validate(event.data)
    model = stored.model or data.model
    command = command_for(event, data, id_=stored.command, by=stored.principal, model=model)
    async with composition.database.transaction() as connection:
        is_known = await get_model(connection, model) is not None
        versions = [stored.version] if stored.version else []
        if isinstance(data, DeploymentObserved) and not versions:
            found = await versions_with_digest(connection, data.digest, model)
            versions = [version for _, version in found]
    if not is_known or not versions:
        return Delivered(status="unclaimed", why=NOBODY)
    told = [
        await _tell_version(composition, model, version, envelope_of(command))
        for version in versions
    ]
    # With several versions of the same bytes, one that took it is enough.
    return min(told, key=lambda one: ("accepted", "late", "unclaimed").index(one.status))


async def _tell_version(
    composition: Composition, model: str, version: str, envelope: Envelope
) -> Delivered:
    try:
        await composition.lifecycles.tell(
            model, version, envelope, start=envelope.kind == "Register"
        )
    except VersionClosed:
        return Delivered(status="late", why=LATE)
    except UnknownVersion:
        # After Temporal's retention only the record knows that there was one.
        async with composition.database.transaction() as connection:
            was_there = await get_version(connection, model, version) is not None
        if was_there:
            return Delivered(status="late", why=LATE)
        return Delivered(status="unclaimed", why=NOBODY)
    return Delivered(status="accepted")


async def _mark(composition: Composition, stored: StoredEvent, delivered: Delivered) -> None:
    async with composition.database.transaction() as connection:
        match delivered.status:
            case "accepted":
                await mark_accepted(connection, stored.event_id)
            case "unclaimed":
                await mark_unclaimed(connection, stored.event_id)
            case "late":
                await mark_late(connection, stored.event_id, delivered.why)


async def _follow_up(composition: Composition, stored: StoredEvent) -> None:
    if stored.model is None or stored.version is None:
        return
    if stored.type == REGISTERED:
        await deliver_unclaimed(composition, stored.model, stored.version)
    if stored.type == REQUESTED or (
        stored.type == REGISTERED and await _starts_at_once(composition, stored.model)
    ):
        await supersede_older(composition, stored.model, stored.version)


async def _starts_at_once(composition: Composition, model: str) -> bool:
    async with composition.database.transaction() as connection:
        record = await get_model(connection, model)
        lifecycle = await get_lifecycle(connection, record.file.lifecycle) if record else None
    return lifecycle is not None and lifecycle.start == "on_registration"
