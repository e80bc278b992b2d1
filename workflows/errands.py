"""Telling others what concerns them, in the background, in order, at least once."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import RUN_ERRAND, ErrandRun
from lifecycle.errands import AnyErrand

ERRAND_WITHIN = timedelta(minutes=1)
"""Many dependents may have to be told one after the other."""
_UNTIL_DONE = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)


class Messenger:
    """Runs one errand after the other; what is under way when a run ends is run again."""

    def __init__(self, errands: list[AnyErrand]) -> None:
        self._errands = errands

    async def run(self) -> None:
        """Run errands as they come, until cancelled."""
        while True:
            await workflow.wait_condition(lambda: bool(self._errands))
            errand = self._errands[0]
            try:
                await workflow.execute_activity(
                    RUN_ERRAND,
                    ErrandRun(errand=errand),
                    start_to_close_timeout=ERRAND_WITHIN,
                    retry_policy=_UNTIL_DONE,
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.error("an errand can't be run: %s", error.cause)
            del self._errands[0]
