"""One database, its people and models, and a way to the workflows: what tests of versions share."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkflowRunner

from activities.contracts import READ_PREPARATION, Preparation, PreparationRequest
from activities.reading import ReadingActivities
from api.lifecycles import CannotTell, Lifecycles
from api.workers import WORKFLOWS, core_activities
from integrations.database.ledger import read_entries
from integrations.database.registry import put_lifecycle, put_model, put_person, read_roster
from integrations.database.verify import verify
from integrations.mail.mailing import Mailing
from integrations.slack.clicks import ReplyTo
from lifecycle.canonical import Entry
from lifecycle.commands import AnyCommand, Decide, Register, RequestReview, Retire
from lifecycle.definition import Lifecycle
from lifecycle.facts import AnyFact
from lifecycle.recording import version_subject
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.view import SignoffView, StageView, VersionView
from workflows.messages import (
    TASK_QUEUE,
    VIEW,
    WORKFLOW,
    Answer,
    Envelope,
    GateQuestion,
    GateReply,
    Start,
    workflow_id,
)
from workflows.outcomes import fact_of
from workflows.runner import workflow_runner

TASK = TASK_QUEUE
PATIENCE = timedelta(seconds=20)
"""How long a test waits for what must happen; a shared machine may be slow."""
LONG_AGO = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEIGHTS = "sha256:" + "a" * 64
REPORT = "sha256:" + "e" * 64
PEOPLE = ("ana", "ben", "cho", "dee")
REVIEW: dict[str, Any] = {
    "lifecycle": "review",
    "roles": ["validator"],
    "evidence": {"evaluation": {"from": ["eval"], "require": "value.auc >= 0.9"}},
    "stages": [
        {
            "name": "validate",
            "evidence": ["evaluation"],
            "signoffs": [{"role": "validator", "quorum": 2, "statement": "I reviewed it."}],
            "due": "3 days",
        }
    ],
    "gates": {"production": ["validate"]},
}


class Office:
    """A database that knows some people, and models each test names anew."""

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self.engine = engine
        self.client = client
        self.lifecycles = Lifecycles(client, decision_wait=PATIENCE)
        self._versions: list[Version] = []

    async def describe(
        self,
        definition: dict[str, Any] | None = None,
        *,
        owners: dict[str, tuple[str, ...]] | None = None,
        people: tuple[str, ...] = PEOPLE,
        model: str | None = None,
        slack_channel: str | None = None,
    ) -> str:
        """Describe people and one model under a lifecycle; give the model's name."""
        name = model or f"m-{uuid4().hex[:12]}"
        lifecycle = Lifecycle.model_validate(definition or REVIEW)
        async with self.engine.begin() as connection:
            await put_lifecycle(connection, lifecycle, by="key:admin", at=LONG_AGO)
            for person in people:
                manager = "dee" if person != "dee" and "dee" in people else None
                file = PersonFile(name=person.title(), manager=manager)
                await put_person(connection, person, file, by="key:admin", at=LONG_AGO)
            trainer = PersonFile(machine=True, identities=("mlflow:trainer",))
            await put_person(connection, "trainer", trainer, by="key:admin", at=LONG_AGO)
            held = owners or {"validator": ("ana", "ben", "cho")}
            file_ = ModelFile(
                model=name,
                lifecycle=lifecycle.lifecycle,
                owners=held,
                slack_channel=slack_channel,
            )
            await put_model(connection, file_, by="key:admin", by_person=None, at=LONG_AGO)
        return name

    async def manage(self, person: str, *, by: str, email: str | None = None) -> None:
        """Give somebody a manager."""
        file = PersonFile(name=person.title(), manager=by, email=email)
        async with self.engine.begin() as connection:
            await put_person(connection, person, file, by="key:admin", at=LONG_AGO)

    async def change_owners(self, model: str, lifecycle: str, **owners: tuple[str, ...]) -> int:
        """Give roles to others; answer the number of the new roster."""
        file = ModelFile(model=model, lifecycle=lifecycle, owners=owners)
        async with self.engine.begin() as connection:
            await put_model(connection, file, by="key:admin", by_person=None, at=LONG_AGO)
            roster = await read_roster(connection, model)
        assert roster is not None
        return roster.number

    def worker(
        self,
        *activities: Callable[..., Any],
        runner: WorkflowRunner | None = None,
        slack_queue: str | None = None,
        reading: ReadingActivities | None = None,
        mailing: Mailing | None = None,
        is_lasting: bool = True,
    ) -> Worker:
        """Give a worker as the application's, with further activities of the test's.

        One that another follows keeps nothing, or the server would look for it some seconds more.
        """
        reads = reading or ReadingActivities(self.engine, slack_queue, mails=mailing is not None)
        return Worker(
            self.client,
            task_queue=TASK_QUEUE,
            workflows=WORKFLOWS,
            activities=[*core_activities(self.engine, self.client, reads, mailing), *activities],
            workflow_runner=runner or workflow_runner(),
            max_cached_workflows=1000 if is_lasting else 0,
        )

    def version(self, model: str, version: str = "1") -> "Version":
        """Name a version of a model."""
        self._versions.append(Version(self, model, version))
        return self._versions[-1]

    async def close(self) -> None:
        """End every workflow, or the next test's worker would keep it with another database."""
        for version in self._versions:
            with suppress(RPCError):  # it never began, or has ended
                await version.handle.terminate()

    async def is_intact(self) -> bool:
        """Say whether every chain of the ledger hangs together."""
        async with self.engine.connect() as connection:
            return (await verify(connection)).is_intact


class Version:
    """One model version, spoken to as the application does."""

    def __init__(self, office: Office, model: str, version: str) -> None:
        self.office = office
        self.model = model
        self.version = version
        self.producers: tuple[str, ...] = ("mlflow:trainer",)
        self.sent = 0

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run of the workflow."""
        return self.office.client.get_workflow_handle(workflow_id(self.model, self.version))

    def new_id(self, what: str = "command") -> str:
        """Give an id that was not used before."""
        self.sent += 1
        return f"{what}-{self.sent}"

    async def ask(self, command: AnyCommand, *, start: bool = False) -> Answer:
        """Ask for something and wait for what it led to."""
        return await self.office.lifecycles.ask(
            self.model, self.version, command, update_id=command.id, start=start
        )

    async def tell(self, envelope: Envelope) -> None:
        """Tell something; it is durable afterwards."""
        await self.office.lifecycles.tell(self.model, self.version, envelope)

    async def gate(self, digest: str = WEIGHTS) -> GateReply:
        """Ask the gate to production."""
        question = GateQuestion(gate="production", digest=digest)
        return await self.office.lifecycles.gate(self.model, self.version, question)

    async def register(self) -> Answer:
        """Register the version."""
        artifacts = ({"uri": "s3://models/one", "digest": WEIGHTS},)
        command = Register.model_validate(
            {
                "id": "register",
                "by": "key:ci",
                "model": self.model,
                "version": self.version,
                "artifacts": artifacts,
                "producers": self.producers,
            }
        )
        return await self.ask(command, start=True)

    async def request(self) -> Answer:
        """Ask for review."""
        return await self.ask(RequestReview(id=self.new_id("request"), by="key:ci"))

    async def retire(self) -> Answer:
        """End the version's story."""
        return await self.ask(Retire(id=self.new_id("retire"), reason="old"))

    def evidence(self, name: str = "evaluation", **changes: Any) -> Envelope:
        """Give an event that attaches evidence which passes, unless told otherwise."""
        given_id = changes.pop("id", None) or self.new_id("event")
        body = {
            "name": name,
            "subject": WEIGHTS,
            "verdict": "pass",
            "digest": REPORT,
            "value": {"auc": 0.95},
            "time": LONG_AGO.isoformat(),
            "source": "eval",
            "event_id": given_id,
            **changes,
        }
        return Envelope(id=given_id, kind="Attach", by="key:ci", body=body)

    async def asked(self) -> StageView:
        """Bring the version to where owners are asked; give the stage."""
        await self.register()
        await self.request()
        await self.tell(self.evidence())
        found = await self.until(lambda view: view.stages[0].status == "asking")
        return found.stages[0]

    async def runs_after(self, count: int) -> list[list[Any]]:
        """Wait until there are more runs than that; give their histories, newest first."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while len(runs := await self.runs()) <= count:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)
        return runs

    async def view(self) -> VersionView:
        """Ask the workflow for the version's view."""
        found: VersionView = await self.handle.query(VIEW, result_type=VersionView)
        return found

    async def until(self, holds: Callable[[VersionView], Any]) -> VersionView:
        """Wait until the view is as it should become."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not holds(view := await self.view()):  # noqa: ASYNC110 - a query, no event
                await asyncio.sleep(0.02)
        return view

    async def settled(self, sequence: int = 0, within: timedelta = PATIENCE) -> list[AnyFact]:
        """Wait until every fact that the workflow holds is recorded; give them."""
        async with asyncio.timeout(within.total_seconds()):
            while not await self._is_settled(sequence):  # noqa: ASYNC110 - it is asked
                await asyncio.sleep(0.02)
        return await self.facts()

    async def _is_settled(self, sequence: int) -> bool:
        try:
            reply = await self.gate()
        except CannotTell:  # it is too busy
            return False
        return reply.status == "ready" and reply.recorded == reply.sequence >= sequence

    async def entries(self) -> list[Entry]:
        """Read the ledger's chain of the version."""
        async with self.office.engine.connect() as connection:
            subject = version_subject(self.model, self.version)
            return list(await read_entries(connection, subject))

    async def facts(self) -> list[AnyFact]:
        """Read the facts of the ledger's chain."""
        return [fact_of(entry) for entry in await self.entries()]

    def decision(
        self, signoff: SignoffView, person: str, decision: str = "approve", **changes: Any
    ) -> Decide:
        """Give a decision on a request as it stands."""
        given = {
            "id": self.new_id("decision"),
            "by": person,
            "signoff": signoff.id,
            "person": person,
            "decision": decision,
            "revision": signoff.revision,
            "comment": "Looked at it.",
            **changes,
        }
        return Decide.model_validate(given)

    def click(self, signoff: SignoffView, person: str, **changes: Any) -> Envelope:
        """Give a decision as Slack's ingress sends it."""
        command = self.decision(signoff, person, **changes)
        body = command.model_dump(mode="json", exclude={"id", "kind", "by"})
        reply_to = ReplyTo(team="T1", channel="C1", user=f"U-{person or 'somebody'}")
        return Envelope(id=command.id, kind="Decide", by=person, body=body, reply_to=reply_to)

    async def signal(self, name: str, *args: Any) -> None:
        """Send a raw signal, whatever it holds."""
        await self.handle.signal(name, args=args)

    async def start_raw(self, carried: dict[str, Any] | None = None) -> None:
        """Start the workflow without telling it anything."""
        await self.office.client.start_workflow(
            WORKFLOW,
            Start(model=self.model, version=self.version, carried=carried),
            id=workflow_id(self.model, self.version),
            task_queue=TASK_QUEUE,
        )

    async def history(self, run_id: str | None = None) -> list[Any]:
        """Give the events of a run, by default of the newest."""
        handle = self.office.client.get_workflow_handle(
            workflow_id(self.model, self.version), run_id=run_id
        )
        return list((await handle.fetch_history()).events)

    async def runs(self) -> list[list[Any]]:
        """Give the histories of every run, newest first."""
        runs = [await self.history()]
        while True:
            first = runs[-1][0].workflow_execution_started_event_attributes
            before = first.continued_execution_run_id
            if not before:
                return runs
            runs.append(await self.history(before))


class Held(ReadingActivities):
    """Reads nothing until it is let go."""

    def __init__(self, office: Office, let_go: asyncio.Event) -> None:
        super().__init__(office.engine)
        self._let_go = let_go

    @activity.defn(name=READ_PREPARATION)
    async def read_preparation(self, request: PreparationRequest) -> Preparation:
        """Wait, then read as ever."""
        await self._let_go.wait()
        return await super().read_preparation(request)


def named(events: list[Any], event: str) -> list[Any]:
    """Give the events of one type, as `TIMER_STARTED`."""
    wanted = EventType.Value(f"EVENT_TYPE_{event}")
    return [each for each in events if each.event_type == wanted]


def troubles(runs: list[list[Any]]) -> list[str]:
    """Say what went wrong with workflow tasks, as their histories have it.

    A task is given again when it would have ended a run that a message came for, or when many came
    while it ran; that is as it should be.
    """
    failed = [
        event.workflow_task_failed_event_attributes
        for run in runs
        for event in named(run, "WORKFLOW_TASK_FAILED")
    ]
    late = [
        event.workflow_task_timed_out_event_attributes
        for run in runs
        for event in named(run, "WORKFLOW_TASK_TIMED_OUT")
    ]
    usual = {
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    }
    return [
        f"{WorkflowTaskFailedCause.Name(each.cause)}: {each.failure.message}"
        for each in failed
        if each.cause not in usual
    ] + [f"timed out ({TimeoutType.Name(each.timeout_type)})" for each in late]


def kinds(facts: list[AnyFact]) -> list[str]:
    """Give the kinds of facts, in order."""
    return [fact.kind for fact in facts]
