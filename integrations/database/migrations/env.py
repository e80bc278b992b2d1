from alembic import context
from sqlmodel import SQLModel

from integrations.database import journals, slack_tables, tables  # noqa: F401 - importing them defines the tables


def run() -> None:
    # `integrations.database.migrate` opens the connection, takes the lock and commits.
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=SQLModel.metadata)
    context.run_migrations()


run()
