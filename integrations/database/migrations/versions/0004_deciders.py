"""Sign-offs by who decided on them, for each person's recent decisions."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("CREATE INDEX signoff_deciders ON signoff USING gin (deciders)")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
