"""What a version reads of its surroundings, and when it reads them anew."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.contracts import (
    CHECK_DEFINITION,
    READ_PREPARATION,
    CheckedDefinition,
    DefinitionCheck,
    Preparation,
    PreparationRequest,
)
from lifecycle.calendars import needs_resolving
from lifecycle.commands import Delegate, Migrate, Prepare, RequestReview
from lifecycle.roster import LEAST_AHEAD
from lifecycle.standing_in import named_people
from lifecycle.state import VersionState, VersionStatus
from workflows.carried import Carried
from workflows.inbox import Ticket, Unreadable, account_of, command_of
from workflows.messages import Envelope
from workflows.running_version import RunningVersion
from workflows.speaking import ACCOUNTS_SPEAK, Speaking, is_spoken

READ_WITHIN = timedelta(seconds=10)
STUCK = timedelta(minutes=1)
"""When a tick or a reading leaves things as they were, it is done again after this, not at once."""
UNTIL_READ = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)
)
_ONCE = RetryPolicy(maximum_attempts=1)
READS_BEFORE = "read-before-commands"
"""The patch by which some commands are preceded by a reading; the first release did none."""
_READS_BEFORE = {RequestReview.__name__, Delegate.__name__, Migrate.__name__}


class Surroundings:
    """Reads for one version: rules, people, working time, the version before."""

    def __init__(self, carried: Carried, version: RunningVersion) -> None:
        self.roster_wanted = carried.roster_wanted
        """The number of the newest roster that it was told of."""
        self._version = version
        self._not_before: datetime | None = None
        self._speaking = Speaking(version, self._read_if_possible)

    def want(self, number: int) -> None:
        """Take note that people or roles changed."""
        self.roster_wanted = max(self.roster_wanted, number)

    def needs_reading(self) -> bool:
        """Say whether something must be read before anything else is done."""
        return self.is_stale() and not is_before(self._not_before)

    def is_stale(self) -> bool:
        """Say whether what was read is missing or too old."""
        state = self._state
        if state.registered_at is None:
            return False
        if state.lifecycle is None or state.roster is None:
            return True
        if state.working is not None and needs_resolving(state.working, workflow.now()):
            return True
        # Rosters of the first release have no such end, so their histories replay as they were.
        return state.roster.runs_out(workflow.now()) or self._is_roster_old()

    def wake_at(self) -> datetime | None:
        """Give when something must be read again."""
        working, roster = self._state.working, self._state.roster
        instants = []
        if self._not_before is not None and self.is_stale():
            instants.append(self._not_before)
        elif working is not None:
            instants.append(working.until - (working.until - working.since) / 2)
        if roster is not None and roster.until is not None and not roster.runs_out(workflow.now()):
            instants.append(roster.until - LEAST_AHEAD)
        return min(instants, default=None)

    def _is_roster_old(self) -> bool:
        roster = self._state.roster
        return roster is not None and self.roster_wanted > roster.number

    async def read(
        self,
        retry: RetryPolicy = UNTIL_READ,
        *,
        begins_review: bool = False,
        also: tuple[str, ...] = (),
    ) -> None:
        """Read, and take what is new of it."""
        state, wanted = self._state, self.roster_wanted
        # Until somebody asks for review, a lifecycle file's newest version is the one to follow.
        is_free = begins_review and state.status == VersionStatus.REGISTERED
        pinned = None if is_free else state.lifecycle
        found = await workflow.execute_activity(
            READ_PREPARATION,
            PreparationRequest(
                model=state.model,
                version=state.version,
                producers=named_people(state),
                lifecycle=pinned,
                now=workflow.now(),
                also=also,
                wants_previous=begins_review or pinned is None,
                slack_queue=None if is_free else self._version.shower.queue,
            ),
            result_type=Preparation,
            start_to_close_timeout=READ_WITHIN,
            retry_policy=retry,
        )
        # A worker that does not know its workspace yet takes nothing back.
        self._version.shower.queue = found.slack_queue or self._version.shower.queue
        self._version.mailer.is_on = found.mails
        if self.roster_wanted == wanted:  # else it changed again meanwhile, and is read again
            self.roster_wanted = 0
        prepare = Prepare(
            definition=found.definition,
            roster=found.roster,
            working=found.working,
            edition=found.edition,
            pace=found.pace,
            previous=found.previous,
        )
        self._version.take(Ticket(Envelope(kind=prepare.kind), command=prepare))
        is_stuck = self.is_stale() and not self._is_roster_old()
        self._not_before = workflow.now() + STUCK if is_stuck else None

    async def _read_if_possible(self, also: tuple[str, ...] = ()) -> None:
        """Read once; while the database is away, the decisions of others don't wait for it."""
        try:
            await self.read(_ONCE, also=also)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("a message is judged by the people known so far")

    # Before a message is judged

    def reads_before(self, envelope: Envelope) -> bool:
        """Say whether a message can be judged only after a reading."""
        return self._unknown_delegate(envelope) is not None

    async def read_before(self, ticket: Ticket) -> None:
        """Read what a command depends on that was not read, or may be others by now."""
        envelope = ticket.envelope
        if self._state.roster is not None:
            await self._speaking.learn(ticket)
        if envelope.kind not in _READS_BEFORE or self._state.roster is None:
            return
        if not workflow.patched(READS_BEFORE):
            return
        if envelope.kind == RequestReview.__name__:
            if self._state.status in {VersionStatus.REGISTERED, VersionStatus.WITHDRAWN}:
                await self.read(begins_review=True)
        elif envelope.kind == Migrate.__name__:
            await self._check_definition(ticket)
        elif (name := self._unknown_delegate(envelope)) is not None:
            await self._read_if_possible((name,))

    def _unknown_delegate(self, envelope: Envelope) -> str | None:
        """Give the person that a delegation names, when nobody knows them here."""
        name, roster = envelope.body.get("to"), self._state.roster
        if envelope.kind != Delegate.__name__ or roster is None or not isinstance(name, str):
            return None
        return name[:100] if roster.person(name) is None else None

    async def _check_definition(self, ticket: Ticket) -> None:
        """Have a definition checked and its calendar resolved, and put both with the command."""
        try:
            command = command_of(ticket.envelope)
        except Unreadable:
            return  # it is refused when it is taken
        if isinstance(command, Migrate):
            found = await workflow.execute_activity(
                CHECK_DEFINITION,
                DefinitionCheck(definition=command.definition, now=workflow.now()),
                result_type=CheckedDefinition,
                start_to_close_timeout=READ_WITHIN,
                retry_policy=UNTIL_READ,
            )
            ticket.command = command.model_copy(
                update={"working": found.working, "problems": found.problems}
            )

    async def learn_who_clicked(self, ticket: Ticket) -> None:
        """Find out, before a click is judged, whose account it is that nobody knows yet.

        So it was done for clicks as earlier releases sent them.
        """
        if is_spoken(ticket) and workflow.patched(ACCOUNTS_SPEAK):
            return
        roster, account = self._state.roster, account_of(ticket.envelope)
        if roster is None or account is None:
            return
        identity = f"slack:{account.team}/{account.user}"
        if roster.person(identity) is None:
            await self._read_if_possible()
        if self._state.roster is not None and self._state.roster.person(identity) is None:
            await self._version.shower.recognise(account)
            await self._read_if_possible()

    @property
    def _state(self) -> VersionState:
        return self._version.state


def is_before(instant: datetime | None) -> bool:
    """Say whether an instant is still to come."""
    return instant is not None and workflow.now() < instant
