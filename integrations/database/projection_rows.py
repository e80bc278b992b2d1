from typing import Any

from sqlalchemy import bindparam, delete, func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from integrations.database import journals, tables
from integrations.database.rows import insert_rows, recordset, table_of, upsert_rows, write
from lifecycle.state import VersionStatus
from lifecycle.view import EventOutcome, Projection, SignoffView, VersionView

EVENT_COMMAND = "event:"
"""How the id of a command that carries an event begins."""
_CLOSED = {VersionStatus.RETIRED, VersionStatus.SUPERSEDED}

_stage = table_of(tables.Stage)
_waiting = table_of(tables.Waiting)
_event = table_of(journals.Event)

# An older recording, or the same again, never overwrites a newer row. The version's row stands
# guard for its other rows: they are written in the same transaction, under the same lock.
_put_version = upsert_rows(tables.Version, newer_by="sequence")
_put_stages = upsert_rows(tables.Stage)
_put_signoffs = upsert_rows(tables.Signoff)
_put_waiting = insert_rows(tables.Waiting)
_drop_waiting = delete(_waiting).where(
    _waiting.c.model == bindparam("of_model"), _waiting.c.version == bindparam("of_version")
)
_drop_stages = delete(_stage).where(
    _stage.c.model == bindparam("of_model"),
    _stage.c.version == bindparam("of_version"),
    _stage.c.stage != func.all(bindparam("kept", type_=ARRAY(Text))),
)
_outcome_columns = [_event.c.event_id, _event.c.status, _event.c.why, _event.c.sequence]
_outcome = recordset(journals.Event, _outcome_columns, "outcome")
_put_outcomes = (
    update(_event)
    # The first recorded outcome stays.
    .where(_event.c.event_id == _outcome.c.event_id, _event.c.sequence == 0)
    .values(status=_outcome.c.status, why=_outcome.c.why, sequence=_outcome.c.sequence)
)


async def write_projection(connection: AsyncConnection, projection: Projection) -> None:
    """Bring a version's rows up to a projection; does nothing when they are as new or newer.

    The caller holds the version's lock.
    """
    view = projection.version
    if await write(connection, _put_version, [version_row(view)]):
        await _write_stages(connection, view)
        await write(
            connection,
            _put_signoffs,
            [signoff_row(id_, one) for id_, one in projection.signoffs.items()],
        )
        await connection.execute(
            _drop_waiting, {"of_model": view.model, "of_version": view.version}
        )
        await write(connection, _put_waiting, waiting_rows(view))
    await write(connection, _put_outcomes, outcome_rows(projection.events))


async def _write_stages(connection: AsyncConnection, view: VersionView) -> None:
    await connection.execute(
        _drop_stages,
        {
            "of_model": view.model,
            "of_version": view.version,
            "kept": [stage.name for stage in view.stages],
        },
    )
    await write(connection, _put_stages, stage_rows(view))


def version_row(view: VersionView) -> dict[str, Any]:
    """Give a version's row: its view, and what it is found and listed by."""
    doc = view.model_dump(mode="json")
    return {
        "model": view.model,
        "version": view.version,
        "sequence": view.sequence,
        "status": view.status,
        "is_open": view.status not in _CLOSED,
        "lifecycle": view.lifecycle,
        "risk": view.risk,
        "layer": view.layer,
        "digests": [one.digest for one in view.artifacts if one.digest],
        "producers": view.producers,
        "registered_at": doc["registered_at"],
        "next_deadline": doc["next_deadline"],
        "summary": view.explanation.summary,
        "doc": doc,
    }


def stage_rows(view: VersionView) -> list[dict[str, Any]]:
    """Give the rows of a version's stages, in their order."""
    columns = {"status", "round", "since", "due", "evidence_due", "is_late", "accountable",
               "valid_until"}  # fmt: skip
    return [
        {
            "model": view.model,
            "version": view.version,
            "stage": stage.name,
            "position": position,
            **stage.model_dump(mode="json", include=columns),
        }
        for position, stage in enumerate(view.stages)
    ]


def signoff_row(id_: str, view: SignoffView) -> dict[str, Any]:
    """Give a sign-off's row: its view, and what it is found and listed by."""
    doc = view.model_dump(mode="json")
    columns = ("model", "version", "stage", "round", "role", "status", "risk", "asked_at", "due",
               "decided_at", "can_decide", "managers")  # fmt: skip
    return {
        "id": id_,
        **{name: doc[name] for name in columns},
        "deciders": list(dict.fromkeys(one.person for one in view.decisions)),
        "doc": doc,
    }


def waiting_rows(view: VersionView) -> list[dict[str, Any]]:
    """Give what an open version waits for; a closed one waits for nothing."""
    if view.status in _CLOSED:
        return []
    return [
        {"model": view.model, "version": view.version, "position": position,
         **one.model_dump(mode="json")}
        for position, one in enumerate(view.explanation.waiting)
        if one.kind != "nobody"
    ]  # fmt: skip


def outcome_rows(events: dict[str, EventOutcome]) -> list[dict[str, Any]]:
    """Give the outcomes of the commands that carried an event."""
    return [
        {"event_id": command.removeprefix(EVENT_COMMAND), **outcome.model_dump(mode="json")}
        for command, outcome in events.items()
        if command.startswith(EVENT_COMMAND)
    ]
