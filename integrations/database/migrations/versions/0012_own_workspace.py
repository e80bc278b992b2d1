"""Which workspace the settings' Slack token is for, known also while Slack refuses it."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE slack_token ADD COLUMN of_settings BOOLEAN NOT NULL DEFAULT false")
    op.execute("ALTER TABLE slack_token ALTER COLUMN of_settings DROP DEFAULT")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
