"""Hands the digests of a slot of time over, page by page; Temporal Schedules start it."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy, SearchAttributeKey

from activities.contracts import (
    HAND_OVER_DIGESTS,
    DigestPage,
    DigestsHandedOver,
    DigestStart,
)
from integrations.workflow_names import DIGEST_ROUND
from workflows import limits

SCHEDULED = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Temporal's own: the instant that a schedule meant, without jitter or delay."""
PAGE_WITHIN = timedelta(minutes=2)
"""Two queries, and two hundred workflows that are told."""
LASTS = timedelta(hours=4)
"""What could not be handed over in a morning is of no use after it."""
PAGES_OF_A_RUN = 50
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
_LATER = Priority(priority_key=4)


@workflow.defn(name=DIGEST_ROUND)
class DigestRound:
    """Has every person told whose day, or week, begins in one slot."""

    @workflow.run
    async def run(self, start: DigestStart) -> int:
        """Go through the people by id; give how many this run handed over."""
        at = start.at or scheduled_for()
        told, after, pages = 0, start.after, 0
        while pages == 0 or after:
            if pages == PAGES_OF_A_RUN:
                workflow.continue_as_new(
                    start.model_copy(update={"at": at, "after": after}),
                    initial_versioning_behavior=limits.newest_build(),
                )
            page = DigestPage(kind=start.kind, at=at, after=after)
            handed = await self._hand_over(page, start.slack_queue)
            told, after, pages = told + handed.count, handed.last, pages + 1
        return told

    async def _hand_over(self, page: DigestPage, queue: str) -> DigestsHandedOver:
        handed: DigestsHandedOver = await workflow.execute_activity(
            HAND_OVER_DIGESTS,
            page,
            task_queue=queue,
            start_to_close_timeout=PAGE_WITHIN,
            schedule_to_close_timeout=LASTS,
            retry_policy=_UNTIL_DONE,
            priority=_LATER,
            result_type=DigestsHandedOver,
        )
        return handed


def scheduled_for() -> datetime:
    """Give the instant that this run is for."""
    info = workflow.info()
    return info.typed_search_attributes.get(SCHEDULED) or info.start_time
