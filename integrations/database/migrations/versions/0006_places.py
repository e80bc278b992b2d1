"""Our messages in Slack by where they are, for replies in their threads."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE INDEX slack_message_place ON slack_message (ts, channel)")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
