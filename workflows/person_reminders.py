"""One short-lived workflow per person: reminders that come within a while are one message.

It decides nothing: versions say what they remind of, rounds of digests that one is due, and the
record says what still waits when the message is sent. It ends once nothing is left.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import SEND_DIGEST, SEND_REMINDERS, Handed, RemindersStart
from integrations.slack.gathering import (
    REMINDER,
    DigestDue,
    DigestOrder,
    Gathered,
    Reminder,
    Said,
)
from integrations.workflow_names import REMIND, REMINDERS
from workflows import limits

SEND_WITHIN = timedelta(minutes=2)
"""One message, and looking through the history for it after a lost reply."""
LARGEST = 1024 * 1024
"""Characters of the reminders of one message; an activity's input holds 2 MB at most."""
MOST_LEFT = 1_000
"""Reminders that are left to one digest; its order holds them beside what comes with it."""
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)
_USUAL = Priority(priority_key=3)
_LATER = Priority(priority_key=4)
"""Hundreds of digests are due at nine; no reminder waits behind them."""


@workflow.defn(name=REMINDERS)
class PersonReminders:
    """Gathers what is said together to one person, or in one channel."""

    @workflow.init
    def __init__(self, start: RemindersStart) -> None:
        self._person = start.person
        self._terms = Handed()
        self._waiting: dict[str, Reminder] = {}
        self._digests: dict[str, DigestDue] = {}
        self._under_way: tuple[Reminder, ...] = ()
        self._left = {each.request: each for each in start.left}
        self._again_at = start.again_at
        if start.handed is not None:
            self.remind(start.handed)

    @workflow.signal(name=REMIND)
    def remind(self, handed: Handed) -> None:
        """Take reminders and digests; one that is known already changes nothing."""
        self._terms = handed.model_copy(update={"reminders": (), "digests": ()})
        for due in handed.digests:
            self._digests[due.kind] = due  # of days that have passed only the newest is sent
        known = {*self._left, *(each.request for each in self._under_way)}
        for each in handed.reminders:
            if each.request not in known:
                self._waiting.setdefault(each.request, each)

    @workflow.run
    async def run(self, _: RemindersStart) -> None:
        """Gather and send until nothing is left; the start is read when the run is made."""
        while self._is_needed:
            await self._wait_for_digest()
            # From the first one on, or a steady stream would never be sent.
            await workflow.sleep(self._terms.gathering)
            digests, self._digests = tuple(self._digests.values()), {}
            self._under_way = self._taken()
            for due in digests:
                await self._send_digest(due)
            if self._under_way:
                await self._send()
            self._under_way = ()
            if self._is_needed and self._should_continue():
                self._continue()

    @property
    def _is_needed(self) -> bool:
        return bool(self._waiting or self._digests or self._left)

    async def _wait_for_digest(self) -> None:
        """Wait while there is only what was left to a digest; take it back if that doesn't come."""
        if not self._left or self._again_at is None:
            return
        patience = max(self._again_at - workflow.now(), timedelta(0))
        if patience and not (self._waiting or self._digests):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._waiting or self._digests), timeout=patience
                )
        if workflow.now() >= self._again_at:
            self._take_back(tuple(self._left))

    def _leave(self, said: Said) -> None:
        """Keep what is left to a digest, as much of it as one holds."""
        for each in self._under_way:
            if each.request in said.left:
                self._left[each.request] = each
        known = [at for at in (self._again_at, said.again_at) if at is not None]
        self._again_at = min(known, default=None) if self._left else None
        self._take_back(tuple(self._left)[MOST_LEFT:])

    def _take_back(self, requests: tuple[str, ...]) -> None:
        """Have reminders said by themselves after all."""
        for request in requests:
            one = self._left.pop(request)
            self._waiting.setdefault(request, one.model_copy(update={"was_left": True}))
        if not self._left:
            self._again_at = None

    def _taken(self) -> tuple[Reminder, ...]:
        """Take what has come, as much as one message's input holds."""
        taken: list[Reminder] = []
        room = LARGEST
        for each in self._waiting.values():
            room -= len(each.model_dump_json())
            if taken and room < 0:
                break
            taken.append(each)
        for each in taken:
            del self._waiting[each.request]
        return tuple(taken)

    async def _send(self) -> None:
        gathered = Gathered(
            id=str(workflow.uuid4()), person=self._person, reminders=self._under_way
        )
        try:
            # Releases before this one answered nothing.
            said: dict[str, Any] | None = await workflow.execute_activity(
                SEND_REMINDERS,
                gathered,
                task_queue=self._terms.slack_queue,
                start_to_close_timeout=SEND_WITHIN,
                retry_policy=_UNTIL_DONE,
                priority=_USUAL,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.error("reminders can't be sent: %s", error.cause)
            return
        if said:
            self._leave(Said.model_validate(said))

    async def _send_digest(self, due: DigestDue) -> None:
        """Send a digest; one of the day says what the person would be reminded of by itself."""
        is_daily = due.kind == "daily"
        order = DigestOrder(
            person=self._person, due=due, reminders=self._reminders() if is_daily else ()
        )
        try:
            is_sent = await workflow.execute_activity(
                SEND_DIGEST,
                order,
                task_queue=self._terms.slack_queue,
                start_to_close_timeout=SEND_WITHIN,
                retry_policy=_UNTIL_DONE,
                priority=_LATER,
                result_type=bool,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.error("a digest can't be sent: %s", error.cause)
            return
        if is_daily and is_sent:
            self._under_way = tuple(one for one in self._under_way if one.kind != REMINDER)
            self._left, self._again_at = {}, None

    def _reminders(self) -> tuple[Reminder, ...]:
        new = (one for one in self._under_way if one.kind == REMINDER)
        return (*self._left.values(), *new)

    def _should_continue(self) -> bool:
        info = workflow.info()
        return (
            info.get_current_history_length() >= limits.SOFT_LIMIT
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )

    def _continue(self) -> None:
        waiting, left = tuple(self._waiting.values()), tuple(self._left.values())
        if sum(len(each.model_dump_json()) for each in (*waiting, *left)) > LARGEST:
            return  # after the next message
        workflow.continue_as_new(
            RemindersStart(
                person=self._person,
                handed=self._terms.model_copy(
                    update={"reminders": waiting, "digests": tuple(self._digests.values())}
                ),
                left=left,
                again_at=self._again_at,
            ),
            initial_versioning_behavior=limits.newest_build(),
        )
