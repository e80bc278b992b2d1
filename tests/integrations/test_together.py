import asyncio
from collections.abc import Collection

import pytest

from integrations.together import Together


class Library:
    """Answers with the length of a word, a moment after it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.open = asyncio.Event()
        self.trouble: Exception | None = None
        self.words = Together(self.ask)

    async def ask(self, words: Collection[str]) -> dict[str, int]:
        self.asked.append(sorted(words))
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        return {word: len(word) for word in words if word != "unknown"}


async def under_way(library: Library, *words: str) -> "list[asyncio.Task[int | None]]":
    """Ask for words, and wait until a call for them has begun or joined the queue."""
    tasks = [asyncio.create_task(library.words.of(word)) for word in words]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_what_comes_while_a_call_is_under_way_is_asked_by_the_next_one() -> None:
    library = Library()
    first = await under_way(library, "one")
    others = await under_way(library, "two", "three", "two", "unknown")
    assert library.asked == [["one"]]
    library.open.set()
    assert await asyncio.gather(*first, *others) == [3, 3, 5, 3, None]
    assert library.asked == [["one"], ["three", "two", "unknown"]]


async def test_an_answer_is_not_remembered() -> None:
    library = Library()
    library.open.set()
    assert [await library.words.of("one"), await library.words.of("one")] == [3, 3]
    assert library.asked == [["one"], ["one"]]


async def test_trouble_reaches_everybody_who_waits_and_nobody_after() -> None:
    library = Library()
    library.trouble = ConnectionError("no library")
    waiting = await under_way(library, "one", "two")
    library.open.set()
    for task in waiting:
        with pytest.raises(ConnectionError, match="no library"):
            await task
    library.trouble = None
    assert await library.words.of("one") == 3


async def test_who_gives_up_takes_no_answer_from_the_others() -> None:
    library = Library()
    impatient, patient = await under_way(library, "one", "one")
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    library.open.set()
    assert await patient == 3
    assert library.asked == [["one"]]


async def test_trouble_that_nobody_waits_for_is_not_complained_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = Library()
    library.trouble = ConnectionError("no library")
    [impatient] = await under_way(library, "one")
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    library.open.set()
    with pytest.raises(ConnectionError):
        await library.words.of("two")
    assert caplog.records == []
