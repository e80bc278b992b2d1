"""Effects in Slack: showing a version's newest view, answering whoever clicked."""

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.contracts import (
    ANSWER_CLICK,
    CHECK_ACCOUNT,
    RECOGNISE_ACCOUNT,
    SEND_DIGEST,
    SEND_REMINDERS,
    SHOW_VIEW,
    AccountAnswer,
    AccountQuestion,
    AccountSeen,
    ClickAnswer,
    Showing,
    Shown,
)
from integrations.slack.delivery import Delivery
from integrations.slack.digesting import Digesting
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.gathering import DigestOrder, Gathered, Said
from integrations.slack.reminding import Reminding
from integrations.slack.standing import Standing
from integrations.slack.token import Token
from lifecycle.slack_links import SlackUser

AUTH_LOST_PAUSE = timedelta(seconds=40)
"""With the probe's interval below a minute, so that work resumes within one; trying again costs a
look at the database and no call of Slack."""


class SlackActivities:
    """Shows and answers in one workspace."""

    def __init__(
        self, delivery: Delivery, reminding: Reminding, digesting: Digesting, token: Token
    ) -> None:
        self._delivery = delivery
        self._digesting = digesting
        self._reminding = reminding
        self._token = token

    @activity.defn(name=SHOW_VIEW)
    async def show_view(self, showing: Showing) -> Shown:
        """Bring every card and notice up to a view; repeating it changes nothing.

        The first time that Slack refuses the token it answers whom nothing reaches.
        """
        at = activity.info().started_time
        try:
            await self._token.check(at)
            found = await self._delivery.show(showing.view)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            await self._token.lost(lost, at)
            if showing.is_told:
                raise _much_later(lost) from lost
            missed = await self._delivery.without_slack(showing.view, lost.error)
            return Shown(receipts=missed, is_waiting=True)
        return Shown(receipts=found.receipts)

    @activity.defn(name=SEND_REMINDERS)
    async def send_reminders(self, gathered: Gathered) -> Said:
        """Remind a person of what still waits for them, or leave it to their next digest."""
        at = activity.info().started_time
        try:
            await self._token.check(at)
            return await self._reminding.send(gathered)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            await self._token.lost(lost, at)
            raise _much_later(lost) from lost

    @activity.defn(name=SEND_DIGEST)
    async def send_digest(self, order: DigestOrder) -> bool:
        """Send a person's digest once; False when its time is over."""
        at = activity.info().started_time
        try:
            await self._token.check(at)
            return await self._digesting.send(order)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except SlackAuthLost as lost:
            await self._token.lost(lost, at)
            raise _much_later(lost) from lost

    @activity.defn(name=ANSWER_CLICK)
    async def answer_click(self, answer: ClickAnswer) -> None:
        """Say a sentence to whoever clicked, where only they see it."""
        at = activity.info().started_time
        try:
            await self._token.check(at)
            await self._delivery.answer(answer.reply_to, answer.sentence)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except (SlackRefused, SlackAuthLost) as refused:
            raise await self._final(refused) from refused

    @activity.defn(name=RECOGNISE_ACCOUNT)
    async def recognise_account(self, account: AccountSeen) -> bool:
        """Link an account to the person with its address; False when there is nobody."""
        at = activity.info().started_time
        try:
            await self._token.check(at)
            return await self._delivery.recognise(account.team, account.user)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except (SlackRefused, SlackAuthLost) as refused:
            raise await self._final(refused) from refused

    async def _final(self, refused: SlackRefused | SlackAuthLost) -> ApplicationError:
        """Give the end of what is of no use later."""
        if isinstance(refused, SlackAuthLost):
            await self._token.lost(refused, activity.info().started_time)
        return ApplicationError(str(refused), type="SlackRefused", non_retryable=True)


class AccountActivities:
    """Asks one workspace what accounts are."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @activity.defn(name=CHECK_ACCOUNT)
    async def check_account(self, question: AccountQuestion) -> AccountAnswer:
        """Say what an account is; Slack is asked when its last word is old."""
        account = SlackUser(enterprise=question.enterprise, team=question.team, user=question.user)
        try:
            found = await self._standing.check(account, question.now)
        except SlackUnavailable as trouble:
            raise _later(trouble) from trouble
        except (SlackRefused, SlackAuthLost) as refused:
            raise ApplicationError(
                str(refused), type="SlackRefused", non_retryable=True
            ) from refused
        if found is None:
            return AccountAnswer()
        return AccountAnswer(barred=found.barred, checked_at=found.checked_at)


def _later(trouble: SlackUnavailable) -> ApplicationError:
    return ApplicationError(
        str(trouble), type="SlackUnavailable", next_retry_delay=trouble.retry_after
    )


def _much_later(lost: SlackAuthLost) -> ApplicationError:
    # Benign, so that the SDK's warning of each attempt does not drown the one line that counts.
    return ApplicationError(
        str(lost),
        type="SlackAuthLost",
        next_retry_delay=AUTH_LOST_PAUSE,
        category=ApplicationErrorCategory.BENIGN,
    )
