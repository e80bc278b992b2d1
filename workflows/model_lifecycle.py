"""One durable lifecycle per model version: messages in, facts out, timers kept. No rules here."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.contracts import READ_STORY, StoryPage, StoryRequest
from integrations.search_attributes import MODEL, STATE, VERSION
from lifecycle.commands import Refused
from lifecycle.decide import decide
from lifecycle.evolve import evolve
from lifecycle.projecting import view
from lifecycle.state import VersionState
from lifecycle.view import VersionView
from workflows import limits
from workflows.carried import taken_up
from workflows.continuing import Continuing
from workflows.inbox import Inbox, Ticket, Unreadable, command_of, number_in
from workflows.messages import (
    GATE,
    NUDGE,
    PLACES,
    PREVIEW,
    ROSTER_CHANGED,
    UPDATE,
    VIEW,
    WORKFLOW,
    Answer,
    Envelope,
    GateQuestion,
    GateReply,
    Preview,
    PreviewQuestion,
    Start,
)
from workflows.outcomes import fact_of, refusal_error
from workflows.previewing import preview
from workflows.running_version import RunningVersion
from workflows.surroundings import READ_WITHIN, UNTIL_READ, Surroundings
from workflows.taking import Taker


@workflow.defn(name=WORKFLOW)
class ModelLifecycle:
    """Keeps one model version: takes messages in order, decides, records, shows."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        carried = taken_up(start)
        self._version = RunningVersion(carried)
        self._inbox = Inbox(carried.inbox)
        self._surroundings = Surroundings(carried, self._version)
        self._taker = Taker(self._version, self._inbox, self._surroundings)
        self._continuing = Continuing(
            carried, self._version, self._inbox, self._surroundings, self._taker
        )
        self._has_begun = carried.has_begun

    @workflow.run
    async def run(self, start: Start) -> None:
        """Live until the version's story ends; `start` is only what the run began with."""
        await self._begin(start)
        self._continuing.start_background()
        while not self._state.is_closed:
            await workflow.wait_condition(self._has_work)
            self._continuing.check_background()
            await self._taker.work()
            if self._continuing.should_continue():
                await self._continuing.continue_as_new()
        await self._continuing.end()

    # Messages

    @workflow.signal(dynamic=True)
    def take(self, name: str, values: Sequence[RawValue]) -> None:
        """Take any signal as it comes; the loop reads it.

        A handler for each name would be called with whatever was sent: what can't be decoded is
        dropped, and a wrong number of values fails the workflow task, again and again.
        """
        if name == NUDGE:
            return  # waking up after a deployment is all it is for
        number = number_in(values) if name == ROSTER_CHANGED else None
        if number is None:
            self._inbox.put_signal(name, values)
        else:
            self._surroundings.want(number)

    @workflow.update(name=UPDATE)
    async def ask(self, envelope: Envelope) -> Answer:
        """Take a command and answer with what it led to, once that is recorded.

        Raises ApplicationError of type `Refused`, with the code and the sentence.
        """
        ticket = self._inbox.put(envelope)
        await workflow.wait_condition(lambda: ticket.is_done and self._may_answer(ticket))
        if ticket.refusal is not None:
            raise refusal_error(ticket.refusal)
        if ticket.trouble:
            raise ApplicationError(ticket.trouble, type="Quarantined", non_retryable=True)
        conflict = self._version.conflict()
        if conflict is not None and self._version.recorder.recorded < ticket.sequence:
            raise refusal_error(conflict)  # it was taken, and can never be on record
        return Answer(
            sequence=ticket.sequence,
            recorded=self._version.recorder.recorded >= ticket.sequence,
            changed=ticket.changed,
            view=view(self._state).model_dump(mode="json"),
        )

    @ask.validator
    def refuse_early(self, envelope: Envelope) -> None:
        """Refuse without history what the rules refuse as things stand."""
        if not isinstance(envelope, Envelope):  # null is decoded as it is, whatever the type
            raise ApplicationError("there is no message", type="Unreadable", non_retryable=True)
        if self._inbox or not self._is_ready() or self._surroundings.reads_before(envelope):
            return
        conflict = self._version.conflict()
        if conflict is not None:
            raise refusal_error(conflict)
        try:
            decide(self._state, command_of(envelope), workflow.now())
        except Refused as refusal:
            raise refusal_error(refusal) from refusal
        except Unreadable as error:
            raise ApplicationError(str(error), type="Unreadable", non_retryable=True) from error
        except Exception:  # noqa: BLE001 - it is accepted, and the loop sets it aside on record
            return

    @workflow.query(name=VIEW)
    def view(self) -> VersionView:
        """Give the version as everybody sees it."""
        return view(self._state)

    @workflow.query(name=PREVIEW)
    def preview(self, question: PreviewQuestion) -> Preview:
        """Say what a command would lead to; nothing happens by asking."""
        return preview(self._state, question, max(workflow.now(), question.now or workflow.now()))

    @workflow.query(name=PLACES)
    def places(self) -> dict[str, int]:
        """Give the places that the version has in queues, by stage."""
        return {name: stage.ticket for name, stage in self._state.stages.items() if stage.ticket}

    @workflow.query(name=GATE)
    def gate(self, question: GateQuestion) -> GateReply:
        """Answer a gate; messages that wait for their turn mean no."""
        return self._version.gate(question, is_busy=bool(self._inbox) or not self._is_ready())

    # The loop

    async def _begin(self, start: Start) -> None:
        """Ask the ledger once for earlier facts: after Temporal's retention the story goes on."""
        if self._has_begun:
            return
        workflow.upsert_search_attributes(
            [MODEL.value_set(start.model), VERSION.value_set(start.version)]
        )
        is_last = False
        while not is_last:
            page = await workflow.execute_activity(
                READ_STORY,
                StoryRequest(model=start.model, version=start.version, after=self._state.sequence),
                result_type=StoryPage,
                start_to_close_timeout=READ_WITHIN,
                retry_policy=UNTIL_READ,
            )
            for entry in page.entries:
                self._version.state = evolve(self._state, fact_of(entry))
                self._version.recorder.head = entry.head
            is_last = page.is_last
        if self._state.sequence:
            workflow.upsert_search_attributes([STATE.value_set(str(self._state.status))])
        self._has_begun = True

    def _has_work(self) -> bool:
        return (
            self._taker.has_work()
            or self._continuing.has_broken()
            or self._continuing.should_continue()
        )

    @property
    def _state(self) -> VersionState:
        return self._version.state

    def _is_ready(self) -> bool:
        return self._has_begun and not self._surroundings.is_stale()

    def _may_answer(self, ticket: Ticket) -> bool:
        recorder = self._version.recorder
        return (
            recorder.recorded >= ticket.sequence
            or recorder.is_lagging
            or bool(recorder.conflict)
            or self._continuing.is_closing
            or limits.is_overdue(recorder)
        )
