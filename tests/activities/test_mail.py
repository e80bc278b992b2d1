"""E-mail asked for by a version, where there is no mail server any more."""

from temporalio.testing import ActivityEnvironment

from activities.contracts import MailOrder
from activities.mail import NOT_SET_UP, MailActivities
from lifecycle.mailing import Unasked
from tests.integrations.slack.examples import signoff, version


async def test_a_mail_server_that_is_gone_fails_requests_once_and_is_not_waited_for() -> None:
    one = signoff()
    request = Unasked(
        signoff=one.id, stage="validate", round=1, role="validator", people=("ana", "ben")
    )
    order = MailOrder(view=version(one), requests=(request,))
    found = await ActivityEnvironment().run(MailActivities(None).mail_requests, order)
    [receipt] = found.receipts
    assert (receipt.way, receipt.outcome, receipt.why) == ("email", "failed", NOT_SET_UP)
    assert receipt.people == ("ana", "ben")
