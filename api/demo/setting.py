"""Where the demo plays: real servers, a stand-in Slack, a worker that can be killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from api.auth import ensure_admin_key
from api.deps import utc_now
from api.serving import serving
from integrations.database.engine import open_engine
from integrations.database.migrate import migrate
from integrations.embedded.servers import (
    embedded_postgres,
    embedded_temporal,
    throwaway_directory,
)
from integrations.search_attributes import SEARCH_ATTRIBUTES
from integrations.settings import Settings
from integrations.slack.manifest import manifest
from integrations.slack.sandbox.workspace import SlackSandbox
from integrations.temporal import connect

ADMIN_KEY = "und_demo_" + "d" * 43
"""Known to everybody and good for nothing: the demo's database is thrown away with it."""
WORKER_READY = timedelta(seconds=20)


class Worker:
    """A worker in a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process and wait until it says that it is up."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from api.cli.main import main; main()",
            "worker",
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
        )
        output = self._process.stdout
        if output is None:
            raise RuntimeError("the worker has no output")
        async with asyncio.timeout(WORKER_READY.total_seconds()):
            line = await output.readline()
        if b"up" not in line:
            raise RuntimeError(f"the worker did not start: {line.decode()!r}")

    async def kill(self) -> int:
        """Kill the process as a power cut would; give its process id."""
        if self._process is None:
            raise RuntimeError("no worker runs")
        self._process.kill()
        await self._process.wait()
        return self._process.pid

    async def stop(self) -> None:
        """Stop the process, when it still runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@dataclass
class Setting:
    """Everything that the story's steps need."""

    slack: SlackSandbox
    worker: Worker
    http: httpx.AsyncClient
    """Speaks with the admin key; steps that play others send their own."""
    model_path: Path
    database_url: str
    temporal_address: str
    people: dict[str, str] = field(default_factory=dict)
    """The Slack user id of each person."""
    seen: dict[str, Any] = field(default_factory=dict)
    """What one step leaves for the next: digests, ids, the pipeline's key."""

    async def call(
        self, method: str, path: str, *, key: str | None = None, **arguments: Any
    ) -> Any:
        """Call the API and give the answer's JSON; raises RuntimeError with the problem."""
        headers = dict(arguments.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        response = await self.http.request(method, path, headers=headers, **arguments)
        if response.is_error:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    async def send_event(self, type_: str, id_: str, source: str, data: dict[str, Any]) -> None:
        """Post a structured CloudEvent as the pipeline."""
        event = {
            "specversion": "1.0",
            "type": type_,
            "source": source,
            "id": id_,
            "time": utc_now().isoformat(),
            "data": data,
        }
        await self.call(
            "POST",
            "/v1/events",
            json=event,
            headers={"Content-Type": "application/cloudevents+json"},
            key=self.seen["pipeline"],
        )


AT_ONCE = timedelta(0)
"""The story changes bytes and goes on; nobody needs to be spared cards in it."""


def _settings(url: str, address: str, slack: SlackSandbox) -> Settings:
    return Settings(
        _env_file=None,
        host="127.0.0.1",
        port=0,
        database_url=SecretStr(url),
        temporal_address=address,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_api_url=slack.base_url,
        quiet=AT_ONCE,
        gathering=AT_ONCE,
    )


def _environment(settings: Settings) -> dict[str, str]:
    secrets = {
        "UNDERSIGNED_DATABASE_URL": settings.database_url,
        "UNDERSIGNED_SLACK_BOT_TOKEN": settings.slack_bot_token,
        "UNDERSIGNED_SLACK_SIGNING_SECRET": settings.slack_signing_secret,
    }
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSIGNED_")}
    return (
        inherited
        | {name: value.get_secret_value() for name, value in secrets.items() if value}
        | {
            "UNDERSIGNED_TEMPORAL_ADDRESS": settings.temporal_address or "",
            "UNDERSIGNED_SLACK_API_URL": settings.slack_api_url,
            "UNDERSIGNED_QUIET": "PT0S",
            "UNDERSIGNED_GATHERING": "PT0S",
        }
    )


@asynccontextmanager
async def setting(people: Sequence[tuple[str, str]]) -> AsyncIterator[Setting]:
    """Start everything; `people` are ids and names, each with a Slack account of their own."""
    async with AsyncExitStack() as stack:
        data = stack.enter_context(throwaway_directory())
        starting = (
            stack.enter_async_context(embedded_postgres(data)),
            stack.enter_async_context(embedded_temporal(data, search_attributes=SEARCH_ATTRIBUTES)),
        )
        url, address = await asyncio.gather(*starting)
        slack = await stack.enter_async_context(SlackSandbox(manifest=manifest(socket_mode=True)))
        settings = _settings(url, address, slack)
        engine = open_engine(url)
        stack.push_async_callback(engine.dispose)
        await migrate(engine)
        async with engine.begin() as connection:
            await ensure_admin_key(connection, SecretStr(ADMIN_KEY), at=utc_now())
        client = await connect(settings)
        server = await stack.enter_async_context(serving(settings, client, engine))
        slack.connect(f"{server.url}/slack/events")
        worker = Worker(_environment(settings))
        stack.push_async_callback(worker.stop)
        await worker.start()
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=server.url,
                headers={"Authorization": f"Bearer {ADMIN_KEY}"},
                timeout=15,
                trust_env=False,
            )
        )
        accounts = {
            person: slack.add_person(name, f"{person}@example.com") for person, name in people
        }
        slack.add_channel("model-fraud", members=list(accounts.values()))
        model = data.path / "fraud-scorer"
        model.mkdir()
        (model / "weights.bin").write_bytes(b"weights, version 14\n" * 64)
        (model / "config.json").write_text('{"threshold": 0.5}\n')
        ids = {person: account.id for person, account in accounts.items()}
        yield Setting(slack, worker, http, model, url, address, ids)
