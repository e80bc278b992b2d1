"""The API over HTTP: the application with everything it needs, and the server around it."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from api.app import create_app
from api.clicks import DurableClicks
from api.deps import Composition
from api.lifecycles import Lifecycles
from api.probes import temporal_probe, worker_probe
from api.slack_consent import consent_router
from api.slack_serving import slack_routers
from integrations.settings import Settings
from workflows.messages import TASK_QUEUE


class PortTaken(RuntimeError):  # noqa: N818 - it names what was found
    """The address is in use or not ours."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """A running API."""

    url: str
    task: "asyncio.Task[None]"


@asynccontextmanager
async def application(
    settings: Settings, client: Client, engine: AsyncEngine
) -> AsyncIterator[FastAPI]:
    """Make the application, with Slack where it is set up."""
    lifecycles = Lifecycles(client, decision_wait=settings.decision_wait)
    composition = Composition(
        engine=engine,
        lifecycles=lifecycles,
        settings=settings,
        probes={
            "temporal": temporal_probe(client),
            "worker": worker_probe(client, TASK_QUEUE),
        },
    )
    async with AsyncExitStack() as stack:
        routers = await slack_routers(composition, DurableClicks(lifecycles), stack)
        routers.append(consent_router(composition))
        yield create_app(composition, extra_routers=routers)


@asynccontextmanager
async def serving(settings: Settings, client: Client, engine: AsyncEngine) -> AsyncIterator[Served]:
    """Serve the API until the block ends; it listens when the block begins."""
    async with application(settings, client, engine) as app:
        listener = _listen(settings.host, settings.port)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", lifespan="off", server_header=False)
        )
        task = asyncio.create_task(_serve(server, listener))
        try:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            yield Served(url=f"http://{shown}:{port}", task=task)
        finally:
            server.should_exit = True
            await task
            listener.close()


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is announced; raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise PortTaken(
            f"The API can't listen on {host}:{port}: {error.strerror}. Choose another --port."
        ) from error


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn would take over Ctrl-C; the process stops it in its own order.
    config = server.config
    if not config.loaded:
        config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    if not server.should_exit:
        await server.main_loop()
    await server.shutdown(sockets=[listener])
