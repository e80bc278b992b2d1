"""The queries behind a person's overview: each one set-based, whatever there is to read."""

from sqlalchemy import text

PERSON = text(
    """
    SELECT person.file,
        EXISTS (SELECT FROM person AS report WHERE report.manager = person.id) AS is_manager,
        coalesce((SELECT jsonb_object_agg(other.id, coalesce(other.file ->> 'name', other.id))
            FROM person AS other WHERE other.id = ANY (person.delegates)), '{}') AS names
    FROM person WHERE person.id = :person
    """
)

# A stage is behind a request when it needs the request's stage, directly or through others.
REQUESTS = text(
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

DELEGATED = text(
    """
    SELECT id, model, version, role, due, given, count(*) OVER () AS total
    FROM signoff CROSS JOIN LATERAL jsonb_array_elements(doc -> 'delegations') AS given
    WHERE status = 'pending' AND can_decide @> ARRAY [CAST(:person AS text)]
        AND given ->> 'person' = :person
    ORDER BY due NULLS LAST, id LIMIT :limit
    """
)

OWNED = text(
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

OFFERED = text(
    """
    SELECT model, role, giver FROM handover WHERE receiver = :person AND status = 'open'
    ORDER BY offered_at, model, role LIMIT :limit
    """
)

# Of a quorum that is not met yet, the one answer is among the pending ones.
DECIDED = text(
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

REPORTS = text(
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
