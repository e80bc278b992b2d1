"""The Slack workspaces that the app is installed in, and leave to install it."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE slack_installation (
            id varchar PRIMARY KEY,
            enterprise varchar,
            name varchar NOT NULL,
            url varchar NOT NULL,
            app varchar NOT NULL,
            bot_user varchar NOT NULL,
            scopes text[] NOT NULL,
            sealed_token varchar,
            state varchar NOT NULL,
            revision bigint NOT NULL,
            first_installed_at timestamptz NOT NULL,
            installed_at timestamptz NOT NULL,
            installed_by varchar NOT NULL,
            ended_at timestamptz
        )
        """
    )
    op.execute(
        """
        CREATE TABLE slack_install_link (
            ticket_hash varchar PRIMARY KEY,
            state_hash varchar UNIQUE,
            by varchar NOT NULL,
            expires_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    raise NotImplementedError("Restore a backup instead: the ledger is never taken back.")
