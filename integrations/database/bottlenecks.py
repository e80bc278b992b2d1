from datetime import datetime, timedelta
from typing import Literal, assert_never

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Subquery,
    distinct,
    extract,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from integrations.database.visibility import is_visible
from lifecycle.values import Frozen, Instant

WaitingBy = Literal["owner", "role", "stage", "manager", "pipeline"]
SPEED_OVER = timedelta(days=90)
"""How far back decisions tell how long people take: longer says little of today."""

_waiting = table_of(tables.Waiting)
_signoff = table_of(tables.Signoff)
_person = table_of(tables.Person)


class WaitingRow(Frozen):
    """What is waited for from one owner, role, stage, manager's people or pipeline."""

    key: str
    name: str
    """As written in a sentence."""
    count: int
    """Sign-offs, or evidence, waited for; one counts once however many people were asked."""
    oldest: Instant
    overdue: int
    p50: float | None = None
    """Seconds from asking to deciding, of sign-offs decided in the last 90 days."""
    p90: float | None = None
    versions_blocked: int


async def waiting_by(
    connection: AsyncConnection,
    by: WaitingBy,
    now: datetime,
    visible_models: tuple[str, ...] | None = None,
) -> list[WaitingRow]:
    """Say where versions wait, the longest list first."""
    source, key, name = _grouping(by)
    thing = tuple_(
        _waiting.c.model, _waiting.c.version, _waiting.c.stage,
        func.coalesce(_waiting.c.role, _waiting.c.who),
    )  # fmt: skip
    statement = (
        select(
            key.label("key"),
            func.min(name).label("name"),
            func.count(distinct(thing)).label("count"),
            func.min(_waiting.c.since).label("oldest"),
            func.count(distinct(thing)).filter(_waiting.c.due < now).label("overdue"),
            func.count(distinct(tuple_(_waiting.c.model, _waiting.c.version))).label(
                "versions_blocked"
            ),
        )
        .select_from(source)
        .where(*_kinds(by))
        .group_by(key)
    )
    if visible_models is not None:
        statement = statement.where(is_visible(_waiting.c.model, visible_models))
    waiting = statement.subquery("waited")
    speeds = _speeds(by, now - SPEED_OVER, visible_models)
    rows = await connection.execute(
        select(waiting, speeds.c.p50, speeds.c.p90)
        .outerjoin_from(waiting, speeds, waiting.c.key == speeds.c.key)
        .order_by(waiting.c.count.desc(), waiting.c.oldest, waiting.c.key)
    )
    return [WaitingRow(**row._mapping) for row in rows]


def _grouping(by: WaitingBy) -> tuple[FromClause, ColumnElement[str], ColumnElement[str]]:
    """Give what to group, by what, and what to call it."""
    if by == "manager":
        boss = _person.alias("boss")
        reports = _waiting.join(_person, _person.c.id == _waiting.c.who).outerjoin(
            boss, boss.c.id == _person.c.manager
        )
        named = func.coalesce(boss.c.file["name"].astext, _person.c.manager)
        return reports, _person.c.manager, named
    if by in {"owner", "pipeline"}:
        return _waiting, _waiting.c.who, _waiting.c.name
    column = _waiting.c.role if by == "role" else _waiting.c.stage
    return _waiting, column, column


def _kinds(by: WaitingBy) -> tuple[ColumnElement[bool], ...]:
    # Whoever answers for a stage that is held or unowned is waited for as an owner is.
    people = _waiting.c.kind.in_(("owner", "accountable"))
    match by:
        case "owner":
            return (people,)
        case "manager":
            return people, _person.c.manager.is_not(None)
        case "role":
            return _waiting.c.kind == "owner", _waiting.c.role.is_not(None)
        case "stage":
            return (_waiting.c.stage != "",)  # none is open before somebody requests review
        case "pipeline":
            return (_waiting.c.kind == "pipeline",)
        case _:
            assert_never(by)


def _speeds(by: WaitingBy, since: datetime, visible_models: tuple[str, ...] | None) -> Subquery:
    """Give how long decisions took, for the same keys; a pipeline decides nothing."""
    source, key = _decided(by)
    seconds = extract("epoch", _signoff.c.decided_at - _signoff.c.asked_at)
    statement = (
        select(
            key.label("key"),
            func.percentile_cont(0.5).within_group(seconds).label("p50"),
            func.percentile_cont(0.9).within_group(seconds).label("p90"),
        )
        .select_from(source)
        # A void sign-off was not decided by anybody, however it ended.
        .where(
            _signoff.c.decided_at >= since, _signoff.c.status.in_(("approved", "changes_requested"))
        )
        .group_by(key)
    )
    if by == "pipeline":
        statement = statement.where(literal_column("false"))
    if visible_models is not None:
        statement = statement.where(is_visible(_signoff.c.model, visible_models))
    return statement.subquery("speeds")


def _decided(by: WaitingBy) -> tuple[FromClause, ColumnElement[str]]:
    if by == "role":
        return _signoff, _signoff.c.role
    if by in {"stage", "pipeline"}:
        return _signoff, _signoff.c.stage
    decider = (
        func.unnest(_signoff.c.deciders).table_valued("person", name="decider").render_derived()
    )
    people = _signoff.join(decider, literal_column("true"))
    if by == "owner":
        return people, decider.c.person
    return people.join(_person, _person.c.id == decider.c.person), _person.c.manager
