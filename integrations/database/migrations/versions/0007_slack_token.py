"""Whether Slack accepts the app's token, once for all workers."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE slack_token (
            team VARCHAR NOT NULL,
            lost_since TIMESTAMP WITH TIME ZONE,
            code VARCHAR NOT NULL,
            probed_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (team)
        )
        """
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
