"""Requests that went by e-mail."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE mail_message (
            signoff VARCHAR NOT NULL,
            person VARCHAR NOT NULL,
            address VARCHAR NOT NULL,
            message_id VARCHAR NOT NULL,
            state VARCHAR NOT NULL,
            error VARCHAR NOT NULL,
            sent_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (signoff, person)
        )
        """
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
