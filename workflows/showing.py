"""Showing the newest view in Slack, and answering clicks, in the background."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import (
    ANSWER_CLICK,
    RECOGNISE_ACCOUNT,
    SHOW_VIEW,
    AccountSeen,
    ClickAnswer,
    Showing,
    Shown,
)
from integrations.slack.clicks import ReplyTo
from integrations.workflow_names import slack_queue
from lifecycle.receipts import Receipt
from lifecycle.view import VersionView
from workflows.carried import Carried

ATTEMPT = timedelta(minutes=2)
"""A view with many cards at one message a second a channel."""
PATIENCE = timedelta(seconds=3)
"""How long an attempt under way may go on once a newer view exists."""
ANSWER_WITHIN = timedelta(minutes=10)
"""An answer to a click is of no use later."""
RECOGNISE_WITHIN = timedelta(seconds=15)
"""Who clicked is worth asking Slack for; a click does not wait longer for it."""
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    # Within a minute of Slack's return every card is right.
    maximum_interval=timedelta(seconds=30),
)
_URGENT = Priority(priority_key=1)
_USUAL = Priority(priority_key=3)


class Shower:
    """Shows one version in one workspace: always the newest view, so a backlog never builds up."""

    def __init__(self, carried: Carried) -> None:
        self.queue = carried.slack_queue
        self.shown = carried.shown
        self.answers: list[ClickAnswer] = list(carried.answers)
        self.receipts: list[Receipt] = list(carried.receipts)
        """What was found of delivering requests, until the core has judged what of it is news."""

    def is_done(self, sequence: int) -> bool:
        """Say whether nothing is left to show or answer."""
        return self.queue is None or (self.shown >= sequence and not self.answers)

    async def run(self, newest: Callable[[], VersionView], sequence: Callable[[], int]) -> None:
        """Show every newer view, until cancelled."""
        while True:
            await workflow.wait_condition(
                lambda: self.queue is not None and sequence() > self.shown
            )
            view = newest()
            shown = await self._show(Showing(view=view), sequence)
            if shown is not None and shown.is_waiting:
                # Slack refuses the token: whom nothing reaches is known now, the rest can wait.
                self.receipts += shown.receipts
                shown = await self._show(Showing(view=view, is_told=True), sequence)
            if shown is not None:
                self.receipts += shown.receipts
                self.shown = max(self.shown, view.sequence)

    async def _show(self, showing: Showing, sequence: Callable[[], int]) -> Shown | None:
        """Show one view; None when a newer one took its place before it was through."""
        attempt = workflow.start_activity(
            SHOW_VIEW,
            showing,
            result_type=Shown,  # which leaves the None of earlier workers as it is
            task_queue=self.queue,
            start_to_close_timeout=ATTEMPT,
            retry_policy=_UNTIL_DONE,
            priority=_USUAL,
        )
        try:
            await workflow.wait_condition(
                lambda: attempt.done() or sequence() > showing.view.sequence
            )
            if not attempt.done():
                await self._let_finish(attempt)
            if not attempt.done():
                attempt.cancel()
            found = await attempt
        except asyncio.CancelledError:
            attempt.cancel()
            raise
        except ActivityError as error:
            if not is_cancelled_exception(error):
                raise
            current = asyncio.current_task()
            if current is not None and current.cancelling():  # it is this task that shall end
                raise
            return None
        return found or Shown()

    async def _let_finish(self, attempt: "asyncio.Task[Any]") -> None:
        try:
            await workflow.wait_condition(attempt.done, timeout=PATIENCE)
        except TimeoutError:
            workflow.logger.info("a newer view takes the place of one that Slack does not take")

    async def recognise(self, account: AccountSeen) -> None:
        """Have an unknown account linked to the person with its address, if Slack answers soon."""
        if self.queue is None:
            return
        try:
            await workflow.execute_activity(
                RECOGNISE_ACCOUNT,
                account,
                task_queue=self.queue,
                start_to_close_timeout=RECOGNISE_WITHIN,
                schedule_to_close_timeout=RECOGNISE_WITHIN,
                retry_policy=_UNTIL_DONE,
                priority=_URGENT,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("an account could not be looked up: %s", error.cause)

    async def answer(self) -> None:
        """Answer clicks, in order, until cancelled."""
        while True:
            await workflow.wait_condition(lambda: self.queue is not None and bool(self.answers))
            answer = self.answers[0]
            try:
                await workflow.execute_activity(
                    ANSWER_CLICK,
                    answer,
                    # Who clicked on a home tab may be in another workspace than the cards.
                    task_queue=_queue_of(answer.reply_to) or self.queue,
                    start_to_close_timeout=timedelta(seconds=15),
                    schedule_to_close_timeout=ANSWER_WITHIN,
                    retry_policy=_UNTIL_DONE,
                    priority=_URGENT,
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("a click could not be answered: %s", error.cause)
            del self.answers[0]


def _queue_of(reply_to: ReplyTo) -> str | None:
    return slack_queue(reply_to.workspace) if reply_to.workspace else None
