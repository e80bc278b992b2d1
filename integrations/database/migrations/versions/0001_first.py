"""The first tables: the ledger, its projections, and the journals."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE fact (
        subject VARCHAR NOT NULL,
        sequence BIGINT NOT NULL,
        hash VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        PRIMARY KEY (subject, sequence),
        UNIQUE (number)
    )
    """,
    """
    CREATE FUNCTION refuse_to_change_the_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The ledger is append-only: % is refused.', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER fact_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_ledger()
    """,
    # Also in sessions that replay a replication stream, where plain triggers are silent.
    "ALTER TABLE fact ENABLE ALWAYS TRIGGER fact_is_append_only",
    """
    CREATE TABLE version (
        model VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        sequence BIGINT NOT NULL,
        status VARCHAR NOT NULL,
        is_open BOOLEAN NOT NULL,
        lifecycle VARCHAR NOT NULL,
        risk VARCHAR,
        layer VARCHAR,
        digests TEXT[] NOT NULL,
        producers TEXT[] NOT NULL,
        registered_at TIMESTAMP WITH TIME ZONE,
        next_deadline TIMESTAMP WITH TIME ZONE,
        summary VARCHAR NOT NULL,
        doc JSONB NOT NULL,
        PRIMARY KEY (model, version)
    )
    """,
    "CREATE INDEX version_digests ON version USING gin (digests)",
    "CREATE INDEX version_newest ON version (registered_at, model, version)",
    "CREATE INDEX version_open ON version (model, registered_at) WHERE is_open",
    "CREATE INDEX version_producers ON version USING gin (producers) WHERE is_open",
    """
    CREATE TABLE stage (
        model VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        stage VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        status VARCHAR NOT NULL,
        round INTEGER NOT NULL,
        since TIMESTAMP WITH TIME ZONE,
        due TIMESTAMP WITH TIME ZONE,
        evidence_due TIMESTAMP WITH TIME ZONE,
        is_late BOOLEAN NOT NULL,
        accountable VARCHAR,
        valid_until TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (model, version, stage)
    )
    """,
    """
    CREATE TABLE signoff (
        id VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        stage VARCHAR NOT NULL,
        round INTEGER NOT NULL,
        role VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        risk VARCHAR,
        asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
        due TIMESTAMP WITH TIME ZONE,
        decided_at TIMESTAMP WITH TIME ZONE,
        can_decide TEXT[] NOT NULL,
        managers TEXT[] NOT NULL,
        deciders TEXT[] NOT NULL,
        doc JSONB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX signoff_decided ON signoff (decided_at) WHERE decided_at IS NOT NULL",
    """
    CREATE INDEX signoff_ended_asked
    ON signoff (status, asked_at, id)
    WHERE status <> 'pending'
    """,
    """
    CREATE INDEX signoff_ended_due
    ON signoff (status, coalesce(due, 'infinity'::timestamptz), id)
    WHERE status <> 'pending'
    """,
    "CREATE INDEX signoff_version ON signoff (model, version)",
    "CREATE INDEX signoff_pending_asked ON signoff (asked_at, id) WHERE status = 'pending'",
    """
    CREATE INDEX signoff_pending_due
    ON signoff (coalesce(due, 'infinity'::timestamptz), id)
    WHERE status = 'pending'
    """,
    """
    CREATE INDEX signoff_pending_managers ON signoff USING gin (managers)
    WHERE status = 'pending'
    """,
    """
    CREATE INDEX signoff_pending_model
    ON signoff (model, coalesce(due, 'infinity'::timestamptz), id)
    WHERE status = 'pending'
    """,
    """
    CREATE INDEX signoff_pending_people ON signoff USING gin (can_decide)
    WHERE status = 'pending'
    """,
    """
    CREATE INDEX signoff_pending_role
    ON signoff (role, coalesce(due, 'infinity'::timestamptz), id)
    WHERE status = 'pending'
    """,
    """
    CREATE INDEX signoff_pending_stage
    ON signoff (stage, coalesce(due, 'infinity'::timestamptz), id)
    WHERE status = 'pending'
    """,
    """
    CREATE TABLE waiting (
        model VARCHAR NOT NULL,
        version VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        who VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        stage VARCHAR NOT NULL,
        role VARCHAR,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        due TIMESTAMP WITH TIME ZONE,
        why VARCHAR NOT NULL,
        PRIMARY KEY (model, version, position)
    )
    """,
    "CREATE INDEX waiting_who ON waiting (kind, who)",
    """
    CREATE TABLE lifecycle (
        name VARCHAR NOT NULL,
        digest VARCHAR NOT NULL,
        is_current BOOLEAN NOT NULL,
        definition JSONB NOT NULL,
        applied_at TIMESTAMP WITH TIME ZONE NOT NULL,
        applied_by VARCHAR NOT NULL,
        PRIMARY KEY (name, digest)
    )
    """,
    "CREATE UNIQUE INDEX lifecycle_current ON lifecycle (name) WHERE is_current",
    """
    CREATE TABLE person (
        id VARCHAR NOT NULL,
        manager VARCHAR,
        file JSONB NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX person_manager ON person (manager)",
    """
    CREATE TABLE identity (
        identity VARCHAR NOT NULL,
        person VARCHAR NOT NULL,
        origin VARCHAR NOT NULL,
        PRIMARY KEY (identity)
    )
    """,
    "CREATE INDEX identity_person ON identity (person)",
    """
    CREATE TABLE slack_account (
        team VARCHAR NOT NULL,
        user_id VARCHAR NOT NULL,
        enterprise VARCHAR,
        person VARCHAR NOT NULL,
        how VARCHAR NOT NULL,
        PRIMARY KEY (team, user_id)
    )
    """,
    "CREATE INDEX slack_account_enterprise ON slack_account (enterprise, user_id)",
    "CREATE UNIQUE INDEX slack_account_person ON slack_account (person, team)",
    """
    CREATE TABLE model (
        name VARCHAR NOT NULL,
        file JSONB NOT NULL,
        given_by JSONB NOT NULL,
        number BIGINT NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE model_owner (
        model VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        person VARCHAR NOT NULL,
        PRIMARY KEY (model, role, person)
    )
    """,
    "CREATE INDEX model_owner_person ON model_owner (person)",
    """
    CREATE TABLE model_alias (
        source VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        PRIMARY KEY (source, name)
    )
    """,
    "CREATE INDEX ix_model_alias_model ON model_alias (model)",
    """
    CREATE TABLE api_key (
        id VARCHAR NOT NULL,
        secret_hash VARCHAR NOT NULL,
        scopes TEXT[] NOT NULL,
        person VARCHAR,
        models TEXT[] NOT NULL,
        events TEXT[] NOT NULL,
        sources TEXT[] NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by VARCHAR NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE,
        revoked_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE event (
        event_id VARCHAR NOT NULL,
        principal VARCHAR NOT NULL,
        source VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        type VARCHAR NOT NULL,
        body_digest VARCHAR NOT NULL,
        model VARCHAR,
        version VARCHAR,
        body TEXT NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        position BIGINT GENERATED ALWAYS AS IDENTITY,
        status VARCHAR NOT NULL,
        why VARCHAR NOT NULL,
        sequence BIGINT NOT NULL,
        PRIMARY KEY (event_id)
    )
    """,
    """
    CREATE INDEX event_unapplied ON event (model, version)
    WHERE status IN ('received', 'accepted')
    """,
    """
    CREATE INDEX event_unclaimed ON event (model, version, position)
    WHERE status = 'unclaimed'
    """,
    "CREATE INDEX event_unsent ON event (received_at) WHERE status = 'received'",
    """
    CREATE TABLE idempotency (
        principal VARCHAR NOT NULL,
        key VARCHAR NOT NULL,
        body_digest VARCHAR NOT NULL,
        status INTEGER,
        body VARCHAR,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (principal, key)
    )
    """,
    "CREATE INDEX idempotency_created ON idempotency (created_at)",
    """
    CREATE TABLE slack_message (
        request_id VARCHAR NOT NULL,
        copy_of VARCHAR NOT NULL,
        channel VARCHAR,
        ts VARCHAR,
        thread_ts VARCHAR,
        content_hash VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        error VARCHAR NOT NULL,
        sent_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (request_id, copy_of)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
