"""One durable lifecycle per model version: messages in, facts out, timers kept. No rules here."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.contracts import (
    READ_PREPARATION,
    READ_STORY,
    Preparation,
    PreparationRequest,
    StoryPage,
    StoryRequest,
)
from integrations.search_attributes import MODEL, STATE, VERSION
from lifecycle.calendars import needs_resolving
from lifecycle.commands import Prepare, Refused, Tick
from lifecycle.decide import decide
from lifecycle.evolve import evolve
from lifecycle.projecting import view
from lifecycle.roster import LEAST_AHEAD
from lifecycle.standing_in import named_people
from lifecycle.state import VersionState
from lifecycle.view import VersionView
from workflows.alarm import BREATH, Alarm, cancelled
from workflows.carried import Carried, taken_up
from workflows.inbox import Inbox, Ticket, Unreadable, account_of, command_of, number_in
from workflows.messages import (
    GATE,
    NUDGE,
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

SOFT_LIMIT = 400
"""History events after which a run ends once it is idle; replay cost grows faster than history."""
HARD_LIMIT = 800
LAST_LIMIT = 1_200
"""From here on answers don't wait for their recording: under steady load a run would never end."""
LARGEST_CARRIED = 512 * 1024
"""Characters of unrecorded facts that a run hands on; what starts a run holds 2 MB at most."""
READ_WITHIN = timedelta(seconds=10)
LAST_WORD = timedelta(days=7)
"""How long a finished story waits for Slack to show its end."""
STUCK = timedelta(minutes=1)
"""When a tick or a reading leaves things as they were, it is done again after this, not at once."""
_UNTIL_READ = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)
)
_ONCE = RetryPolicy(maximum_attempts=1)


@workflow.defn(name=WORKFLOW)
class ModelLifecycle:
    """Keeps one model version: takes messages in order, decides, records, shows."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        carried = taken_up(start)
        self._carried = carried
        self._version = RunningVersion(carried)
        self._inbox = Inbox(carried.inbox)
        self._roster_wanted = carried.roster_wanted
        self._has_begun = carried.has_begun
        self._is_closing = False
        self._alarm = Alarm()
        self._background: list[asyncio.Task[None]] = []
        self._tick_not_before: datetime | None = None
        self._read_not_before: datetime | None = None

    @workflow.run
    async def run(self, start: Start) -> None:
        """Live until the version's story ends; `start` is only what the run began with."""
        await self._begin(start)
        self._background = self._start_background()
        while not self._state.is_closed:
            await workflow.wait_condition(self._has_work)
            self._check_background()
            await self._work()
            if self._should_continue():
                await self._drain()
                self._continue_as_new()
        await self._end()

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
            self._roster_wanted = max(self._roster_wanted, number)

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
            view=self._view().model_dump(mode="json"),
        )

    @ask.validator
    def refuse_early(self, envelope: Envelope) -> None:
        """Refuse without history what the rules refuse as things stand."""
        if not isinstance(envelope, Envelope):  # null is decoded as it is, whatever the type
            raise ApplicationError("there is no message", type="Unreadable", non_retryable=True)
        if self._inbox or not self._is_ready():
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
        return self._view()

    @workflow.query(name=PREVIEW)
    def preview(self, question: PreviewQuestion) -> Preview:
        """Say what a command would lead to; nothing happens by asking."""
        return preview(self._state, question, max(workflow.now(), question.now or workflow.now()))

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
                retry_policy=_UNTIL_READ,
            )
            for entry in page.entries:
                self._version.state = evolve(self._state, fact_of(entry))
                self._version.recorder.head = entry.head
            is_last = page.is_last
        if self._state.sequence:
            workflow.upsert_search_attributes([STATE.value_set(str(self._state.status))])
        self._has_begun = True

    def _start_background(self) -> list[asyncio.Task[None]]:
        return [
            asyncio.create_task(self._version.recorder.run(lambda: self._state)),
            asyncio.create_task(self._version.shower.run(self._view, self._showable)),
            asyncio.create_task(self._version.shower.answer()),
        ]

    def _has_broken(self) -> bool:
        return any(t.done() and not t.cancelled() and t.exception() for t in self._background)

    def _check_background(self) -> None:
        """Fail the workflow task, loudly, when something beside the loop broke.

        The task is retried until the code is mended; the workflow itself never fails.
        """
        for task in self._background:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise RuntimeError("a background part of the workflow broke") from error

    def _showable(self) -> int:
        """Give how far Slack may be shown: cards follow the record, never run ahead of it."""
        return self._state.sequence if not self._version.recorder.entries else 0

    def _has_work(self) -> bool:
        return (
            bool(self._inbox)
            or self._has_broken()
            or self._needs_reading()
            or self._is_due()
            or self._alarm.is_late_for(self._wake_at())
            or self._should_continue()
        )

    async def _take_all(self) -> None:
        """Take every message; after a bound the rest waits for the next workflow task."""
        while self._inbox:
            for _ in range(min(self._version.most_at_once(), len(self._inbox))):
                self._version.take(self._inbox.next())
            if self._inbox:
                await self._breathe()

    async def _breathe(self) -> None:
        """Let the workflow task end, and go on once the facts so far are recorded.

        A server may fire the shortest timer a second late; recording takes milliseconds.
        """
        if not self._is_recorded():
            with suppress(TimeoutError):
                await workflow.wait_condition(self._is_recorded, timeout=BREATH)
        else:
            await workflow.sleep(BREATH)

    async def _work(self) -> None:
        """Take what has come, up to a bound; then let the workflow task end."""
        for _ in range(self._version.most_at_once()):
            if self._needs_reading():
                await self._read_surroundings()
            elif self._inbox:
                await self._learn_who_clicked(self._inbox.first())
                self._version.take(self._inbox.next())
            elif self._is_due():
                self._tick()
            else:
                break
        else:
            await self._breathe()
        self._alarm.set(self._wake_at())

    def _tick(self) -> None:
        now = workflow.now()
        self._version.take(Ticket(Envelope(kind="Tick"), command=Tick()))
        due = self._version.next_deadline()
        self._tick_not_before = now + STUCK if due is not None and due <= now else None

    # Surroundings

    async def _learn_who_clicked(self, ticket: Ticket) -> None:
        """Find out, before a click is judged, whose account it is that nobody knows yet."""
        roster, account = self._state.roster, account_of(ticket.envelope)
        if roster is None or account is None:
            return
        identity = f"slack:{account.team}/{account.user}"
        if roster.person(identity) is None:
            await self._read_if_possible()
        if self._state.roster is not None and self._state.roster.person(identity) is None:
            await self._version.shower.recognise(account)
            await self._read_if_possible()

    async def _read_if_possible(self) -> None:
        """Read once; while the database is away, the decisions of others don't wait for a click."""
        try:
            await self._read_surroundings(_ONCE)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("a click is judged by the people known so far")

    def _is_ready(self) -> bool:
        return self._has_begun and not self._is_stale()

    def _needs_reading(self) -> bool:
        return self._is_stale() and not _is_before(self._read_not_before)

    def _is_stale(self) -> bool:
        state = self._state
        if state.registered_at is None:
            return False
        if state.lifecycle is None or state.roster is None:
            return True
        if state.working is not None and needs_resolving(state.working, workflow.now()):
            return True
        # Rosters of the first release have no such end, so their histories replay as they were.
        return state.roster.runs_out(workflow.now()) or self._is_roster_old()

    def _is_roster_old(self) -> bool:
        roster = self._state.roster
        return roster is not None and self._roster_wanted > roster.number

    async def _read_surroundings(self, retry: RetryPolicy = _UNTIL_READ) -> None:
        state, wanted = self._state, self._roster_wanted
        found = await workflow.execute_activity(
            READ_PREPARATION,
            PreparationRequest(
                model=state.model,
                version=state.version,
                producers=named_people(state),
                lifecycle=state.lifecycle,
                now=workflow.now(),
            ),
            result_type=Preparation,
            start_to_close_timeout=READ_WITHIN,
            retry_policy=retry,
        )
        # A worker that does not know its workspace yet takes nothing back.
        self._version.shower.queue = found.slack_queue or self._version.shower.queue
        if self._roster_wanted == wanted:  # else it changed again meanwhile, and is read again
            self._roster_wanted = 0
        prepare = Prepare(
            definition=found.definition,
            roster=found.roster,
            working=found.working,
            edition=found.edition,
            pace=found.pace,
            previous=found.previous,
        )
        self._version.take(Ticket(Envelope(kind=prepare.kind), command=prepare))
        is_stuck = self._is_stale() and not self._is_roster_old()
        self._read_not_before = workflow.now() + STUCK if is_stuck else None

    # Time

    def _is_due(self) -> bool:
        due = self._version.next_deadline()
        return due is not None and not _is_before(due) and not _is_before(self._tick_not_before)

    def _wake_at(self) -> datetime | None:
        due, working = self._version.next_deadline(), self._state.working
        instants = []
        if due is not None:
            instants.append(max(due, self._tick_not_before or due))
        if self._read_not_before is not None and self._is_stale():
            instants.append(self._read_not_before)
        elif working is not None:
            instants.append(working.until - (working.until - working.since) / 2)
        roster = self._state.roster
        if roster is not None and roster.until is not None and not roster.runs_out(workflow.now()):
            instants.append(roster.until - LEAST_AHEAD)
        return min(instants, default=None)

    # Ends

    def _should_continue(self) -> bool:
        if self._version.recorder.backlog > LARGEST_CARRIED:
            return False  # until the database is back; the history may grow meanwhile
        info = workflow.info()
        length = info.get_current_history_length()
        if length >= HARD_LIMIT or info.is_continue_as_new_suggested():
            return True
        is_idle = not self._inbox and workflow.all_handlers_finished()
        is_old = length >= SOFT_LIMIT or info.is_target_worker_deployment_version_changed()
        return is_old and is_idle and not self._version.recorder.entries

    def _continue_as_new(self) -> None:
        workflow.continue_as_new(
            Start(
                model=self._state.model,
                version=self._state.version,
                carried=self._to_carry().model_dump(mode="json", by_alias=True),
            ),
            initial_versioning_behavior=_newest_build(),
        )

    async def _drain(self) -> None:
        """Stop what runs beside, let answers leave, and take what still comes."""
        recording, *showing = self._background
        await cancelled(showing)
        await self._alarm.stop()
        breath = asyncio.create_task(workflow.sleep(BREATH))
        while not (breath.done() and self._is_quiet()):
            await self._take_all()
            await workflow.wait_condition(
                lambda: bool(self._inbox) or (breath.done() and self._is_quiet())
            )
        # From here on nothing is recorded by this run; the facts of what still comes are carried.
        self._is_closing = True
        await cancelled([recording])
        while self._inbox or not workflow.all_handlers_finished():
            await self._take_all()
            await workflow.wait_condition(
                lambda: bool(self._inbox) or workflow.all_handlers_finished()
            )

    def _is_quiet(self) -> bool:
        lags = self._version.recorder.is_lagging or self._is_overdue()
        is_flushed = self._is_recorded() or lags
        return not self._inbox and is_flushed and workflow.all_handlers_finished()

    def _to_carry(self) -> Carried:
        return self._carried.model_copy(
            update={
                "state": self._state,
                "head": self._version.recorder.head,
                "inbox": self._inbox.left_over(),
                "entries": tuple(self._version.recorder.entries),
                "signoffs": self._version.recorder.projector.signoffs,
                "events": self._version.recorder.projector.events,
                "answers": tuple(self._version.shower.answers),
                "shown": self._version.shower.shown,
                "roster_wanted": self._roster_wanted,
                "slack_queue": self._version.shower.queue,
                "conflict": self._version.recorder.conflict,
                "has_begun": self._has_begun,
            }
        )

    async def _end(self) -> None:
        """Record and show the end of the story; late messages are answered until then.

        Whatever is left when the history grows long, or the database is away, is the next run's.
        """
        deadline = workflow.now() + LAST_WORD
        while not self._is_told() and not self._should_continue() and _is_before(deadline):
            await self._take_all()
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: bool(self._inbox) or self._is_told() or self._should_continue(),
                    timeout=max(deadline - workflow.now(), BREATH),
                )
        await self._drain()
        if not self._is_recorded() or (not self._is_told() and _is_before(deadline)):
            self._continue_as_new()
        if not self._is_told():
            workflow.logger.warning("the end of the story could not be shown in Slack")

    def _is_told(self) -> bool:
        is_shown = self._version.shower.is_done(self._state.sequence)
        return not self._inbox and self._is_recorded() and is_shown

    def _is_recorded(self) -> bool:
        return not self._version.recorder.entries or bool(self._version.recorder.conflict)

    # Small things

    @property
    def _state(self) -> VersionState:
        return self._version.state

    def _view(self) -> VersionView:
        return view(self._state)

    def _may_answer(self, ticket: Ticket) -> bool:
        recorder = self._version.recorder
        return (
            recorder.recorded >= ticket.sequence
            or recorder.is_lagging
            or bool(recorder.conflict)
            or self._is_closing
            or self._is_overdue()
        )

    def _is_overdue(self) -> bool:
        if self._version.recorder.backlog > LARGEST_CARRIED:
            return False
        return workflow.info().get_current_history_length() >= LAST_LIMIT


def _is_before(instant: datetime | None) -> bool:
    return instant is not None and workflow.now() < instant


def _newest_build() -> workflow.ContinueAsNewVersioningBehavior | None:
    """Let the next run move to the newest build, where workers are versioned."""
    if workflow.info().get_current_deployment_version() is None:
        return None
    return workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
