"""Reading what a version's rules depend on: definition, people, working time."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import READ_PREPARATION, Preparation, PreparationRequest
from integrations.database.registry import get_lifecycle, get_model
from integrations.database.roster_reading import read_roster
from integrations.working_time import resolve
from lifecycle.definition import Reopenings
from lifecycle.state import EDITION


class ReadingActivities:
    """Reads from one database, for workers that send cards from one Slack workspace."""

    def __init__(
        self,
        engine: AsyncEngine,
        slack_queue: str | None = None,
        pace: Reopenings | None = None,
    ) -> None:
        self._engine = engine
        self._pace = pace
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
                request.producers,
                definition=definition,
                now=request.now,
            )
        working = resolve(definition.calendar, request.now) if definition.calendar else None
        return Preparation(
            definition=definition,
            roster=roster,
            working=working,
            slack_queue=self.slack_queue,
            edition=EDITION,
            pace=self._pace,
        )
