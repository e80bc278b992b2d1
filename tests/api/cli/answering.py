"""A real HTTP server with the answers that a test names, also those a healthy API never gives."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

Key = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """A status and a JSON body; none drops the connection without an answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False


@dataclass(frozen=True)
class Request:
    """What the command line sent."""

    method: str
    path: str
    """As on the wire, percent-encoded."""
    query: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """Answers by method and path, in turn; the last answer stays."""

    url: str = ""
    answers: dict[Key, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def on(self, method: str, path: str, *answers: Answer) -> None:
        """Name the answers to one request."""
        self.answers[method, path] = list(answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        request = Request(
            scope["method"],
            scope["raw_path"].decode(),
            scope["query_string"].decode(),
            {name.decode(): value.decode() for name, value in scope["headers"]},
            json.loads(body) if body else None,
        )
        self.requests.append(request)
        await self._answer(request, send)

    async def _answer(self, request: Request, send: Send) -> None:
        waiting = self.answers[request.method, request.path]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        headers = {"content-type": "application/json", **answer.headers}
        # One byte more than there comes: the client sees the connection close in the middle.
        headers["content-length"] = str(len(content) + answer.is_lost)
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            }
        )
        if not answer.is_lost:
            await send({"type": "http.response.body", "body": content})


def problem(status: int, detail: str, **more: Any) -> Answer:
    """Answer as the API does what it refuses (RFC 9457)."""
    body = {"type": "urn:undersigned:test", "title": "No", "status": status, "detail": detail}
    return Answer(status, {**body, **more}, {"content-type": "application/problem+json"})


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application on a free port until the end; give its address."""
    config = uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    socket.listen()  # who connects before the thread runs waits, and is not refused
    thread = threading.Thread(target=server.run, args=([socket],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        socket.close()
