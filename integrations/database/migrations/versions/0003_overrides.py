"""Versions whose gates were opened without their stages, found without reading every view."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX version_overridden ON version (model, version)"
        " WHERE jsonb_array_length(doc -> 'overrides') > 0"
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
