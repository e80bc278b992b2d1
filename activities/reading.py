"""Reading what a version's rules depend on: definition, people, working time."""

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import (
    CHECK_DEFINITION,
    READ_ACCOUNT,
    READ_PREPARATION,
    AccountAnswer,
    AccountQuestion,
    CheckedDefinition,
    DefinitionCheck,
    Preparation,
    PreparationRequest,
)
from activities.previous import read_previous
from integrations.database.registry import get_lifecycle, get_model
from integrations.database.roster_reading import read_roster
from integrations.database.slack_checks import last_check
from integrations.database.slack_places import place_of, places
from integrations.workflow_names import slack_queue, workspace_of
from integrations.working_time import problem_of, resolve
from lifecycle.definition import Reopenings
from lifecycle.foreseeing import problems_of
from lifecycle.state import EDITION


class ReadingActivities:
    """Reads from one database."""

    def __init__(
        self,
        engine: AsyncEngine,
        slack_queue: str | None = None,
        pace: Reopenings | None = None,
        *,
        mails: bool = False,
    ) -> None:
        self._engine = engine
        self._pace = pace
        self._mails = mails
        self.slack_queue = slack_queue
        """The queue of the settings' own workspace; None until it is known, or where it is none."""
        self.is_home_unknown = False
        """Whether the settings name a workspace of which Slack did not say yet which one it is."""

    @activity.defn(name=READ_PREPARATION)
    async def read_preparation(self, request: PreparationRequest) -> Preparation:
        """Read the model's current lifecycle, unless one is pinned, its people and working time.

        Raises ApplicationError while the model or its lifecycle is missing, to be tried again.
        """
        async with self._engine.connect() as connection:
            record = await get_model(connection, request.model)
            if record is None:
                raise ApplicationError(f"model {request.model} is not known", type="UnknownModel")
            definition = request.lifecycle
            if definition is None:
                name = record.file.lifecycle
                definition = await get_lifecycle(connection, name)
                if definition is None:
                    raise ApplicationError(
                        f"lifecycle {name} is not known", type="UnknownLifecycle"
                    )
            roster = await read_roster(
                connection,
                request.model,
                (*request.producers, *request.also),
                definition=definition,
                now=request.now,
            )
            previous = await read_previous(connection, request) if request.wants_previous else None
            queue = await self._queue(connection, record.file.slack_team, request.slack_queue)
        working = resolve(definition.calendar, request.now) if definition.calendar else None
        return Preparation(
            definition=definition,
            roster=roster,
            working=working,
            slack_queue=queue,
            edition=EDITION,
            pace=self._pace,
            previous=previous,
            mails=self._mails,
        )

    async def _queue(
        self, connection: AsyncConnection, named: str | None, current: str | None
    ) -> str | None:
        """Choose the queue of the workspace that a version's cards go to."""
        if self.is_home_unknown:  # else cards would go elsewhere meanwhile
            return current or (slack_queue(named) if named else None)
        known = await places(connection, workspace_of(self.slack_queue))
        place = place_of(named, known, workspace_of(current))
        return slack_queue(place) if place else None

    @activity.defn(name=READ_ACCOUNT)
    async def read_account(self, question: AccountQuestion) -> AccountAnswer:
        """Give what Slack last said of an account."""
        async with self._engine.connect() as connection:
            found = await last_check(connection, question.team, question.user)
        if found is None:
            return AccountAnswer()
        return AccountAnswer(barred=found.barred, checked_at=found.checked_at)

    @activity.defn(name=CHECK_DEFINITION)
    async def check_definition(self, request: DefinitionCheck) -> CheckedDefinition:
        """Check a definition that a version shall follow, and resolve its calendar."""
        problems, calendar = problems_of(request.definition), request.definition.calendar
        problem = problem_of(calendar) if calendar else None
        if problem is not None:
            problems = (*problems, problem)
        working = resolve(calendar, request.now) if calendar and problem is None else None
        return CheckedDefinition(problems=problems, working=working)
