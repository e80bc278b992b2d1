"""Troubles that Slack really makes, made on demand."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TypeAlias

EVERY_METHOD = "*"


@dataclass(frozen=True)
class RateLimited:
    """HTTP 429 with `Retry-After`; nothing is done."""

    retry_after: timedelta = timedelta(seconds=1)


@dataclass(frozen=True)
class ServerError:
    """An HTTP status of 500 and more with a page that is not JSON; nothing is done."""

    status: int = 503


@dataclass(frozen=True)
class Refused:
    """HTTP 200 with `ok: false` and this error code; nothing is done."""

    error: str = "fatal_error"


@dataclass(frozen=True)
class Cut:
    """The connection breaks before anything is done."""


@dataclass(frozen=True)
class ReplyLost:
    """All is done, and the connection breaks before the answer."""


@dataclass(frozen=True)
class Hang:
    """No answer for this long (real time; None: until the workspace stops); nothing is done."""

    duration: timedelta | None = None


Fault: TypeAlias = RateLimited | ServerError | Refused | Cut | ReplyLost | Hang


@dataclass(frozen=True)
class Armed:
    """A trouble that waits for calls of a method: so many, or None until it is cleared."""

    method: str
    fault: Fault
    times: int | None = None


class Faults:
    """Which calls go wrong next; `response_url` names the posts to those addresses."""

    def __init__(self) -> None:
        self._queued: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._standing: dict[str, Fault] = {}

    def next(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next calls of a Web API method go wrong; `*` is any method."""
        self._queued[method].extend([fault] * times)

    def always(self, method: str, fault: Fault) -> None:
        """Let every call of a method go wrong until `clear`."""
        self._standing[method] = fault

    def clear(self, method: str | None = None) -> None:
        """Forget the troubles of one method, or all of them."""
        if method is None:
            self._queued.clear()
            self._standing.clear()
            return
        self._queued.pop(method, None)
        self._standing.pop(method, None)

    def armed(self) -> list[Armed]:
        """List what waits to go wrong; equal troubles in a row are one."""
        queued = [
            Armed(method, fault, len(list(same)))
            for method, faults in self._queued.items()
            for fault, same in groupby(faults)
        ]
        standing = (Armed(method, fault) for method, fault in self._standing.items())
        return [*queued, *standing]

    @contextmanager
    def outage(self, fault: Fault | None = None) -> Iterator[None]:
        """Slack is down: every call goes wrong within the block."""
        self.always(EVERY_METHOD, fault or ServerError())
        try:
            yield
        finally:
            self.clear(EVERY_METHOD)

    def take(self, method: str) -> Fault | None:
        """Answer what goes wrong with this call, and use it up."""
        for name in (method, EVERY_METHOD):
            if self._queued[name]:
                return self._queued[name].popleft()
        return self._standing.get(method) or self._standing.get(EVERY_METHOD)
