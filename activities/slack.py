"""Effects in Slack: showing a version's newest view, answering whoever clicked."""

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import (
    ANSWER_CLICK,
    RECOGNISE_ACCOUNT,
    SEND_DIGEST,
    SEND_REMINDERS,
    SHOW_VIEW,
    AccountSeen,
    ClickAnswer,
    Showing,
    Shown,
)
from integrations.slack.delivery import Delivery
from integrations.slack.digesting import Digesting
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.gathering import DigestOrder, Gathered
from integrations.slack.reminding import Reminding

AUTH_LOST_PAUSE = timedelta(minutes=5)
"""A lost token comes back only by a person's hand; asking more often helps nobody."""


class SlackActivities:
    """Shows and answers in one workspace."""

    def __init__(self, delivery: Delivery, reminding: Reminding, digesting: Digesting) -> None:
        self._delivery = delivery
        self._digesting = digesting
        self._reminding = reminding

    @activity.defn(name=SHOW_VIEW)
    async def show_view(self, showing: Showing) -> Shown:
        """Bring every card and notice up to a view; repeating it changes nothing."""
        try:
            found = await self._delivery.show(showing.view)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            raise _much_later(lost) from lost
        return Shown(receipts=found.receipts)

    @activity.defn(name=SEND_REMINDERS)
    async def send_reminders(self, gathered: Gathered) -> None:
        """Remind a person of what still waits for them; repeating it sends nothing more."""
        try:
            await self._reminding.send(gathered)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            raise _much_later(lost) from lost

    @activity.defn(name=SEND_DIGEST)
    async def send_digest(self, order: DigestOrder) -> bool:
        """Send a person's digest once; False when its time is over."""
        try:
            return await self._digesting.send(order)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            raise _much_later(lost) from lost

    @activity.defn(name=ANSWER_CLICK)
    async def answer_click(self, answer: ClickAnswer) -> None:
        """Say a sentence to whoever clicked, where only they see it."""
        try:
            await self._delivery.answer(answer.reply_to, answer.sentence)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except (SlackRefused, SlackAuthLost) as refused:
            raise ApplicationError(
                str(refused), type="SlackRefused", non_retryable=True
            ) from refused

    @activity.defn(name=RECOGNISE_ACCOUNT)
    async def recognise_account(self, account: AccountSeen) -> bool:
        """Link an account to the person with its address; False when there is nobody."""
        try:
            return await self._delivery.recognise(account.team, account.user)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except (SlackRefused, SlackAuthLost) as refused:
            raise ApplicationError(
                str(refused), type="SlackRefused", non_retryable=True
            ) from refused


def _later(trouble: SlackUnavailable) -> ApplicationError:
    return ApplicationError(
        str(trouble), type="SlackUnavailable", next_retry_delay=trouble.retry_after
    )


def _much_later(lost: SlackAuthLost) -> ApplicationError:
    return ApplicationError(str(lost), type="SlackAuthLost", next_retry_delay=AUTH_LOST_PAUSE)
