"""Questions that come at the same time are asked together, in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Together(Generic[Key, Value]):
    """Asks for everything that came while the call before was under way.

    An answer is never older than its question, and nothing is remembered.
    """

    def __init__(self, ask: Callable[[Collection[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        """Take what answers several questions at once; what it leaves out is answered by None."""
        self._ask = ask
        self._waiting: dict[Key, asyncio.Future[Value | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def of(self, key: Key) -> Value | None:
        """Answer one question; raises what the call raises, to each who waits for it."""
        if key not in self._waiting:
            answer = asyncio.get_running_loop().create_future()
            answer.add_done_callback(_seen)
            self._waiting[key] = answer
        if self._asking is None:
            self._asking = asyncio.create_task(self._answer())
        # Whoever gives up takes nothing from the others.
        return await asyncio.shield(self._waiting[key])

    async def _answer(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                await self._answer_some(waiting)
        finally:
            self._asking = None

    async def _answer_some(self, waiting: Mapping[Key, "asyncio.Future[Value | None]"]) -> None:
        try:
            found = await self._ask(waiting.keys())
        except asyncio.CancelledError:
            for answer in waiting.values():
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait for the answer
            for answer in waiting.values():
                answer.set_exception(error)
        else:
            for key, answer in waiting.items():
                answer.set_result(found.get(key))


def _seen(answer: "asyncio.Future[Value | None]") -> None:
    """Look at an exception that nobody waits for any more, or asyncio would complain of it."""
    if not answer.cancelled():
        answer.exception()
