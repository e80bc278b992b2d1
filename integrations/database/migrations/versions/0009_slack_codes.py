"""Codes by which people confirm their own Slack account."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    CREATE TABLE slack_code (
        person VARCHAR NOT NULL,
        code_hash VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (person),
        UNIQUE (code_hash)
    )
    """,
    """
    CREATE TABLE slack_tries (
        team VARCHAR NOT NULL,
        user_id VARCHAR NOT NULL,
        wrong INTEGER NOT NULL,
        last_at TIMESTAMPTZ,
        PRIMARY KEY (team, user_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
