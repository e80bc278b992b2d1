"""Reading what a version's rules depend on: definition, people, working time."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import (
    CHECK_DEFINITION,
    READ_PREPARATION,
    CheckedDefinition,
    DefinitionCheck,
    Preparation,
    PreparationRequest,
)
from activities.previous import read_previous
from integrations.database.registry import get_lifecycle, get_model
from integrations.database.roster_reading import read_roster
from integrations.working_time import problem_of, resolve
from lifecycle.definition import Reopenings
from lifecycle.foreseeing import problems_of
from lifecycle.state import EDITION


class ReadingActivities:
    """Reads from one database, for workers that send cards from one Slack workspace."""

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
        """Where cards go; None until the workspace is known."""

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
        working = resolve(definition.calendar, request.now) if definition.calendar else None
        return Preparation(
            definition=definition,
            roster=roster,
            working=working,
            slack_queue=self.slack_queue,
            edition=EDITION,
            pace=self._pace,
            previous=previous,
            mails=self._mails,
        )

    @activity.defn(name=CHECK_DEFINITION)
    async def check_definition(self, request: DefinitionCheck) -> CheckedDefinition:
        """Check a definition that a version shall follow, and resolve its calendar."""
        problems, calendar = problems_of(request.definition), request.definition.calendar
        problem = problem_of(calendar) if calendar else None
        if problem is not None:
            problems = (*problems, problem)
        working = resolve(calendar, request.now) if calendar and problem is None else None
        return CheckedDefinition(problems=problems, working=working)
