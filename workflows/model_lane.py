"""One queue-keeper per model: who may be in a stage that takes one version at a time.

It only does what `lifecycle.lanes` says: versions ask for a place and give it back, and are told
whose turn it is. It lives while anybody has a place.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import CHECK_TURN, TELL_TURN, LaneStart, TurnOf
from integrations.workflow_names import LANE, PLACE
from lifecycle.errands import LaneErrand
from lifecycle.lanes import Lane, Turn, applied, heads, left, told, turns
from workflows import limits

CHECK_AGAIN = timedelta(hours=1)
"""How soon it is noticed that a version is gone without having given its turn back."""
TRY_AGAIN = timedelta(minutes=1)
"""How soon a version that did not answer is told again."""
TELL_WITHIN = timedelta(seconds=10)
_A_FEW_TIMES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
"""One version that does not answer must not keep the others from their turns."""


@workflow.defn(name=LANE)
class ModelLane:
    """Keeps the queues of one model's versions."""

    @workflow.init
    def __init__(self, start: LaneStart) -> None:
        self._lane = start.lane or Lane(model=start.model)
        self._inbox: list[LaneErrand] = list(start.waiting)
        self._silent: dict[tuple[str, str], None] = {}
        """Stages and versions that could not be told just now."""

    @workflow.signal(name=PLACE)
    def place(self, errand: LaneErrand) -> None:
        """Take a version's asking for a place, or its giving back."""
        self._inbox.append(errand)

    @workflow.run
    async def run(self, start: LaneStart) -> None:
        """Give turns until nobody has a place; `start` is only what the run began with."""
        while True:
            self._take()
            await self._tell()
            if self._inbox:
                continue
            if self._lane.is_empty:
                return
            if self._should_continue():
                workflow.continue_as_new(
                    LaneStart(model=start.model, lane=self._lane, waiting=tuple(self._inbox)),
                    initial_versioning_behavior=limits.newest_build(),
                )
            if await self._is_quiet_for(TRY_AGAIN if self._silent else CHECK_AGAIN):
                self._silent.clear()
                await self._check()

    def _take(self) -> None:
        for errand in self._inbox:
            self._lane = applied(self._lane, errand)
        self._inbox.clear()

    async def _tell(self) -> None:
        """Tell every version its place; one that no longer has it loses it here too."""
        while due := self._due():
            turn = due[0]
            is_there = await self._ask(TELL_TURN, turn)
            if is_there is None:
                self._silent[turn.stage, turn.version] = None
            elif is_there:
                self._lane = told(self._lane, turn)
            else:
                self._drop(turn)
            self._take()

    def _due(self) -> list[Turn]:
        return [t for t in turns(self._lane) if (t.stage, t.version) not in self._silent]

    async def _check(self) -> None:
        """Look whether those whose turn it is are still there."""
        for turn in heads(self._lane):
            if await self._ask(CHECK_TURN, turn) is False:
                self._drop(turn)

    def _drop(self, turn: Turn) -> None:
        self._lane = left(self._lane, turn.stage, turn.version, turn.ticket)

    async def _ask(self, what: str, turn: Turn) -> bool | None:
        """Reach a version; None when it gives no answer."""
        try:
            answer: bool = await workflow.execute_activity(
                what,
                TurnOf(model=self._lane.model, **turn.model_dump()),
                result_type=bool,
                start_to_close_timeout=TELL_WITHIN,
                retry_policy=_A_FEW_TIMES,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("%s gives no answer: %s", turn.version, error.cause)
            return None
        return answer

    async def _is_quiet_for(self, length: timedelta) -> bool:
        """Wait for a message; True when none came."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: bool(self._inbox), timeout=length)
            return False
        return True

    def _should_continue(self) -> bool:
        info = workflow.info()
        return (
            info.get_current_history_length() >= limits.SOFT_LIMIT
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )
