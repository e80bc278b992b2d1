"""A version as its workflow holds it: the state, and what became of each message."""

from datetime import datetime

from temporalio import workflow

from integrations.search_attributes import STATE
from lifecycle.commands import AnyCommand, Refused
from lifecycle.decide import decide
from lifecycle.errands import AnyErrand
from lifecycle.evolve import was_seen
from lifecycle.facts import AnyFact, CommandRefused, CommandUnreadable
from lifecycle.gates import answer
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.state import VersionState
from lifecycle.view import GateAnswer
from workflows.carried import Carried
from workflows.inbox import Ticket, Unreadable, command_of
from workflows.mailing import Mailer
from workflows.messages import GateQuestion, GateReply
from workflows.outcomes import click_answer, quarantined, refused, unreadable
from workflows.recording import Recorder
from workflows.showing import Shower

MOST_IN_ONE_TASK = 200
"""Commands in one workflow task, so that a flood never nears the two-second deadlock limit."""
WEIGHT_IN_ONE_TASK = 4_000
"""About a quarter of a second's work, since other workflows share the processor."""
WEIGHT_OF_STAGE = 20
"""What a stage costs a command, counted in people who are looked at in each."""


class RunningVersion:
    """Hands each message to the core, and what it led to on to be recorded and shown."""

    def __init__(self, carried: Carried) -> None:
        self.state = carried.state
        self.recorder = Recorder(carried)
        self.shower = Shower(carried)
        self.mailer = Mailer(carried, self.shower)
        self._deadline: tuple[VersionState, datetime | None] | None = None

    def take(self, ticket: Ticket) -> None:
        """Take one message and note what became of it; never raises."""
        now = workflow.now()
        try:
            ticket.changed = self._apply(ticket.command or command_of(ticket.envelope), now)
            if ticket.changed and ticket.envelope.done:
                self._answer_click(ticket, ticket.envelope.done)
        except Refused as refusal:
            ticket.refusal = refusal
            self._note(ticket, refused(ticket, refusal, now))
            self._answer_click(ticket, refusal.reason)
        except Unreadable as error:
            ticket.refusal = Refused("unreadable", str(error))
            self._note(ticket, unreadable(ticket, str(error), now))
            self._answer_click(ticket, f"The click could not be read: {error}")
        except Exception as error:  # noqa: BLE001 - the one place: it is set aside, the rest goes on
            workflow.logger.exception("a command is set aside")
            ticket.trouble = "An unexpected error; the command is set aside and nothing changed."
            self._add(quarantined(ticket, error, now))
            self._answer_click(ticket, ticket.trouble)
        ticket.sequence = self.state.sequence
        ticket.is_done = True

    def most_at_once(self) -> int:
        """Give how many commands one workflow task may take; large versions cost more each."""
        people = len(self.state.roster.people) if self.state.roster else 0
        weight = max(len(self.state.stages), 1) * (WEIGHT_OF_STAGE + people)
        return min(max(WEIGHT_IN_ONE_TASK // weight, 1), MOST_IN_ONE_TASK)

    def _note(self, ticket: Ticket, fact: CommandRefused | CommandUnreadable) -> None:
        """Put on record what nobody is told at once; a caller who waits hears it instead."""
        if self.recorder.conflict:  # what is never recorded would pile up in what is carried
            return
        if not ticket.is_awaited and not was_seen(self.state, fact.cause):
            self._add(fact)

    def _add(self, *facts: AnyFact) -> None:
        self.state = self.recorder.take(facts, self.state)

    def _apply(self, command: AnyCommand, now: datetime) -> bool:
        conflict = self.conflict()
        if conflict is not None:
            raise conflict
        before = self.state
        facts = decide(before, command, now)
        self._add(*facts)
        if self.state.status != before.status or before.registered_at is None:
            workflow.upsert_search_attributes([STATE.value_set(str(self.state.status))])
        return bool(facts)

    def conflict(self) -> Refused | None:
        """Give the refusal of everything while the ledger holds another story than this one."""
        why = self.recorder.conflict
        return Refused("ledger-conflict", f"Nothing can be recorded: {why}") if why else None

    def _answer_click(self, ticket: Ticket, sentence: str) -> None:
        if ticket.envelope.reply_to is not None:
            self.shower.answers.append(click_answer(ticket.envelope.reply_to, sentence))

    @property
    def errands(self) -> list[AnyErrand]:
        """What others are still to be told."""
        return self.recorder.errands

    def is_recorded(self) -> bool:
        """Say whether every fact is in the ledger, or none ever will be."""
        return not self.recorder.entries or bool(self.recorder.conflict)

    def next_deadline(self) -> datetime | None:
        """Give the core's next deadline, computed once for each state."""
        if self._deadline is None or self._deadline[0] is not self.state:
            self._deadline = (self.state, next_deadline(self.state))
        return self._deadline[1]

    def gate(self, question: GateQuestion, *, is_busy: bool) -> GateReply:
        """Answer a gate; messages that wait for their turn mean no."""
        now = max(workflow.now(), question.now or workflow.now())
        said = answer(view(self.state), question.gate, question.digest, now)
        if is_busy or self.recorder.conflict:
            why = self.recorder.conflict or "Accepted events are not applied yet; ask again."
            said = GateAnswer(
                allowed=False,
                reasons=(why,),
                gate=question.gate,
                model=self.state.model,
                version=self.state.version,
                as_of=now,
            )
        return GateReply(
            answer=said,
            sequence=self.state.sequence,
            recorded=self.recorder.recorded,
            status="busy" if is_busy else "ready",
        )
