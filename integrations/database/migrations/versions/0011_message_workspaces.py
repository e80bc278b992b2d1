"""In which Slack workspace each message is; those of before are in the only one there was."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE slack_message ADD COLUMN workspace varchar NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE slack_message ALTER COLUMN workspace DROP DEFAULT")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
