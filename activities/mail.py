"""Effects by e-mail: asking people whom Slack did not reach."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import MAIL_REQUESTS, MailOrder, Shown
from integrations.mail.mailing import Mailing
from lifecycle.receipts import Receipt

NOT_SET_UP = "no mail server is set up"


class MailActivities:
    """Asks by one mail server, or by none."""

    def __init__(self, mailing: Mailing | None) -> None:
        self._mailing = mailing

    @activity.defn(name=MAIL_REQUESTS)
    async def mail_requests(self, order: MailOrder) -> Shown:
        """Ask people by e-mail; repeating it asks nobody twice.

        What is done is answered though others are still to be tried; the next order names those.
        """
        if self._mailing is None:  # it was when the version read its surroundings
            return Shown(receipts=tuple(_refused(one.model_dump()) for one in order.requests))
        found = await self._mailing.send(order.view, order.requests)
        if found.trouble is not None and not found.receipts:
            raise ApplicationError(str(found.trouble), type="MailUnavailable") from found.trouble
        return Shown(receipts=found.receipts)


def _refused(request: dict[str, object]) -> Receipt:
    return Receipt.model_validate(
        {**request, "way": "email", "outcome": "failed", "why": NOT_SET_UP}
    )
