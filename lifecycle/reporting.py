"""What the shell reports of delivering requests, and what the state keeps of it."""

from lifecycle.commands import ReportDelivery
from lifecycle.receipts import Receipt, news_in
from lifecycle.signoff_facts import DeliveryReported
from lifecycle.state import Signoff, SignoffStatus, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.unreachable import escalate_unreached


def report_delivery(story: Story, command: ReportDelivery) -> None:
    """Put on record what is news; what is over, or known, changes nothing."""
    if story.state.is_closed:
        return
    news = tuple(new for one in command.receipts if (new := _news(story.state, one)))
    if news:
        story.add(DeliveryReported(**story.stamp, receipts=news))
        escalate_unreached(story, mails=command.mails)


def _news(state: VersionState, receipt: Receipt) -> Receipt | None:
    stage, signoff = state.stages.get(receipt.stage), _signoff(state, receipt)
    if stage is None or signoff is None or stage.status != StageStatus.ASKING:
        return None
    if signoff.status != SignoffStatus.PENDING:
        return None
    return news_in(signoff.receipts, receipt)


def _signoff(state: VersionState, receipt: Receipt) -> Signoff | None:
    stage = state.stages.get(receipt.stage)
    signoff = stage.signoffs.get(receipt.role) if stage else None
    return signoff if signoff is not None and signoff.round == receipt.round else None
