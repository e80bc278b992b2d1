"""Groups, rotations, delegates and handovers of roles."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # Who was described before has no away period, and nobody is known to have named a manager.
    "ALTER TABLE person ADD COLUMN delegates TEXT[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE person ALTER COLUMN delegates DROP DEFAULT",
    "ALTER TABLE person ADD COLUMN given_by JSONB NOT NULL DEFAULT '{}'",
    "ALTER TABLE person ALTER COLUMN given_by DROP DEFAULT",
    "CREATE INDEX person_delegates ON person USING gin (delegates)",
    """
    CREATE TABLE people_group (
        name VARCHAR NOT NULL,
        file JSONB NOT NULL,
        given_by JSONB NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE rotation (
        name VARCHAR NOT NULL,
        file JSONB NOT NULL,
        given_by JSONB NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE crew_member (
        crew VARCHAR NOT NULL,
        person VARCHAR NOT NULL,
        PRIMARY KEY (crew, person)
    )
    """,
    "CREATE INDEX crew_member_person ON crew_member (person)",
    """
    CREATE TABLE handover (
        model VARCHAR NOT NULL,
        id INTEGER NOT NULL,
        role VARCHAR NOT NULL,
        giver VARCHAR NOT NULL,
        receiver VARCHAR NOT NULL,
        offered_by VARCHAR NOT NULL,
        note VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE,
        reason VARCHAR NOT NULL,
        PRIMARY KEY (model, id)
    )
    """,
    "CREATE UNIQUE INDEX handover_open ON handover (model, role, giver) WHERE status = 'open'",
    "CREATE INDEX handover_receiver ON handover (receiver)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
