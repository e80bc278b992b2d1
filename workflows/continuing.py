"""How a run ends: with everything handed to the next one, or with the end of the story told."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

from lifecycle.mailing import Unasked, unasked
from lifecycle.projecting import view
from lifecycle.view import VersionView
from workflows import limits
from workflows.alarm import BREATH, cancelled
from workflows.carried import Carried, written
from workflows.errands import Messenger
from workflows.inbox import Inbox
from workflows.messages import Start
from workflows.running_version import RunningVersion
from workflows.surroundings import Surroundings, is_before
from workflows.taking import Taker

LAST_WORD = timedelta(days=7)
"""How long a finished story waits for Slack to show its end, and for others to hear of it."""


class Continuing:
    """Keeps what runs beside the loop, stops it, and hands over what is left."""

    def __init__(
        self,
        carried: Carried,
        version: RunningVersion,
        inbox: Inbox,
        surroundings: Surroundings,
        taker: Taker,
    ) -> None:
        self._carried = carried
        self._version = version
        self._inbox = inbox
        self._surroundings = surroundings
        self._taker = taker
        self._messenger = Messenger(version.errands)
        self._background: list[asyncio.Task[None]] = []
        self.is_closing = False
        """Whether nothing more is recorded by this run."""

    # What runs beside the loop

    def start_background(self) -> None:
        """Record, show, answer and run errands from now on."""
        version = self._version
        self._background = [
            asyncio.create_task(version.recorder.run(lambda: version.state)),
            asyncio.create_task(version.shower.run(self._view, self._showable)),
            asyncio.create_task(version.shower.answer()),
            asyncio.create_task(version.mailer.run(self._unasked, self._view, version.is_recorded)),
            asyncio.create_task(self._messenger.run()),
        ]

    def has_broken(self) -> bool:
        """Say whether something beside the loop broke."""
        return any(t.done() and not t.cancelled() and t.exception() for t in self._background)

    def check_background(self) -> None:
        """Fail the workflow task, loudly, when something beside the loop broke.

        The task is retried until the code is mended; the workflow itself never fails.
        """
        for task in self._background:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise RuntimeError("a background part of the workflow broke") from error

    def _view(self) -> VersionView:
        return view(self._version.state)

    def _unasked(self) -> tuple[Unasked, ...]:
        return unasked(self._version.state)

    def _showable(self) -> int:
        """Give how far Slack may be shown: cards follow the record, never run ahead of it."""
        return self._version.state.sequence if not self._version.recorder.entries else 0

    # The next run

    def should_continue(self) -> bool:
        """Say whether the next run should take over now."""
        is_idle = not self._inbox and workflow.all_handlers_finished()
        return limits.should_continue(self._version.recorder, is_idle=is_idle)

    async def continue_as_new(self) -> None:
        """Hand everything to the next run; never returns."""
        await self._drain()
        self._hand_over()

    def _hand_over(self) -> None:
        state = self._version.state
        workflow.continue_as_new(
            Start(
                model=state.model,
                version=state.version,
                carried=written(self._to_carry()),
            ),
            initial_versioning_behavior=limits.newest_build(),
        )

    async def _drain(self) -> None:
        """Stop what runs beside, let answers leave, and take what still comes."""
        recording, *showing = self._background
        await cancelled(showing)
        await self._taker.alarm.stop()
        breath = asyncio.create_task(workflow.sleep(BREATH))
        while not (breath.done() and self._is_quiet()):
            await self._taker.take_all()
            await workflow.wait_condition(
                lambda: bool(self._inbox) or (breath.done() and self._is_quiet())
            )
        # From here on nothing is recorded by this run; the facts of what still comes are carried.
        self.is_closing = True
        await cancelled([recording])
        while self._inbox or not workflow.all_handlers_finished():
            await self._taker.take_all()
            await workflow.wait_condition(
                lambda: bool(self._inbox) or workflow.all_handlers_finished()
            )

    def _is_quiet(self) -> bool:
        recorder = self._version.recorder
        is_flushed = (
            self._version.is_recorded() or recorder.is_lagging or limits.is_overdue(recorder)
        )
        return not self._inbox and is_flushed and workflow.all_handlers_finished()

    def _to_carry(self) -> Carried:
        recorder, shower = self._version.recorder, self._version.shower
        return self._carried.model_copy(
            update={
                "state": self._version.state,
                "head": recorder.head,
                "inbox": self._inbox.left_over(),
                "entries": tuple(recorder.entries),
                "signoffs": recorder.projector.signoffs,
                "events": recorder.projector.events,
                "answers": tuple(shower.answers),
                "receipts": tuple(shower.receipts),
                "shown": shower.shown,
                "mails": self._version.mailer.is_on,
                "roster_wanted": self._surroundings.roster_wanted,
                "slack_queue": shower.queue,
                "conflict": recorder.conflict,
                "has_begun": True,
                "errands": tuple(self._version.errands),
            }
        )

    # The end of the story

    async def end(self) -> None:
        """Record and show the end of the story; late messages are answered until then.

        Whatever is left when the history grows long, or the database is away, is the next run's.
        """
        deadline = workflow.now() + LAST_WORD
        may_end: Callable[[], bool] = lambda: self._is_told() or self.should_continue()  # noqa: E731 - said twice below
        while not may_end() and is_before(deadline):
            await self._taker.take_all()
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._inbox) or may_end(),
                    timeout=max(deadline - workflow.now(), BREATH),
                )
        await self._drain()
        if not self._version.is_recorded() or (not self._is_told() and is_before(deadline)):
            self._hand_over()
        if not self._is_told():
            workflow.logger.warning("not everybody could be told of the end of the story")

    def _is_told(self) -> bool:
        is_shown = self._version.shower.is_done(self._version.state.sequence)
        return (
            not self._inbox
            and self._version.is_recorded()
            and is_shown
            and not self._version.errands
        )
