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
)


class Slack:
    """Stands in for a workspace: keeps what it is shown and what it is to answer."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.answers: list[ClickAnswer] = []
        self.looked_up: list[AccountSeen] = []
        self.answered = asyncio.Event()

    @property
    def activities(self) -> tuple[Callable[..., Any], ...]:
        return (self.show_view, self.answer_click, self.recognise_account)

    @activity.defn(name=SHOW_VIEW)
    async def show_view(self, showing: Showing) -> None:
        self.shown.append(showing.view.sequence)

    @activity.defn(name=RECOGNISE_ACCOUNT)
    async def recognise_account(self, account: AccountSeen) -> None:
        self.looked_up.append(account)

    @activity.defn(name=ANSWER_CLICK)
    async def answer_click(self, answer: ClickAnswer) -> None:
        self.answers.append(answer)
        self.answered.set()
