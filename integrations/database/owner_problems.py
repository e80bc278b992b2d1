"""Owners who left, are unknown, away with nobody in their place, silent, or out of reach."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page, page_size, read_cursor, write_cursor
from integrations.database.tables import INSTANT
from lifecycle.values import Frozen

OwnerProblem = Literal["left", "silent", "unknown", "away", "unreachable"]

# Fences (MATERIALIZED) keep PostgreSQL from planning for the first rows of a page, as every person
# has to be judged before the first is known; it would join person by person.
_OWNERS = text(
    r"""
    WITH refs AS (
        SELECT model, role, person AS ref FROM model_owner
        WHERE CAST(:model AS text) IS NULL OR model = :model
    ), held AS MATERIALIZED (
        SELECT model, role, ref AS person, '' AS through FROM refs WHERE ref !~ '[: ]'
        UNION SELECT model, role, crew_member.person, ref FROM refs
            JOIN crew_member ON crew_member.crew = ref
        UNION SELECT above.model, above.role, below_person.manager, above.ref
            FROM refs AS above
            JOIN refs AS below ON below.model = above.model
                AND above.ref = 'manager of ' || below.role
            LEFT JOIN crew_member ON crew_member.crew = below.ref
            JOIN person AS below_person
                ON below_person.id = coalesce(crew_member.person, below.ref)
            WHERE below_person.manager IS NOT NULL
        UNION SELECT model, role, ref, '' FROM refs WHERE ref ~ ':'
            AND NOT EXISTS (SELECT FROM people_group WHERE 'group:' || name = ref)
            AND NOT EXISTS (SELECT FROM rotation WHERE 'rotation:' || name = ref)
    ), lately AS MATERIALIZED (
        SELECT status = 'pending' AS is_pending, asked_at, can_decide,
            doc -> 'asked' AS asked, doc -> 'decisions' AS decisions
        FROM signoff
        WHERE (status = 'pending' OR (status <> 'pending' AND asked_at >= :since)
                OR decided_at >= :since)
            AND (CAST(:model AS text) IS NULL OR model = :model)
    ), asked AS (
        SELECT one ->> 'person' AS person,
            count(*) FILTER (WHERE asked_at >= :since) AS recently,
            count(*) FILTER (WHERE is_open) AS open,
            count(*) FILTER (WHERE is_open AND one ->> 'undelivered' <> '') AS unreached,
            min(asked_at) FILTER (WHERE is_open) AS oldest
        FROM lately CROSS JOIN LATERAL jsonb_array_elements(asked) AS one
            CROSS JOIN LATERAL (SELECT is_pending
                AND one ->> 'person' = ANY (can_decide) AS is_open) AS state
        WHERE is_pending OR asked_at >= :since
        GROUP BY 1
    ), answered AS (
        SELECT one ->> 'person' AS person, count(*) AS answers,
            max(CAST(one ->> 'at' AS timestamptz)) AS last
        FROM lately CROSS JOIN LATERAL jsonb_array_elements(decisions) AS one
        WHERE CAST(one ->> 'at' AS timestamptz) >= :since
        GROUP BY 1
    ), alone AS (
        SELECT DISTINCT person.id FROM person
            CROSS JOIN LATERAL jsonb_array_elements(person.file -> 'away') AS away
            LEFT JOIN person AS delegate ON delegate.id = away ->> 'delegate'
        WHERE CAST(away ->> 'from' AS timestamptz) <= :now
            AND CAST(away ->> 'until' AS timestamptz) > :now
            AND (delegate.id IS NULL OR delegate.file ->> 'left' = 'true')
    ), judged AS MATERIALIZED (
        SELECT owner.person, person.file ->> 'name' AS name,
            array_remove(ARRAY [
                CASE WHEN person.file ->> 'left' = 'true' THEN 'left' END,
                CASE WHEN answers IS NULL AND (recently >= :asked OR oldest < :since)
                    THEN 'silent' END,
                CASE WHEN person.id IS NULL THEN 'unknown' END,
                CASE WHEN alone.id IS NOT NULL THEN 'away' END,
                CASE WHEN unreached > 0 THEN 'unreachable' END
            ], NULL) AS problems,
            coalesce(asked.recently, 0) AS asked, coalesce(asked.open, 0) AS open,
            asked.oldest, coalesce(answered.answers, 0) AS answered, answered.last
        FROM (SELECT DISTINCT person FROM held) AS owner
            LEFT JOIN person ON person.id = owner.person
            LEFT JOIN asked ON asked.person = owner.person
            LEFT JOIN answered ON answered.person = owner.person
            LEFT JOIN alone ON alone.id = owner.person
    ), page AS MATERIALIZED (
        SELECT * FROM judged
        WHERE cardinality(problems) > 0
            AND (CAST(:problem AS text) IS NULL OR :problem = ANY (problems))
            AND (CAST(:after AS text) IS NULL OR person > :after)
        ORDER BY person LIMIT :limit
    )
    SELECT page.*, roles FROM page JOIN (
        SELECT person, jsonb_agg(jsonb_build_object('model', model, 'role', role,
            'through', through) ORDER BY model, role, through) AS roles
        FROM held WHERE person IN (SELECT person FROM page) GROUP BY person
    ) AS all_roles ON all_roles.person = page.person
    ORDER BY page.person
    """
).bindparams(
    bindparam("since", type_=INSTANT),
    bindparam("now", type_=INSTANT),
    bindparam("model", type_=Text),
    bindparam("problem", type_=Text),
    bindparam("after", type_=Text),
)


class OwnerQuery(Frozen):
    """Which owners are asked for."""

    problem: OwnerProblem | None = None
    """None: any of them."""
    model: str | None = None
    asked: int = 3
    """Silent: asked at least so often within `days`, and answered nothing in them."""
    days: int = 30
    """Silent, too: a request is open for longer, and nothing was answered in so many days."""
    limit: int = 50
    cursor: str | None = None


async def list_owner_problems(
    connection: AsyncConnection, query: OwnerQuery, now: datetime
) -> Page:
    """List owners with whom something is wrong, by person, with the models and roles concerned.

    Each as {person, name, problems, models, roles, asked, answered, last_answer, open, oldest};
    `asked` and `answered` count the last `days`. Raises ValueError for a bad cursor or limit.
    """
    size = page_size(query.limit)
    after = read_cursor("owners", query.cursor, 1)[0] if query.cursor is not None else None
    rows = await connection.execute(
        _OWNERS,
        {
            "model": query.model,
            "problem": query.problem,
            "asked": query.asked,
            "since": now - timedelta(days=query.days),
            "now": now,
            "after": after,
            "limit": size + 1,
        },
    )
    found = rows.all()
    shown = found[:size]
    following = write_cursor("owners", [shown[-1].person]) if len(found) > size else None
    return Page(items=tuple(_item(row) for row in shown), next=following)


def _item(row: Any) -> dict[str, Any]:
    return {
        "person": row.person,
        "name": row.name or row.person,
        "problems": list(row.problems),
        "models": len({one["model"] for one in row.roles}),
        "roles": row.roles,
        "asked": row.asked,
        "answered": row.answered,
        "last_answer": row.last,
        "open": row.open,
        "oldest": row.oldest,
    }
