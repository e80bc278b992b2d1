"""Socket Mode: what Slack sends, over connections that this process opens.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from api.slack import Dispatcher

MOST_CONNECTIONS = 10
"""Slack's limit for one app, over all processes."""
ENDED_WITHIN = timedelta(seconds=3)
"""What is begun when the process stops; later Slack takes no acknowledgement."""
LASTED = timedelta(seconds=30)
"""A connection that held so long was a good one; the next is opened at once."""
LONGEST_PAUSE = timedelta(seconds=30)

_log = logging.getLogger(__name__)


class PacedClient(SocketModeClient):
    """Comes again at once when Slack asks for it, but not again and again without a pause."""

    _opened_at = float("-inf")
    _in_vain = 0

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - slack_sdk's signature
        """Open a connection in place of one that ended."""
        clock = asyncio.get_running_loop().time
        is_short = clock() - self._opened_at < LASTED.total_seconds()
        self._in_vain = self._in_vain + 1 if is_short else 0
        if self._in_vain > 1:
            await asyncio.sleep(min(2 ** (self._in_vain - 2), LONGEST_PAUSE.total_seconds()))
        self._opened_at = clock()
        await super().connect_to_new_endpoint(force)


class Socket:
    """One process's connection, and the requests that it is answering."""

    def __init__(self, app: Dispatcher, client: SocketModeClient) -> None:
        self._app = app
        self._client = client
        self._answering: set[asyncio.Task[None]] = set()
        client.socket_mode_request_listeners.append(self._take)
        client.on_message_listeners.append(self._look)

    async def _take(self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.create_task(self._answer(socket, request))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        await task

    async def _answer(self, socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.monotonic()
        answer = await run_async_bolt_app(self._app, request)  # type: ignore[arg-type]  # it only dispatches
        # What is not done is not acknowledged: Slack repeats events, and warns whoever clicked.
        await send_async_response(socket, request, answer, began)

    async def _look(self, message: WSMessage) -> None:
        """Say loudly that this process gets nothing, since too many others are connected."""
        with suppress(ValueError, AttributeError):
            if json.loads(message.data).get("reason") == "too_many_websockets":
                _log.error(
                    "Slack lets at most %s processes connect by Socket Mode; this one gets nothing",
                    MOST_CONNECTIONS,
                )

    async def end(self) -> None:
        """Acknowledge what is begun, then leave; Slack sends the rest to other processes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDED_WITHIN.total_seconds()):
                while self._answering:
                    await asyncio.wait(set(self._answering))
        await _untyped(self._client.close())  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped


@asynccontextmanager
async def socket_mode(
    app: Dispatcher, web: AsyncWebClient, app_token: str
) -> AsyncIterator[SocketModeClient]:
    """Receive over a WebSocket in place of HTTP, for those without a public address.

    Several processes may: Slack brings each envelope to one of their connections. It begins in the
    background, so that the process starts while Slack is away.
    """
    client = PacedClient(app_token=app_token, web_client=web, proxy=web.proxy)
    socket = Socket(app, client)
    connecting = asyncio.create_task(_untyped(client.connect()))  # type: ignore[no-untyped-call]  # likewise
    try:
        yield client
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await socket.end()


async def _untyped(doing: Coroutine[Any, Any, None]) -> None:
    await doing
