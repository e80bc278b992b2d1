"""Socket Mode: the WebSocket connections that apps open, and envelopes over them.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import uuid
from itertools import count
from typing import Literal

from aiohttp import WSCloseCode, WSMsgType, web

from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.state import Workspace

MOST_CONNECTIONS = 10


class SocketHub:
    """Every open connection of the app; an envelope goes to one of them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._connections: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._carriers: dict[str, web.WebSocketResponse] = {}
        self._turn = count()

    def __len__(self) -> int:
        return len(self._connections)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve a connection until either side ends it; an address is good for one."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._workspace.tickets:
            return web.Response(status=400, text="invalid ticket")
        self._workspace.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self._connections.append(socket)
        try:
            await socket.send_json(self._hello())
            self._workspace.touch()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledge(message.data)
        finally:
            self._connections.remove(socket)
            self._give_up_on(socket)
            self._workspace.touch()
        return socket

    def _give_up_on(self, socket: web.WebSocketResponse) -> None:
        """Let what this connection did not acknowledge count as not delivered."""
        for envelope, carrier in self._carriers.items():
            if carrier is socket and not self._waiting[envelope].done():
                self._waiting[envelope].set_exception(ConnectionError("the socket closed"))

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18_060,
            },
            "connection_info": {"app_id": self._workspace.app_id},
        }

    def _acknowledge(self, text: str) -> None:
        try:
            found = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(found.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(found.get("payload") or {})

    async def send(self, kind: str, payload: Json, *, retry: Json | None = None) -> Json:
        """Send an envelope and wait for its acknowledgement; answer the payload that came with it.

        Raises `ConnectionError` when no connection takes it.
        """
        if not self._connections:
            raise ConnectionError("no open socket")
        envelope_id = str(uuid.uuid4())
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **(retry or {}),
        }
        try:
            turn = next(self._turn) % len(self._connections)
            self._carriers[envelope_id] = self._connections[turn]
            await self._connections[turn].send_json(envelope)
            return await answer
        finally:
            del self._waiting[envelope_id]
            self._carriers.pop(envelope_id, None)

    async def ask_to_reconnect(
        self, reason: Literal["warning", "refresh_requested", "link_disabled"]
    ) -> None:
        """Tell the app to come again, as Slack does every few hours, and end the connections."""
        for socket in list(self._connections):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
            if reason != "warning":
                await socket.close()

    async def close(self) -> None:
        """End all connections."""
        for socket in list(self._connections):
            await socket.close(code=WSCloseCode.GOING_AWAY)
