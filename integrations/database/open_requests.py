"""Which of some sign-offs still wait for one person, or for anybody."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import any_in, table_of
from lifecycle.state import SignoffStatus
from lifecycle.values import Frozen, Instant
from lifecycle.view import AskedView

_signoff = table_of(tables.Signoff).c
_PENDING: ColumnElement[str] = literal_column(f"'{SignoffStatus.PENDING.value}'")
_THEIRS: ColumnElement[str] = literal_column("'$.asked[*] ? (@.person == $person)'::jsonpath")


class OpenRequest(Frozen):
    """A request that one person can answer, in a line."""

    id: str
    model: str
    version: str
    stage: str
    round: int
    role: str
    asked_at: Instant
    due: Instant | None = None
    revision: str
    escalates_at: Instant | None = None
    """When something happens next by itself."""
    asked: AskedView | None = None
    """How the person is asked."""

    def is_silent_since(self, reminded: Instant) -> bool:
        """Say whether they still want the reminder that was written at an instant."""
        if self.asked is None:
            return True
        later = self.asked.snoozed_until
        return not self.asked.has_acknowledged and (later is None or later <= reminded)

    def was_snoozed_until(self, reminded: Instant) -> bool:
        """Say whether they chose to be reminded by then."""
        until = self.asked.snoozed_until if self.asked else None
        return until is not None and until <= reminded


async def count_waiting(connection: AsyncConnection, person: str) -> int:
    """Count the requests that wait for a person and that they did not delegate."""
    theirs = func.jsonb_build_object("person", literal(person))
    given = func.coalesce(_signoff.doc["delegations"], literal([], JSONB), type_=JSONB)
    found = await connection.scalar(
        select(func.count()).where(
            _signoff.status == _PENDING,
            _signoff.can_decide.contains([person]),
            ~given.contains(func.jsonb_build_array(theirs, type_=JSONB)),
        )
    )
    return found or 0


async def open_requests(
    connection: AsyncConnection, person: str, signoffs: Iterable[str]
) -> tuple[OpenRequest, ...]:
    """Give those of some sign-offs that a person can still decide, in one query."""
    named = func.jsonb_build_object("person", literal(person), type_=JSONB)
    theirs = func.jsonb_path_query_first(_signoff.doc, _THEIRS, named, type_=JSONB)
    rows = await connection.execute(
        _requests(signoffs)
        .add_columns(theirs.label("asked"))
        .where(_signoff.can_decide.contains([person]))
    )
    return tuple(OpenRequest.model_validate(dict(row._mapping)) for row in rows)


async def pending_requests(
    connection: AsyncConnection, signoffs: Iterable[str]
) -> tuple[OpenRequest, ...]:
    """Give those of some sign-offs that still wait for anybody, in one query."""
    rows = await connection.execute(_requests(signoffs))
    return tuple(OpenRequest.model_validate(dict(row._mapping)) for row in rows)


def _requests(signoffs: Iterable[str]) -> Select[Any]:
    return select(
        *(_signoff[name] for name in ("id", "model", "version", "stage", "round", "role")),
        _signoff.asked_at,
        _signoff.due,
        _signoff.doc["revision"].astext.label("revision"),
        _signoff.doc["upcoming"]["at"].astext.label("escalates_at"),
    ).where(_signoff.id == any_in(signoffs), _signoff.status == _PENDING)
