"""A whole house for tests: real PostgreSQL, real Temporal, a worker, the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.reading import ReadingActivities
from api.app import create_app
from api.deps import Composition, utc_now
from api.lifecycles import Lifecycles
from api.probes import temporal_probe, worker_probe
from api.workers import WORKFLOWS, core_activities
from integrations.database.keys import create_key
from integrations.settings import Settings
from workflows.messages import TASK_QUEUE
from workflows.runner import workflow_runner

NOWHERE = "127.0.0.1:1"
BYTES = "sha256:" + "a" * 64
OTHER_BYTES = "sha256:" + "b" * 64
REPORT = "sha256:" + "c" * 64
STATEMENT = "I reviewed the evaluation independently of its authors."
PROBLEM = "application/problem+json"


@dataclass
class Clock:
    """A clock that tests put forward."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, length: timedelta) -> None:
        self.now += length


@dataclass
class House:
    """The application, and clients with keys of its own making."""

    engine: AsyncEngine
    composition: Composition
    http: AsyncClient
    keys: dict[str, str] = field(default_factory=dict)
    has_people: bool = False

    async def key(self, *scopes: str, **more: Any) -> str:
        """Issue a key and give its text."""
        async with self.engine.begin() as connection:
            _, text = await create_key(
                connection, scopes=scopes, by="system", at=self.composition.clock(), **more
            )
        return text

    async def call(
        self, method: str, path: str, *, key: str | None = None, **more: Any
    ) -> Response:
        """Send a request, as the administrator unless a key is given."""
        if key is None:
            key = self.keys.get("admin") or await self.key("admin")
            self.keys["admin"] = key
        headers = {"authorization": f"Bearer {key}", **more.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> Response:
        return await self.call("GET", path, **more)

    async def put(self, path: str, **more: Any) -> Response:
        return await self.call("PUT", path, **more)

    async def post(self, path: str, **more: Any) -> Response:
        return await self.call("POST", path, **more)

    async def pipeline(self, *models: str, **more: Any) -> str:
        """Issue a pipeline's key for models."""
        limits = {"events": ("undersigned.*",), "sources": ("*",), **more}
        return await self.key("pipeline", models=models or ("*",), **limits)

    async def describe(self, lifecycle: dict[str, Any] | None = None, **model: Any) -> str:
        """Describe people, a lifecycle and a model of new names; give the model's."""
        name = f"m-{uuid4().hex[:8]}"
        for person in () if self.has_people else ("dee", "ana", "ben", "cho"):
            described = {"name": person.title(), "manager": None if person == "dee" else "dee"}
            assert (await self.put(f"/v1/people/{person}", json=described)).status_code == 200
        self.has_people = True
        rules = {**SMALL, "lifecycle": name, **(lifecycle or {})}
        applied = await self.put(f"/v1/lifecycles/{name}", json=rules)
        assert applied.status_code == 200, applied.text
        file = {"model": name, "lifecycle": name, "owners": {"validator": ["ben"]}, **model}
        taken = await self.put(f"/v1/models/{name}", json=file)
        assert taken.status_code == 200, taken.text
        return name

    async def register(self, model: str, version: str = "1", digest: str = BYTES) -> Response:
        """Register a version of one artifact made by Ana."""
        body = {
            "version": version,
            "artifact": {"uri": f"s3://models/{version}", "digest": digest},
            "producers": ["ana"],
        }
        return await self.post(f"/v1/models/{model}/versions", json=body)


SMALL: dict[str, Any] = {
    "lifecycle": "small",
    "roles": ["validator"],
    "evidence": {"evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"}},
    "stages": [
        {
            "name": "validate",
            "evidence": ["evaluation"],
            "evidence_due": "2 days",
            "signoffs": [{"role": "validator", "statement": STATEMENT}],
            "due": "3 days",
        }
    ],
    "gates": {"production": ["validate"]},
}


def event(type_: str, **data: Any) -> dict[str, Any]:
    """Make a CloudEvent with an id of its own."""
    source = data.pop("source", "evaluation")
    return {
        "specversion": "1.0",
        "id": data.pop("id", uuid4().hex),
        "source": source,
        "type": f"undersigned.{type_}",
        "time": data.pop("time", "2026-03-02T09:00:00Z"),
        "data": data,
    }


def evidence(model: str, version: str = "1", **more: Any) -> dict[str, Any]:
    """Make the event of a passed evaluation."""
    data = {
        "name": "evaluation",
        "verdict": "pass",
        "subject": BYTES,
        "digest": REPORT,
        "value": {"auc": 0.95},
        **more,
    }
    return event("evidence.attached", model=model, version=version, **data)


STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}


@asynccontextmanager
async def open_house(
    engine: AsyncEngine, client: Client, clock: Clock | None = None, **settings: Any
) -> AsyncIterator[House]:
    """Open the application over a database and a Temporal client."""
    known = Settings(_env_file=None, **settings)
    composition = Composition(
        engine=engine,
        lifecycles=Lifecycles(client, decision_wait=known.decision_wait),
        settings=known,
        probes={"temporal": temporal_probe(client), "worker": worker_probe(client, TASK_QUEUE)},
        clock=clock or utc_now,
    )
    transport = ASGITransport(create_app(composition), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://undersigned.test") as http:
        yield House(engine, composition, http)


async def client_of(address: str, *, lazy: bool = False) -> Client:
    """Connect to Temporal, or, when lazy, only on the first use."""
    return await Client.connect(address, data_converter=pydantic_data_converter, lazy=lazy)


def worker_of(client: Client, engine: AsyncEngine) -> Worker:
    """Make the worker of the house."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=core_activities(engine, client, ReadingActivities(engine)),
        workflow_runner=workflow_runner(),
    )
