"""Asking by e-mail whom Slack did not reach, in the background and apart from Slack."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import MAIL_REQUESTS, MailOrder, Shown
from lifecycle.mailing import Unasked
from lifecycle.receipts import Receipt
from lifecycle.view import VersionView
from workflows.carried import Carried
from workflows.showing import Shower

ATTEMPT = timedelta(minutes=5)
"""Hundreds of letters over one connection."""
GIVE_UP = timedelta(hours=1)
"""A server that delays strangers takes their letters within minutes; others need to know."""
PATIENCE = timedelta(seconds=10)
"""How long an attempt may go on once others are to be asked as well."""
TOO_LATE = "the mail server did not take it within an hour"
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5)
)
Requests = tuple[Unasked, ...]


class Mailer:
    """Asks by e-mail for one version, where a mail server is set up."""

    def __init__(self, carried: Carried, shower: Shower) -> None:
        self.is_on = carried.mails
        self._shower = shower
        self._tried: Requests = ()

    async def run(
        self,
        wanted: Callable[[], Requests],
        newest: Callable[[], VersionView],
        is_recorded: Callable[[], bool],
    ) -> None:
        """Ask whoever is to be asked, until cancelled; what comes of it is judged as a receipt."""
        while True:
            await workflow.wait_condition(lambda: is_recorded() and self._has_work(wanted()))
            requests = self._tried = wanted()
            found = await self._send(requests, newest(), wanted)
            if found is None:
                self._tried = ()
            else:
                self._shower.receipts += found

    def _has_work(self, wanted: Requests) -> bool:
        """Say whether there is anybody to ask; never twice the same while nothing came of it."""
        return self.is_on and not self._shower.receipts and bool(wanted) and wanted != self._tried

    async def _send(
        self, requests: Requests, view: VersionView, wanted: Callable[[], Requests]
    ) -> tuple[Receipt, ...] | None:
        """Ask; None when it is others who are to be asked before this was through."""
        attempt = workflow.start_activity(
            MAIL_REQUESTS,
            MailOrder(view=view, requests=requests),
            result_type=Shown,
            start_to_close_timeout=ATTEMPT,
            schedule_to_close_timeout=GIVE_UP,
            retry_policy=_UNTIL_DONE,
        )
        try:
            await workflow.wait_condition(lambda: attempt.done() or wanted() != requests)
            await self._let_finish(attempt)
            if not attempt.done():
                attempt.cancel()
            found: Shown = await attempt
            return found.receipts
        except asyncio.CancelledError:
            attempt.cancel()
            raise
        except ActivityError as error:
            current = asyncio.current_task()
            if is_cancelled_exception(error):
                if current is not None and current.cancelling():  # it is this task that shall end
                    raise
                return None
            workflow.logger.warning("requests could not be sent by e-mail: %s", error.cause)
            return tuple(_too_late(one) for one in requests)

    async def _let_finish(self, attempt: "asyncio.Task[Any]") -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(attempt.done, timeout=PATIENCE)


def _too_late(request: Unasked) -> Receipt:
    return Receipt(
        stage=request.stage,
        round=request.round,
        role=request.role,
        way="email",
        outcome="failed",
        why=TOO_LATE,
        people=request.people,
    )
