"""The way to the running versions: asking, telling, gates."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from integrations.together import Together
from lifecycle.commands import AnyCommand, Refused
from workflows.messages import (
    GATE,
    PREVIEW,
    ROSTER_CHANGED,
    SIGNAL,
    TASK_QUEUE,
    UPDATE,
    WORKFLOW,
    Answer,
    Envelope,
    GateQuestion,
    GateReply,
    Preview,
    PreviewQuestion,
    Start,
    workflow_id,
)

REACH_WITHIN = timedelta(seconds=2)
QUERY_WITHIN = timedelta(seconds=3)
SIGNAL_WITHIN = timedelta(seconds=5)
MOST_AT_ONCE = 8
"""Updates of one version that this process has under way; Temporal takes 10 at a time a run."""
_RETRIED = {
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.RESOURCE_EXHAUSTED,  # other processes have theirs under way
}
_PAUSE = timedelta(milliseconds=100)


class UnknownVersion(LookupError):  # noqa: N818 - it names what was found
    """No workflow was ever started for this version."""


class VersionClosed(Exception):  # noqa: N818 - it names what was found
    """The version's story has ended."""


class NothingSent(Exception):  # noqa: N818 - it names what was found
    """Temporal can't be reached and nothing was sent; the same call may be repeated."""


class Backlogged(NothingSent):
    """The version has as many waiting messages as Temporal takes (10,000 a run)."""


class OutcomeUnknown(Exception):  # noqa: N818 - it names what was found
    """No answer in time; the command may still be applied. Repeat it under the same id."""


class CannotTell(Exception):  # noqa: N818 - it names what was found
    """The workflow gave no answer to a question."""


class Lifecycles:
    """Reaches the workflow of each version by one client."""

    def __init__(self, client: Client, *, decision_wait: timedelta) -> None:
        self._client = client
        self._decision_wait = decision_wait
        self._reaching = Together(self._reached)
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()

    async def ask(
        self, model: str, version: str, command: AnyCommand, *, update_id: str, start: bool = False
    ) -> Answer:
        """Ask for something and wait for what it led to.

        Raises Refused, UnknownVersion, VersionClosed, NothingSent and, when no answer came within
        the decision wait, OutcomeUnknown; then the same `update_id` may be asked again.
        """
        await self._check_reachable()
        body = command.model_dump(mode="json", exclude={"id", "by", "kind"})
        envelope = Envelope(id=command.id, kind=command.kind, by=command.by, body=body)
        turn = self._turns.setdefault((model, version), asyncio.Semaphore(MOST_AT_ONCE))
        is_sent = False
        try:
            async with asyncio.timeout(self._decision_wait.total_seconds()), turn:
                is_sent = True
                return await self._ask_again(model, version, envelope, update_id, start=start)
        except TimeoutError as error:
            if not is_sent:
                raise Backlogged(f"{model} {version} has too many waiting commands") from error
            raise OutcomeUnknown("no answer in time") from error

    async def _ask_again(
        self, model: str, version: str, envelope: Envelope, update_id: str, *, start: bool
    ) -> Answer:
        """Ask until there is an answer: a run that continues as new refuses for a moment."""
        while True:
            try:
                return await self._ask_once(model, version, envelope, update_id, start=start)
            except WorkflowUpdateFailedError as error:
                raise _refusal(error) from error
            except WorkflowAlreadyStartedError as error:
                raise VersionClosed(f"{model} {version} has ended") from error
            except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                raise OutcomeUnknown("no answer in time") from error
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    raise _not_found(model, version, error) from error
                if error.status not in _RETRIED:
                    raise OutcomeUnknown(error.message) from error
            await asyncio.sleep(_PAUSE.total_seconds())

    async def _ask_once(
        self, model: str, version: str, envelope: Envelope, update_id: str, *, start: bool
    ) -> Answer:
        if not start:
            handle = self._handle(model, version)
            answered = await handle.execute_update(
                UPDATE, envelope, id=update_id, result_type=Answer
            )
        else:
            answered = await self._client.execute_update_with_start_workflow(
                UPDATE,
                envelope,
                id=update_id,
                result_type=Answer,
                start_workflow_operation=WithStartWorkflowOperation(
                    WORKFLOW,
                    Start(model=model, version=version),
                    id=workflow_id(model, version),
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                ),
            )
        return Answer.model_validate(answered)

    async def tell(
        self, model: str, version: str, envelope: Envelope, *, start: bool = False
    ) -> None:
        """Tell something; it is durable when this returns.

        Raises UnknownVersion, VersionClosed, or NothingSent when it is certainly not kept, and
        OutcomeUnknown when nobody knows.
        """
        await self._check_reachable()
        try:
            if start:
                await self._client.start_workflow(
                    WORKFLOW,
                    Start(model=model, version=version),
                    id=workflow_id(model, version),
                    task_queue=TASK_QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    start_signal=SIGNAL,
                    start_signal_args=[envelope],
                )
            else:
                await self._handle(model, version).signal(
                    SIGNAL, envelope, rpc_timeout=SIGNAL_WITHIN
                )
        except WorkflowAlreadyStartedError as error:
            raise VersionClosed(f"{model} {version} has ended") from error
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise _not_found(model, version, error) from error
            if error.status == RPCStatusCode.RESOURCE_EXHAUSTED:
                raise Backlogged(f"{model} {version} has too many waiting messages") from error
            raise OutcomeUnknown(error.message) from error

    async def gate(self, model: str, version: str, question: GateQuestion) -> GateReply:
        """Ask the workflow whether bytes may pass; raises CannotTell and UnknownVersion."""
        return GateReply.model_validate(
            await self._query(model, version, GATE, question, GateReply)
        )

    async def preview(
        self, model: str, version: str, command: AnyCommand, *, now: datetime
    ) -> Preview:
        """Ask what a command would lead to, without giving it.

        Raises Refused as the command would, CannotTell and UnknownVersion.
        """
        envelope = Envelope(
            id=command.id,
            kind=command.kind,
            by=command.by,
            body=command.model_dump(mode="json", exclude={"id", "by", "kind"}),
        )
        question = PreviewQuestion(envelope=envelope, now=now)
        found = Preview.model_validate(
            await self._query(model, version, PREVIEW, question, Preview)
        )
        if found.code:
            raise Refused(found.code, found.reason)
        return found

    async def _query(
        self, model: str, version: str, query: str, argument: Any, result_type: type
    ) -> Any:
        try:
            return await self._handle(model, version).query(
                query, argument, result_type=result_type, rpc_timeout=QUERY_WITHIN
            )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise UnknownVersion(f"{model} {version} was never started") from error
            raise CannotTell(f"the workflow gave no answer: {error.message}") from error
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise CannotTell(f"the workflow gave no answer: {error}") from error

    async def roster_changed(self, model: str, versions: Iterable[str], number: int) -> None:
        """Tell running versions that people or roles changed; those that ended are passed over."""
        for version in versions:
            try:
                await self._handle(model, version).signal(
                    ROSTER_CHANGED, number, rpc_timeout=SIGNAL_WITHIN
                )
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise NothingSent(error.message) from error

    async def is_reachable(self) -> bool:
        """Say whether Temporal answers."""
        return bool(await self._reaching.of("Temporal"))

    async def _reached(self, names: Collection[str]) -> dict[str, bool]:
        try:
            is_well = await self._client.service_client.check_health(timeout=REACH_WITHIN)
        except RPCError:
            is_well = False
        return dict.fromkeys(names, is_well)

    async def _check_reachable(self) -> None:
        if not await self.is_reachable():
            raise NothingSent("Temporal can't be reached")

    def _handle(self, model: str, version: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(workflow_id(model, version))


def _not_found(model: str, version: str, error: RPCError) -> Exception:
    if "completed" in error.message:
        return VersionClosed(f"{model} {version} has ended")
    return UnknownVersion(f"{model} {version} was never started")


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return OutcomeUnknown(str(cause))
    if cause.type == "Refused":
        return Refused(str(cause.details[0]) if cause.details else "refused", cause.message)
    return Refused((cause.type or "failed").lower(), cause.message)
