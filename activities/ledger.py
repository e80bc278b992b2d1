"""Effects on the ledger: reading a version's story, recording what is new."""

from itertools import accumulate

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import (
    LEDGER_CONFLICT,
    READ_STORY,
    RECORD_FACTS,
    StoryPage,
    StoryRequest,
)
from integrations.database.ledger import LedgerConflict, read_entries, record
from lifecycle.canonical import Entry
from lifecycle.recording import Recording, version_subject

PAGE = 500
"""Entries a page."""
LARGEST_PAGE = 512 * 1024
"""Characters a page; a payload holds 2 MB, and one entry may have a large roster or value."""


class LedgerActivities:
    """Reads and writes the ledger of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name=RECORD_FACTS)
    async def record_facts(self, recording: Recording) -> None:
        """Record facts and rows in one transaction; repeating it changes nothing."""
        try:
            async with self._engine.begin() as connection:
                await record(connection, recording)
        except LedgerConflict as conflict:
            raise ApplicationError(
                str(conflict), type=LEDGER_CONFLICT, non_retryable=True
            ) from conflict

    @activity.defn(name=READ_STORY)
    async def read_story(self, request: StoryRequest) -> StoryPage:
        """Read a page of a version's chain."""
        subject = version_subject(request.model, request.version)
        async with self._engine.connect() as connection:
            stored = await read_entries(connection, subject, request.after, PAGE)
        entries = tuple(
            Entry(subject=e.subject, sequence=e.sequence, hash=e.hash, body=e.body) for e in stored
        )
        fitting = _fitting(entries)
        return StoryPage(entries=fitting, is_last=len(fitting) == len(entries) < PAGE)


def _fitting(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Give the first entries that one payload holds, one at least."""
    ends = accumulate(len(entry.body) for entry in entries)
    count = sum(1 for end in ends if end <= LARGEST_PAGE)
    return entries[: max(count, 1)]
