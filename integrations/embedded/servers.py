import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from integrations.embedded.data_directory import DataDirectory
from integrations.embedded.postgres_home import remove_database
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.temporal_server import TemporalServer


@asynccontextmanager
async def embedded_postgres(data: DataDirectory) -> AsyncIterator[str]:
    """Run PostgreSQL in the data directory; yield the SQLAlchemy URL of its database."""
    async with PostgresServer(data) as server:
        yield server.url


@asynccontextmanager
async def embedded_temporal(
    data: DataDirectory, *, search_attributes: Sequence[tuple[str, str]]
) -> AsyncIterator[str]:
    """Run Temporal in the data directory; yield its address, host and port."""
    async with TemporalServer(data, search_attributes) as server:
        yield server.address


@contextmanager
def throwaway_directory(parent: Path | None = None) -> Iterator[DataDirectory]:
    """Hold a new data directory and remove it with its database at the end.

    For demo and tests. Under `parent`, or the system's directory for temporary files.
    """
    with (
        tempfile.TemporaryDirectory(prefix="undersigned-", dir=parent) as path,
        DataDirectory(Path(path)) as data,
    ):
        try:
            yield data
        finally:
            remove_database(data)
