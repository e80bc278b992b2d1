"""What Slack last said of accounts."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "ALTER TABLE slack_account ADD COLUMN barred VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE slack_account ALTER COLUMN barred DROP DEFAULT",
    """
    CREATE TABLE slack_check (
        team VARCHAR NOT NULL,
        user_id VARCHAR NOT NULL,
        barred VARCHAR NOT NULL,
        checked_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (team, user_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
