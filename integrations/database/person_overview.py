"""What one person has to do with everything, read by a fixed number of queries."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Text, TextClause, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.open_requests import OpenRequest
from integrations.database.person_statements import (
    DECIDED,
    DELEGATED,
    OFFERED,
    OWNED,
    PERSON,
    REPORTS,
    REQUESTS,
)
from integrations.database.tables import INSTANT
from lifecycle.roster import Away, PersonFile
from lifecycle.values import Frozen, Instant
from lifecycle.view import Upcoming
from lifecycle.view_parts import DelegationView

LATELY = timedelta(days=30)
"""How far back decisions are listed."""
MOST_LISTED = 10
"""Rows of every list beside the requests."""


class Requested(OpenRequest):
    """A request that waits for the person, as far as a list shows it."""

    risk: str | None = None
    statement: str
    send_back_to: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_confirmed: bool = False
    """Whether an approval is confirmed with a comment first."""
    needed: int = 1
    approved: int = 0
    evidence: int = 0
    unmet: int = 0
    """How many of the evidence are not met."""
    changed: tuple[str, ...] = ()
    """What changed since the person last approved it."""
    upcoming: Upcoming | None = None
    blocks: int = 0
    """How many stages of the version come only after this one."""
    place: int = 0
    """Where it stands among all that waits for the person, from 0."""


class Delegated(Frozen):
    """A request that the person let somebody else answer."""

    id: str
    model: str
    version: str
    role: str
    due: Instant | None = None
    given: DelegationView


class HeldRole(Frozen):
    """A role, and the group, rotation or `manager of` that it comes through, if any."""

    role: str
    through: str = ""


class OwnedModel(Frozen):
    """A model for which the person holds roles."""

    model: str
    roles: tuple[HeldRole, ...]


class Offered(Frozen):
    """A role that somebody offers to the person."""

    model: str
    role: str
    giver: str


class Decided(Frozen):
    """A decision of the person, and where the sign-off stands now."""

    id: str
    model: str
    version: str
    role: str
    status: str
    decision: str
    at: Instant


class Report(Frozen):
    """How much waits for one of a manager's people."""

    person: str
    name: str
    waiting: int
    overdue: int
    due: Instant | None = None


class PersonOverview(Frozen):
    """Everything that waits for a person, and what they own, gave away and decided."""

    person: str
    name: str
    away: tuple[Away, ...] = ()
    names: dict[str, str] = {}
    """Names of the people who stand in for them."""
    is_manager: bool = False
    requests: tuple[Requested, ...] = ()
    total: int = 0
    overdue: int = 0
    delegated: tuple[Delegated, ...] = ()
    delegated_in_all: int = 0
    owned: tuple[OwnedModel, ...] = ()
    owned_in_all: int = 0
    offered: tuple[Offered, ...] = ()
    decided: tuple[Decided, ...] = ()
    reports: tuple[Report, ...] = ()
    reports_in_all: int = 0


async def person_overview(
    connection: AsyncConnection,
    person: str,
    now: datetime,
    *,
    start: int = 0,
    limit: int = 30,
    most: int = MOST_LISTED,
) -> PersonOverview | None:
    """Read what a person's home shows; None when nobody is called so.

    Requests are sorted by how many days are left (overdue first), and within a day by how much
    waits behind them. Past the end, `start` begins again at the first. `most` is how many rows
    every other list has.
    """
    found = (await connection.execute(PERSON, {"person": person})).first()
    if found is None:
        return None
    file = PersonFile.model_validate(found.file)
    requests = await _rows(connection, REQUESTS, person=person, now=now, start=start, limit=limit)
    reports: list[dict[str, Any]] = []
    if found.is_manager:
        reports = await _rows(connection, REPORTS, person=person, now=now, limit=most)
    return PersonOverview(
        person=person,
        name=file.name or person,
        away=tuple(one for one in file.away if one.until > now),
        names=found.names,
        is_manager=found.is_manager,
        requests=tuple(Requested.model_validate(row) for row in requests),
        total=_total(requests),
        overdue=requests[0]["overdue"] if requests else 0,
        reports=tuple(Report.model_validate(row) for row in reports),
        reports_in_all=_total(reports),
        **await _theirs(connection, person, now, most),
    )


async def _theirs(
    connection: AsyncConnection, person: str, now: datetime, most: int
) -> dict[str, Any]:
    """Read what they gave away, own, were offered and decided."""
    lists = {"person": person, "limit": most}
    delegated = await _rows(connection, DELEGATED, **lists)
    owned = await _rows(connection, OWNED, **lists)
    offered = await _rows(connection, OFFERED, **lists)
    decided = await _rows(connection, DECIDED, since=now - LATELY, **lists)
    return {
        "delegated": tuple(Delegated.model_validate(row) for row in delegated),
        "delegated_in_all": _total(delegated),
        "owned": tuple(OwnedModel.model_validate(row) for row in owned),
        "owned_in_all": _total(owned),
        "offered": tuple(Offered.model_validate(row) for row in offered),
        "decided": tuple(Decided.model_validate(row) for row in decided),
    }


_TYPES: dict[str, Any] = {
    "person": Text, "now": INSTANT, "since": INSTANT, "start": Integer, "limit": Integer,
}  # fmt: skip


async def _rows(
    connection: AsyncConnection, statement: TextClause, **values: Any
) -> list[dict[str, Any]]:
    typed = statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in values))
    return [dict(row._mapping) for row in await connection.execute(typed, values)]


def _total(rows: list[dict[str, Any]]) -> int:
    return rows[0]["total"] if rows else 0
