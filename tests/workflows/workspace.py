import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.contracts import (
    ANSWER_CLICK,
    CHECK_ACCOUNT,
    RECOGNISE_ACCOUNT,
    SHOW_VIEW,
    AccountAnswer,
    AccountQuestion,
    AccountSeen,
    ClickAnswer,
    Showing,
    Shown,
)
from lifecycle.receipts import Receipt

QUEUE = "slack-T1"


class Slack:
    """Stands in for a workspace: keeps what it is shown and what it is to answer."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.always: tuple[Receipt, ...] = ()
        """What every showing answers; nothing, as an earlier release, when it is empty."""
        self._changed = asyncio.Condition()
        self.answers: list[ClickAnswer] = []
        self.looked_up: list[AccountSeen] = []
        self.answered = asyncio.Event()

    @property
    def activities(self) -> tuple[Callable[..., Any], ...]:
        return (self.show_view, self.answer_click, self.recognise_account, self.check_account)

    def worker(self, client: Client) -> Worker:
        """Give a worker for the workspace's own queue."""
        return Worker(client, task_queue=QUEUE, activities=self.activities)

    @activity.defn(name=SHOW_VIEW)
    async def show_view(self, showing: Showing) -> Shown | None:
        async with self._changed:
            self.shown.append(showing.view.sequence)
            self._changed.notify_all()
        return Shown(receipts=self.always) if self.always else None

    async def showed(self, sequence: int) -> None:
        """Wait until a view of at least that sequence was shown."""
        async with self._changed:
            await self._changed.wait_for(lambda: max(self.shown, default=0) >= sequence)

    @activity.defn(name=RECOGNISE_ACCOUNT)
    async def recognise_account(self, account: AccountSeen) -> None:
        self.looked_up.append(account)

    @activity.defn(name=CHECK_ACCOUNT)
    async def check_account(self, question: AccountQuestion) -> AccountAnswer:
        self.looked_up.append(AccountSeen(team=question.team, user=question.user))
        return AccountAnswer(checked_at=question.now)

    @activity.defn(name=ANSWER_CLICK)
    async def answer_click(self, answer: ClickAnswer) -> None:
        self.answers.append(answer)
        self.answered.set()
