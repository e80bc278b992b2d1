"""Handing facts to the ledger in the background, without holding decisions up."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.contracts import LEDGER_CONFLICT, RECORD_FACTS
from lifecycle.canonical import Entry, append
from lifecycle.errands import AnyErrand, errands_of
from lifecycle.evolve import evolve
from lifecycle.facts import AnyFact, fact_json
from lifecycle.projecting import Projector, view
from lifecycle.recording import Recording, version_subject
from lifecycle.state import VersionState
from workflows.carried import Carried

FIRST_TRY = timedelta(seconds=2)
"""A database that is well answers in milliseconds; after this, decisions no longer wait for it."""
RETRIED_TRY = timedelta(seconds=10)
RUNS_ERRANDS = "errands"
"""The patch by which versions tell others; in the first release they told nobody."""
LARGEST_BATCH = 512 * 1024
"""Characters of facts that go out together; Temporal warns from payloads of this size on."""
_ONCE = RetryPolicy(maximum_attempts=1)
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=10),  # the database is seconds from coming back, or hours
)


class Recorder:
    """Chains facts and records them in order, in batches."""

    def __init__(self, carried: Carried) -> None:
        self._subject = version_subject(carried.state.model, carried.state.version)
        self.head = carried.head
        self.entries: list[Entry] = list(carried.entries)
        self.errands: list[AnyErrand] = list(carried.errands)
        """What others are still to be told of these facts."""
        self.projector = Projector(carried.signoffs, carried.events)
        self.backlog = sum(len(entry.body) for entry in self.entries)
        """Characters of facts that are not recorded yet."""
        self.is_lagging = False
        """Whether the database did not take the last batch at the first try."""
        self.conflict = carried.conflict
        """Why nothing can be recorded any more; empty when all is well."""

    @property
    def recorded(self) -> int:
        """How many facts are in the ledger."""
        return self.head.sequence - len(self.entries)

    def take(self, facts: Sequence[AnyFact], before: VersionState) -> VersionState:
        """Take facts all or not at all, and give the state after them.

        Whatever can't be folded, shown or written as canonical JSON raises before anything is kept.
        """
        state, head = before, self.head
        entries, rows = [], Projector()
        errands: list[AnyErrand] = []
        for fact in facts:
            former, state = state, evolve(state, fact)
            errands += errands_of(former, state, fact)
            rows.take(state, fact)
            entries.append(append(self._subject, head, fact_json(fact)))
            head = entries[-1].head
        view(state)
        self.head = head
        if errands and workflow.patched(RUNS_ERRANDS):
            self.errands.extend(errands)
        self.entries.extend(entries)
        self.backlog += sum(len(entry.body) for entry in entries)
        self.projector = self.projector.with_newer(rows)
        return state

    async def run(self, newest: Callable[[], VersionState]) -> None:
        """Record whatever comes, until cancelled or until the ledger holds another story."""
        while not self.conflict:
            await workflow.wait_condition(lambda: bool(self.entries))
            batch = self._batch()
            projector, self.projector = self.projector, Projector()
            is_last = len(batch) == len(self.entries)
            projection = projector.projection(newest()) if is_last else None
            try:
                await self._send(
                    Recording(subject=self._subject, entries=batch, projection=projection)
                )
            except BaseException as error:
                self.projector = projector.with_newer(self.projector)
                if self.conflict and isinstance(error, ActivityError):
                    workflow.logger.error("the ledger refuses: %s", self.conflict)
                    return
                raise
            if not is_last:
                self.projector = projector.with_newer(self.projector)
            del self.entries[: len(batch)]
            self.backlog -= sum(len(entry.body) for entry in batch)

    def _batch(self) -> tuple[Entry, ...]:
        size = 0
        batch: list[Entry] = []
        for entry in self.entries:
            size += len(entry.body)
            if batch and size > LARGEST_BATCH:
                break
            batch.append(entry)
        return tuple(batch)

    async def _send(self, recording: Recording) -> None:
        """Try once, then until it is done; decisions wait for the first try only.

        Never by a local activity: that runs before its workflow task is committed, and a task that
        is lost after it would be decided again at another instant, against what is recorded.
        """
        try:
            await self._try(recording, FIRST_TRY, _ONCE)
        except ActivityError as error:
            if self.conflict or is_cancelled_exception(error):
                raise
            self.is_lagging = True
            await self._try(recording, RETRIED_TRY, _UNTIL_DONE)
        self.is_lagging = False

    async def _try(self, recording: Recording, within: timedelta, retry: RetryPolicy) -> None:
        try:
            await workflow.execute_activity(
                RECORD_FACTS, recording, start_to_close_timeout=within, retry_policy=retry
            )
        except ActivityError as error:
            self._note_conflict(error)
            raise

    def _note_conflict(self, error: ActivityError) -> None:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == LEDGER_CONFLICT:
            self.conflict = str(cause)
