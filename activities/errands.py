"""Effects on other workflows: what one version tells others, and whose turn it is."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.contracts import CHECK_TURN, RUN_ERRAND, TELL_TURN, ErrandRun, LaneStart, TurnOf
from integrations.database.dependents import built_on
from integrations.workflow_names import (
    LANE,
    PLACE,
    PLACES,
    SIGNAL,
    TASK_QUEUE,
    lane_id,
    workflow_id,
)
from lifecycle.commands import AnyCommand, TakeTurn, VoidBase
from lifecycle.errands import BaseVoidedErrand, LaneErrand

SYSTEM = "system"
"""The principal of what versions tell each other."""


class ErrandActivities:
    """Runs errands between the workflows of one Temporal, with one database."""

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self._engine = engine
        self._client = client

    @activity.defn(name=RUN_ERRAND)
    async def run_errand(self, run: ErrandRun) -> None:
        """Tell others what concerns them; whoever hears it twice takes it once."""
        match run.errand:
            case BaseVoidedErrand():
                await self._tell_dependents(run.errand)
            case LaneErrand():
                await self._tell_lane(run.errand)

    async def _tell_dependents(self, errand: BaseVoidedErrand) -> None:
        """Tell every open version of the models that are built on this one."""
        async with self._engine.connect() as connection:
            dependents = await built_on(connection, errand.model)
        for model, version in dependents:
            command = VoidBase(
                id=errand.id,
                by=SYSTEM,
                model=errand.model,
                version=errand.version,
                why=errand.why[:3000],
            )
            await self._send(model, version, command)

    async def _tell_lane(self, errand: LaneErrand) -> None:
        await self._client.start_workflow(
            LANE,
            LaneStart(model=errand.model),
            id=lane_id(errand.model),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal=PLACE,
            start_signal_args=[errand],
        )

    @activity.defn(name=TELL_TURN)
    async def tell_turn(self, turn: TurnOf) -> bool:
        """Tell a version its place in a queue; False when it no longer has that place."""
        if not await self._has_place(turn):
            return False
        return await self._send(
            turn.model,
            turn.version,
            TakeTurn(by=SYSTEM, stage=turn.stage, behind=turn.behind, ticket=turn.ticket),
        )

    @activity.defn(name=CHECK_TURN)
    async def check_turn(self, turn: TurnOf) -> bool:
        """Say whether a version still has its place: one that ended or is lost has none."""
        return await self._has_place(turn)

    async def _has_place(self, turn: TurnOf) -> bool:
        """Ask the version itself; what ended without a word is known by its workflow's status."""
        handle = self._handle(turn.model, turn.version)
        try:
            described = await handle.describe()
            if described.status != WorkflowExecutionStatus.RUNNING:
                return False
            places = await handle.query(PLACES, result_type=dict[str, int])
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return bool(places.get(turn.stage) == turn.ticket)

    async def _send(self, model: str, version: str, command: AnyCommand) -> bool:
        """Send a command to a version; False when it has ended."""
        try:
            await self._handle(model, version).signal(SIGNAL, _envelope(command))
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    def _handle(self, model: str, version: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id(model, version))


def _envelope(command: AnyCommand) -> dict[str, Any]:
    """Give a command as versions take it."""
    body = command.model_dump(mode="json", exclude={"id", "by", "kind"})
    return {"id": command.id, "by": command.by, "kind": command.kind, "body": body}
