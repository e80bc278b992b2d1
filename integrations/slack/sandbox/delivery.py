"""Bringing interactions and events to the app, and holding it to its three seconds."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

import aiohttp

from integrations.slack.sandbox.clock import wall_seconds
from integrations.slack.sandbox.errors import NotConnected
from integrations.slack.sandbox.records import Json
from integrations.slack.sandbox.signing import signature
from integrations.slack.sandbox.sockets import SocketHub

Kind: TypeAlias = Literal["interactive", "slash_commands", "events_api"]
Outcome: TypeAlias = Literal["pending", "acknowledged", "refused", "timeout", "unreachable"]

FORM = "application/x-www-form-urlencoded"


@dataclass(eq=False, kw_only=True)
class Delivery:
    """One thing sent to the app, and what became of it."""

    kind: Kind
    payload: Json
    attempt: int = 0
    via: Literal["http", "socket", ""] = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    took: timedelta = timedelta(0)
    outcome: Outcome = "pending"
    trouble: str = ""

    @property
    def is_acknowledged(self) -> bool:
        """Whether the app said yes in time."""
        return self.outcome == "acknowledged"

    @property
    def seconds(self) -> float:
        """How long the app took."""
        return self.took.total_seconds()

    @property
    def trigger_id(self) -> str:
        """The right to open a view that came with it."""
        return str(self.payload.get("trigger_id", ""))

    @property
    def response_url(self) -> str:
        """The address to answer at that came with it."""
        return str(self.payload.get("response_url", ""))

    @property
    def answer(self) -> Json:
        """The app's answer as an object; empty when it is none."""
        try:
            found: Any = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def wire(self) -> tuple[str, bytes]:
        """Encode it as Slack does: content type and body."""
        if self.kind == "events_api":
            return "application/json", json.dumps(self.payload).encode()
        if self.kind == "slash_commands":
            return FORM, urlencode(self.payload).encode()
        return FORM, urlencode({"payload": json.dumps(self.payload)}).encode()


@dataclass(frozen=True)
class Forgery:
    """How a request differs from a genuine one, to test that it is refused."""

    secret: str | None = None
    age: timedelta = timedelta(0)
    headers: dict[str, str] = field(default_factory=dict)


class Courier:
    """Carries deliveries over an open socket, else to the request URL."""

    def __init__(self, secret: str, hub: SocketHub, acknowledge_within: timedelta) -> None:
        self._secret = secret
        self._hub = hub
        self._within = acknowledge_within
        self._session: aiohttp.ClientSession | None = None
        self.request_url = ""

    @property
    def is_connected(self) -> bool:
        """Whether an app listens."""
        return bool(self.request_url) or len(self._hub) > 0

    @property
    def listener(self) -> str:
        """Name what listens; empty when nothing does."""
        return "Socket Mode" if len(self._hub) else self.request_url

    async def start(self) -> None:
        """Open what `carry` needs."""
        # Without a limit, 200 people can click at the same moment. A connection that was used
        # before may just be closed by the app; a click on it would be lost on the way.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        self._session = aiohttp.ClientSession(connector=connector)

    async def stop(self) -> None:
        """Close it again."""
        if self._session is not None:
            await self._session.close()

    async def carry(
        self, delivery: Delivery, *, retry: str = "", forgery: Forgery | None = None
    ) -> None:
        """Bring it to the app and note what became of it.

        Raises `NotConnected` when no app listens.
        """
        if not self.is_connected:
            raise NotConnected("call connect(request_url), or open a socket")
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                if len(self._hub) and forgery is None:
                    await self._by_socket(delivery, retry)
                else:
                    await self._by_http(delivery, retry, forgery or Forgery())
        except TimeoutError:
            delivery.outcome = "timeout"
            delivery.trouble = f"no answer within {self._within.total_seconds():g} s"
        except (aiohttp.ClientError, ConnectionError) as error:
            delivery.outcome, delivery.trouble = "unreachable", str(error) or type(error).__name__
        delivery.took = timedelta(seconds=time.monotonic() - started)

    async def _by_socket(self, delivery: Delivery, retry: str) -> None:
        delivery.via = "socket"
        attempt: Json = {"retry_attempt": delivery.attempt, "retry_reason": retry}
        is_event = delivery.kind == "events_api"
        answer = await self._hub.send(
            delivery.kind, delivery.payload, retry=attempt if is_event else None
        )
        delivery.status, delivery.body = 200, json.dumps(answer) if answer else ""
        delivery.outcome = "acknowledged"

    async def _by_http(self, delivery: Delivery, retry: str, forgery: Forgery) -> None:
        assert self._session is not None, "the workspace is not started"
        delivery.via = "http"
        content_type, body = delivery.wire()
        timestamp = str(int(wall_seconds() - forgery.age.total_seconds()))
        headers = {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(forgery.secret or self._secret, timestamp, body),
        }
        if delivery.attempt:
            headers |= {
                "X-Slack-Retry-Num": str(delivery.attempt),
                "X-Slack-Retry-Reason": retry,
            }
        headers |= forgery.headers
        async with self._session.post(self.request_url, data=body, headers=headers) as answer:
            delivery.body = await answer.text(errors="replace")
            delivery.status, delivery.headers = answer.status, dict(answer.headers)
        is_ok = 200 <= answer.status < 300
        delivery.outcome = "acknowledged" if is_ok else "refused"
        if not is_ok:
            delivery.trouble = f"status {answer.status}"
