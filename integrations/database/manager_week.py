"""What a manager's people are waited for, and what they decided in a week."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.person_overview import Report
from integrations.database.person_statements import REPORTS
from integrations.database.tables import INSTANT
from lifecycle.values import Frozen, Instant

WEEK = timedelta(days=7)

# Those whose answers are waited for longest; one sign-off counts once, however many are asked.
_LONGEST = text(
    """
    WITH theirs AS MATERIALIZED (
        SELECT id, model, version, stage, role, asked_at, due, can_decide,
            count(*) OVER () AS total, count(*) FILTER (WHERE due < :now) OVER () AS overdue
        FROM signoff
        WHERE status = 'pending' AND managers @> ARRAY [CAST(:person AS text)]
        ORDER BY asked_at, id LIMIT :limit
    )
    SELECT theirs.id, model, version, stage, role, asked_at, due, total, overdue,
        coalesce(people, '{}') AS people, coalesce(people_in_all, 0) AS people_in_all
    FROM theirs LEFT JOIN LATERAL (
        SELECT (array_agg(coalesce(person.file ->> 'name', person.id) ORDER BY person.id))[1:4]
            AS people, count(*) AS people_in_all
        FROM person WHERE person.id = ANY (can_decide) AND person.manager = :person
    ) AS reports ON true
    ORDER BY asked_at, theirs.id
    """
)

# Of models that the manager or one of their people holds a role for, by themselves or in a group.
_STANDING = text(
    """
    WITH line (ref) AS (
        SELECT id FROM person WHERE manager = :person UNION SELECT :person
    ), refs AS (
        SELECT ref FROM line
        UNION SELECT crew FROM crew_member WHERE person IN (SELECT ref FROM line)
    )
    SELECT model, version, stage, stage.status, since, count(*) OVER () AS total
    FROM stage JOIN version USING (model, version)
    WHERE stage.status IN ('held', 'unowned') AND version.is_open
        AND model IN (SELECT model FROM model_owner WHERE person IN (SELECT ref FROM refs))
    ORDER BY since NULLS LAST, model, version, stage LIMIT :limit
    """
)

_UNREACHED = text(
    """
    SELECT person.id AS person, coalesce(person.file ->> 'name', person.id) AS name,
        count(*) AS requests, min(slack_message.error) AS error, count(*) OVER () AS total
    FROM signoff CROSS JOIN LATERAL unnest(can_decide) AS one (id)
        JOIN person ON person.id = one.id AND person.manager = :person
        JOIN slack_message ON request_id = 'signoff:' || signoff.id AND copy_of = person.id
            AND slack_message.state IN ('failed', 'not in Slack')
    WHERE signoff.status = 'pending' AND managers @> ARRAY [CAST(:person AS text)]
    GROUP BY person.id ORDER BY requests DESC, person.id LIMIT :limit
    """
)

_DECIDED = text(
    """
    SELECT count(*) FILTER (WHERE status = 'approved') AS approved,
        count(*) FILTER (WHERE status = 'changes_requested') AS changes_requested,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - asked_at))
            AS median
    FROM signoff
    WHERE decided_at >= :since AND status IN ('approved', 'changes_requested')
        AND EXISTS (SELECT FROM unnest(deciders) AS one (id)
            WHERE one.id IN (SELECT id FROM person WHERE manager = :person))
    """
)


class Awaited(Frozen):
    """A request that waits for some of a manager's people."""

    id: str
    model: str
    version: str
    stage: str
    role: str
    asked_at: Instant
    due: Instant | None = None
    people: tuple[str, ...] = ()
    """Names of some who can answer."""
    people_in_all: int = 0


class Standing(Frozen):
    """A stage that goes on only by somebody's hand."""

    model: str
    version: str
    stage: str
    status: str
    since: Instant | None = None


class Unreached(Frozen):
    """Somebody whose requests did not reach them."""

    person: str
    name: str
    requests: int
    error: str = ""


class ManagerWeek(Frozen):
    """What a manager is told once a week."""

    reports: tuple[Report, ...] = ()
    reports_in_all: int = 0
    longest: tuple[Awaited, ...] = ()
    waiting: int = 0
    overdue: int = 0
    standing: tuple[Standing, ...] = ()
    standing_in_all: int = 0
    unreached: tuple[Unreached, ...] = ()
    unreached_in_all: int = 0
    approved: int = 0
    changes_requested: int = 0
    median: float | None = None
    """Seconds from asking to deciding, of what was decided in the week."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        decided = self.approved + self.changes_requested
        return not (self.waiting or self.standing or self.unreached or decided)


async def manager_week(
    connection: AsyncConnection, person: str, now: datetime, most: int = 20
) -> ManagerWeek:
    """Read a manager's week, `most` rows of each list."""
    lists = {"person": person, "limit": most}
    reports = await _rows(connection, REPORTS, now=now, **lists)
    longest = await _rows(connection, _LONGEST, now=now, **lists)
    standing = await _rows(connection, _STANDING, **lists)
    unreached = await _rows(connection, _UNREACHED, **lists)
    [decided] = await _rows(connection, _DECIDED, person=person, since=now - WEEK)
    return ManagerWeek(
        reports=tuple(Report.model_validate(row) for row in reports),
        reports_in_all=_total(reports),
        longest=tuple(Awaited.model_validate(row) for row in longest),
        waiting=_total(longest),
        overdue=longest[0]["overdue"] if longest else 0,
        standing=tuple(Standing.model_validate(row) for row in standing),
        standing_in_all=_total(standing),
        unreached=tuple(Unreached.model_validate(row) for row in unreached),
        unreached_in_all=_total(unreached),
        **decided,
    )


_TYPES: dict[str, Any] = {"person": Text, "now": INSTANT, "since": INSTANT, "limit": Integer}


async def _rows(
    connection: AsyncConnection, statement: TextClause, **values: Any
) -> list[dict[str, Any]]:
    typed = statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in values))
    return [dict(row._mapping) for row in await connection.execute(typed, values)]


def _total(rows: list[dict[str, Any]]) -> int:
    return rows[0]["total"] if rows else 0
