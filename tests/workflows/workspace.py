import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity

from activities.contracts import (
    ANSWER_CLICK,
    RECOGNISE_ACCOUNT,
    SHOW_VIEW,
    AccountSeen,
    ClickAnswer,
    Showing,
    Shown,
)
from lifecycle.receipts import Receipt


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
        return (self.show_view, self.answer_click, self.recognise_account)

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

    @activity.defn(name=ANSWER_CLICK)
    async def answer_click(self, answer: ClickAnswer) -> None:
        self.answers.append(answer)
        self.answered.set()
