"""Slack accounts that were linked by e-mail are proposals, which wait to be confirmed."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    "ALTER TABLE slack_account ADD COLUMN is_confirmed BOOLEAN NOT NULL DEFAULT false",
    "ALTER TABLE slack_account ADD COLUMN email VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE slack_account ADD COLUMN name VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE slack_account ADD COLUMN linked_by VARCHAR NOT NULL DEFAULT 'system'",
    "ALTER TABLE slack_account ADD COLUMN linked_at TIMESTAMPTZ NOT NULL DEFAULT now()",
    *(
        f"ALTER TABLE slack_account ALTER COLUMN {name} DROP DEFAULT"
        for name in ("is_confirmed", "email", "name", "linked_by", "linked_at")
    ),
    """
    UPDATE slack_account SET is_confirmed = how <> 'email', linked_by = newest.by,
        linked_at = newest.at
    FROM (
        SELECT DISTINCT ON (team, user_id) said.* FROM fact
        CROSS JOIN LATERAL jsonb_to_record(body::jsonb -> 'fact')
            AS said (kind text, team text, "user" text, "by" text, "at" timestamptz)
        CROSS JOIN LATERAL (SELECT said."user" AS user_id) AS same
        WHERE subject LIKE 'person/%' AND said.kind = 'SlackLinked'
        ORDER BY team, user_id, number DESC
    ) AS newest
    WHERE slack_account.team = newest.team AND slack_account.user_id = newest."user"
    """,
    # An identity that the people file names too is the file's again; the others are gone.
    """
    UPDATE identity SET origin = 'file' FROM person, slack_account
    WHERE NOT is_confirmed AND identity = 'slack:' || team || '/' || user_id
        AND origin = 'slack' AND person.id = identity.person
        AND person.file -> 'identities' @> to_jsonb(identity)
    """,
    """
    DELETE FROM identity USING slack_account
    WHERE NOT is_confirmed AND identity = 'slack:' || team || '/' || user_id AND origin = 'slack'
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
