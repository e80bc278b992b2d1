from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from lifecycle.canonical import Entry
from lifecycle.registry import AnyRegistryFact
from lifecycle.values import Frozen
from lifecycle.view import Projection


class LedgerConflict(Exception):  # noqa: N818 - it names what was found; retrying never helps
    """Another fact is recorded at a known sequence, or a chain doesn't link; never to be retried."""


class LedgerGap(Exception):  # noqa: N818 - it names what was found
    """Facts before these are not recorded yet; record them first."""


class Recording(Frozen):
    """What a version's workflow hands over: new entries of one chain and the rows they lead to."""

    subject: str
    entries: tuple[Entry, ...] = ()
    projection: Projection


class StoredEntry(Entry):
    """An entry as the ledger holds it."""

    recorded_at: datetime
    number: int
    """Its place among all entries of the ledger; grows, with gaps."""


def version_subject(model: str, version: str) -> str:
    """Name the chain of a model version, as `version/fraud-scorer/14`, percent-encoded."""
    raise NotImplementedError


async def record(connection: AsyncConnection, recording: Recording) -> None:
    """Append a version's facts and bring its rows up to them; repeating it changes nothing.

    Raises LedgerConflict when another fact holds one of the sequences, LedgerGap when the entry
    before the first one is missing.
    """
    raise NotImplementedError


async def read_entries(
    connection: AsyncConnection, subject: str, after: int = 0, limit: int | None = None
) -> list[StoredEntry]:
    """Read a chain in order, from the entry after a sequence; an unknown subject has none."""
    raise NotImplementedError


async def append_registry(
    connection: AsyncConnection, subject: str, fact: AnyRegistryFact
) -> StoredEntry:
    """Put a fact at the end of a subject's chain and bring its rows up to it.

    All registry writes wait for each other until their transactions end, so that no chain forks.
    """
    raise NotImplementedError
