"""What one person has to do with everything, read by a fixed number of queries."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.tables import INSTANT
from lifecycle.roster import Away, PersonFile
from lifecycle.values import Frozen, Instant
from lifecycle.view import AskedView, Upcoming
from lifecycle.view_parts import DelegationView

LATELY = timedelta(days=30)
"""How far back decisions are listed."""
MOST_LISTED = 10
"""Rows of every list beside the requests."""

_PERSON = text(
    """
    SELECT person.file,
        EXISTS (SELECT FROM person AS report WHERE report.manager = person.id) AS is_manager,
        coalesce((SELECT jsonb_object_agg(other.id, coalesce(other.file ->> 'name', other.id))
            FROM person AS other WHERE other.id = ANY (person.delegates)), '{}') AS names
    FROM person WHERE person.id = :person
    """
)

# A stage is behind a request when it needs the request's stage, directly or through others.
_REQUESTS = text(
    """
    WITH RECURSIVE mine AS MATERIALIZED (
        SELECT id, model, version, stage, due, asked_at,
            coalesce(CAST(doc ->> 'advisory' AS boolean), false) AS is_advice
        FROM signoff
        WHERE status = 'pending' AND can_decide @> ARRAY [CAST(:person AS text)]
            AND NOT coalesce(doc -> 'delegations', '[]')
                @> jsonb_build_array(jsonb_build_object('person', :person))
    ), edges AS MATERIALIZED (
        SELECT DISTINCT version.model, version.version, need, part ->> 'name' AS stage
        FROM (SELECT DISTINCT model, version FROM mine) AS asked
            JOIN version USING (model, version)
            CROSS JOIN LATERAL jsonb_array_elements(version.doc -> 'stages') AS part
            CROSS JOIN LATERAL jsonb_array_elements_text(part -> 'needs') AS need
        WHERE part ->> 'status' <> 'approved'
    ), behind (model, version, stage, later) AS (
        SELECT mine.model, mine.version, mine.stage, edges.stage FROM mine JOIN edges
            ON edges.model = mine.model AND edges.version = mine.version
                AND edges.need = mine.stage
        UNION SELECT behind.model, behind.version, behind.stage, edges.stage
        FROM behind JOIN edges ON edges.model = behind.model
            AND edges.version = behind.version AND edges.need = behind.later
    ), counted AS (
        SELECT model, version, stage, count(*) AS blocks FROM behind GROUP BY 1, 2, 3
    ), ordered AS (
        SELECT id, CASE WHEN is_advice THEN 0 ELSE coalesce(blocks, 0) END AS blocks,
            count(*) OVER () AS total, count(*) FILTER (WHERE due < :now) OVER () AS overdue,
            row_number() OVER (ORDER BY
                CASE WHEN due < :now THEN -1
                    ELSE floor(extract(epoch FROM due - :now) / 86400) END NULLS LAST,
                CASE WHEN is_advice THEN 0 ELSE coalesce(blocks, 0) END DESC,
                due, asked_at, id) - 1 AS place
        FROM mine LEFT JOIN counted USING (model, version, stage)
    )
    SELECT signoff.id, model, version, stage, round, role, risk, asked_at, due, doc ->> 'statement'
        AS statement, doc ->> 'revision' AS revision, doc -> 'send_back_to' AS send_back_to,
        ARRAY (SELECT jsonb_object_keys(doc -> 'reasons')) AS reasons,
        CAST(doc ->> 'confirm' AS boolean) OR CAST(doc ->> 'comment_required' AS boolean)
            AS is_confirmed,
        CAST(doc ->> 'needed' AS integer) AS needed,
        CAST(doc ->> 'approved' AS integer) AS approved,
        jsonb_array_length(doc -> 'evidence') AS evidence,
        jsonb_array_length(jsonb_path_query_array(doc, '$.evidence[*] ? (@.is_met == false)'))
            AS unmet,
        jsonb_path_query_first(doc, '$.asked[*] ? (@.person == $person)',
            jsonb_build_object('person', :person)) AS asked,
        coalesce(doc -> 'changed_since' -> :person, '[]') AS changed,
        doc -> 'upcoming' AS upcoming, blocks, place, total, overdue
    FROM ordered JOIN signoff USING (id)
    WHERE place >= CASE WHEN :start < total THEN :start ELSE 0 END
    ORDER BY place LIMIT :limit
    """
)

_DELEGATED = text(
    """
    SELECT id, model, version, role, due, given, count(*) OVER () AS total
    FROM signoff CROSS JOIN LATERAL jsonb_array_elements(doc -> 'delegations') AS given
    WHERE status = 'pending' AND can_decide @> ARRAY [CAST(:person AS text)]
        AND given ->> 'person' = :person
    ORDER BY due NULLS LAST, id LIMIT :limit
    """
)

_OWNED = text(
    """
    WITH mine (ref) AS (
        SELECT :person UNION SELECT crew FROM crew_member WHERE person = :person
    ), reports (ref) AS (
        SELECT id FROM person WHERE manager = :person
        UNION SELECT crew FROM crew_member JOIN person ON person.id = crew_member.person
        WHERE manager = :person
    ), held AS (
        SELECT model, role, CASE WHEN person = :person THEN '' ELSE person END AS through
        FROM model_owner WHERE person IN (SELECT ref FROM mine)
        UNION SELECT above.model, above.role, above.person FROM model_owner AS below
            JOIN model_owner AS above ON above.model = below.model
                AND above.person = 'manager of ' || below.role
        WHERE below.person IN (SELECT ref FROM reports)
    )
    SELECT model, jsonb_agg(jsonb_build_object('role', role, 'through', through)
        ORDER BY role, through) AS roles, count(*) OVER () AS total
    FROM held GROUP BY model ORDER BY model LIMIT :limit
    """
)

_OFFERED = text(
    """
    SELECT model, role, giver FROM handover WHERE receiver = :person AND status = 'open'
    ORDER BY offered_at, model, role LIMIT :limit
    """
)

# Of a quorum that is not met yet, the one answer is among the pending ones.
_DECIDED = text(
    """
    SELECT id, model, version, role, status, given ->> 'decision' AS decision,
        CAST(given ->> 'at' AS timestamptz) AS at
    FROM (
        SELECT id, model, version, role, status, doc FROM signoff
        WHERE deciders @> ARRAY [CAST(:person AS text)]
            AND (status = 'pending' OR decided_at >= :since)
    ) AS theirs CROSS JOIN LATERAL jsonb_array_elements(doc -> 'decisions') AS given
    WHERE given ->> 'person' = :person AND coalesce(given ->> 'carried_from', '') = ''
    ORDER BY at DESC, id LIMIT :limit
    """
)

_REPORTS = text(
    """
    SELECT person.id AS person, coalesce(person.file ->> 'name', person.id) AS name,
        count(*) AS waiting, count(*) FILTER (WHERE due < :now) AS overdue, min(due) AS due,
        count(*) OVER () AS total
    FROM signoff CROSS JOIN LATERAL unnest(can_decide) AS one (id)
        JOIN person ON person.id = one.id AND person.manager = :person
    WHERE status = 'pending' AND managers @> ARRAY [CAST(:person AS text)]
    GROUP BY person.id ORDER BY overdue DESC, waiting DESC, person.id LIMIT :limit
    """
)


class Requested(Frozen):
    """A request that waits for the person, as far as a list shows it."""

    id: str
    model: str
    version: str
    stage: str
    round: int
    role: str
    risk: str | None = None
    asked_at: Instant
    due: Instant | None = None
    statement: str
    revision: str
    send_back_to: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_confirmed: bool = False
    """Whether an approval is confirmed with a comment first."""
    needed: int = 1
    approved: int = 0
    evidence: int = 0
    unmet: int = 0
    """How many of the evidence are not met."""
    asked: AskedView | None = None
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
    found = (await connection.execute(_PERSON, {"person": person})).first()
    if found is None:
        return None
    file = PersonFile.model_validate(found.file)
    lists = {"person": person, "limit": most}
    requests = await _rows(connection, _REQUESTS, person=person, now=now, start=start, limit=limit)
    delegated = await _rows(connection, _DELEGATED, **lists)
    owned = await _rows(connection, _OWNED, **lists)
    offered = await _rows(connection, _OFFERED, **lists)
    decided = await _rows(connection, _DECIDED, since=now - LATELY, **lists)
    reports = await _rows(connection, _REPORTS, now=now, **lists) if found.is_manager else []
    return PersonOverview(
        person=person,
        name=file.name or person,
        away=tuple(one for one in file.away if one.until > now),
        names=found.names,
        is_manager=found.is_manager,
        requests=tuple(Requested.model_validate(row) for row in requests),
        total=requests[0]["total"] if requests else 0,
        overdue=requests[0]["overdue"] if requests else 0,
        delegated=tuple(Delegated.model_validate(row) for row in delegated),
        delegated_in_all=_total(delegated),
        owned=tuple(OwnedModel.model_validate(row) for row in owned),
        owned_in_all=_total(owned),
        offered=tuple(Offered.model_validate(row) for row in offered),
        decided=tuple(Decided.model_validate(row) for row in decided),
        reports=tuple(Report.model_validate(row) for row in reports),
        reports_in_all=_total(reports),
    )


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
