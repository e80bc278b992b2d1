"""Whose a Slack account is, learned before what was said through it is judged."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import CHECK_ACCOUNT, READ_ACCOUNT, AccountAnswer, AccountQuestion
from integrations.workflow_names import slack_queue, workspace_of
from lifecycle.commands import AnyCommand
from lifecycle.fact_values import Via
from lifecycle.speaking_accounts import FRESH, KNOWN_FOR, account_of
from workflows.inbox import Ticket, Unreadable, command_of
from workflows.messages import TASK_QUEUE
from workflows.running_version import RunningVersion

ACCOUNTS_SPEAK = "accounts-speak"
"""The patch by which the account alone says who clicked; earlier releases took the person's id."""


MOST_KNOWN = 200
"""Accounts whose answers are kept in one run of a version."""
URGENT = Priority(priority_key=1)
ASK_WITHIN = timedelta(seconds=15)
"""Whether an account may decide is worth asking Slack for; a click does not wait longer for it."""
ASK_LONGER = timedelta(minutes=1)
"""Likewise, where nothing can be decided without Slack's word; it may be busy with others."""
TRY_WITHIN = timedelta(seconds=5)
ASK_AGAIN_AFTER = timedelta(minutes=1)
"""After Slack did not answer, its last word counts for this long without asking again."""
_ONCE = RetryPolicy(maximum_attempts=1)
_UNTIL_DONE = RetryPolicy(initial_interval=timedelta(seconds=1))


class Speaking:
    """Learns whose accounts are, and whether they may still decide, for one version."""

    def __init__(self, version: RunningVersion, read: Callable[[], Awaitable[None]]) -> None:
        self._version = version
        self._read = read
        self._answers: dict[tuple[str, str], AccountAnswer] = {}
        self._not_before: datetime | None = None

    async def learn(self, ticket: Ticket) -> None:
        """Find out about the account of a message as far as that is possible now."""
        command = _spoken(ticket)
        via = getattr(command, "via", None)
        if command is None or not isinstance(via, Via):
            return
        if not workflow.patched(ACCOUNTS_SPEAK):
            said = {"is_account": False}
        else:
            answer = await self._answer(via)
            if not self._agrees(via, answer):
                await self._read()
            said = answer.model_dump(include={"barred", "checked_at"})
        ticket.command = command.model_copy(update={"via": via.model_copy(update=said)})

    async def _answer(self, via: Via) -> AccountAnswer:
        """Give what is known of an account, from here, the database or Slack."""
        key = (via.team or "", via.slack_user or "")
        known = self._answers.get(key, AccountAnswer())
        if _is_fresh(known) and self._agrees(via, known):
            return known
        question = AccountQuestion(
            enterprise=via.enterprise, team=key[0], user=key[1], now=workflow.now()
        )
        found = await self._ask(READ_ACCOUNT, question, TASK_QUEUE, None, _ONCE)
        known = found or known
        queue = self._queue(via)
        if not (_is_fresh(known) and self._is_confirmed(via)) and queue and self._may_ask():
            within = ASK_WITHIN if _is_known(known) else ASK_LONGER
            asked = await self._ask(CHECK_ACCOUNT, question, queue, within, _UNTIL_DONE)
            self._not_before = workflow.now() + ASK_AGAIN_AFTER if asked is None else None
            known = asked or known
        while len(self._answers) >= MOST_KNOWN:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = known
        return known

    async def _ask(
        self,
        name: str,
        question: AccountQuestion,
        queue: str,
        within: timedelta | None,
        retry: RetryPolicy,
    ) -> AccountAnswer | None:
        try:
            found: AccountAnswer = await workflow.execute_activity(
                name,
                question,
                result_type=AccountAnswer,
                task_queue=queue,
                start_to_close_timeout=TRY_WITHIN,
                schedule_to_close_timeout=within,
                retry_policy=retry,
                priority=URGENT,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("an account could not be looked up: %s", error.cause)
            return None
        return found

    def _queue(self, via: Via) -> str | None:
        """Name the queue of the workspace that an account is in, as far as it is linked."""
        queue = self._version.shower.queue
        if workspace_of(queue) in (via.team, via.enterprise) or not self._is_confirmed(via):
            return queue
        return slack_queue(via.team or "")

    def _may_ask(self) -> bool:
        return self._not_before is None or workflow.now() >= self._not_before

    def _is_confirmed(self, via: Via) -> bool:
        held = account_of(self._version.state.roster, via)
        return held is not None and held.account.is_confirmed

    def _agrees(self, via: Via, answer: AccountAnswer) -> bool:
        """Say whether the roster knows an account as confirmed, and as what Slack says it is."""
        held = account_of(self._version.state.roster, via)
        return held is not None and self._is_confirmed(via) and held.account.barred == answer.barred


def _is_known(answer: AccountAnswer) -> bool:
    return answer.checked_at is not None and workflow.now() - answer.checked_at < KNOWN_FOR


def _is_fresh(answer: AccountAnswer) -> bool:
    return answer.checked_at is not None and workflow.now() - answer.checked_at < FRESH


def is_spoken(ticket: Ticket) -> bool:
    """Say whether a message came through a Slack account that says who it is."""
    via = ticket.envelope.body.get("via")
    return isinstance(via, dict) and via.get("is_account") is True


def _spoken(ticket: Ticket) -> AnyCommand | None:
    if not is_spoken(ticket):
        return None
    try:
        return command_of(ticket.envelope)
    except Unreadable:
        return None  # it is refused when it is taken
