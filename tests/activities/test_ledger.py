import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.contracts import LEDGER_CONFLICT, StoryRequest
from activities.ledger import LARGEST_PAGE, PAGE, LedgerActivities
from lifecycle.canonical import Entry, Head, append
from lifecycle.recording import Recording, version_subject

SUBJECT = version_subject("m", "1")


def chain(count: int, size: int = 10) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for number in range(count):
        head = entries[-1].head if entries else Head()
        entries.append(append(SUBJECT, head, {"kind": "Any", "n": number, "text": "x" * size}))
    return tuple(entries)


async def read_all(activities: LedgerActivities) -> list[tuple[Entry, ...]]:
    pages: list[tuple[Entry, ...]] = []
    after = 0
    while True:
        request = StoryRequest(model="m", version="1", after=after)
        page = await ActivityEnvironment().run(activities.read_story, request)
        pages.append(page.entries)
        if page.is_last:
            return pages
        after = page.entries[-1].sequence


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1])
async def test_a_story_is_read_whole_whatever_its_length(engine: AsyncEngine, count: int) -> None:
    activities, entries = LedgerActivities(engine), chain(count)
    if entries:
        recording = Recording(subject=SUBJECT, entries=entries)
        await ActivityEnvironment().run(activities.record_facts, recording)
    pages = await read_all(activities)
    assert tuple(entry for page in pages for entry in page) == entries


async def test_no_page_is_larger_than_a_payload(engine: AsyncEngine) -> None:
    activities = LedgerActivities(engine)
    entries = (*chain(40, size=30_000),)
    await ActivityEnvironment().run(
        activities.record_facts, Recording(subject=SUBJECT, entries=entries)
    )
    pages = await read_all(activities)
    assert tuple(entry for page in pages for entry in page) == entries
    assert all(sum(len(entry.body) for entry in page) <= LARGEST_PAGE for page in pages)


async def test_one_entry_larger_than_a_page_is_read_all_the_same(engine: AsyncEngine) -> None:
    activities, entries = LedgerActivities(engine), chain(2, size=LARGEST_PAGE)
    await ActivityEnvironment().run(
        activities.record_facts, Recording(subject=SUBJECT, entries=entries)
    )
    assert [len(page) for page in await read_all(activities)] == [1, 1]


async def test_recording_twice_changes_nothing_and_another_story_is_never_retried(
    engine: AsyncEngine,
) -> None:
    activities, entries = LedgerActivities(engine), chain(3)
    recording = Recording(subject=SUBJECT, entries=entries)
    for _ in range(2):
        await ActivityEnvironment().run(activities.record_facts, recording)
    other = append(SUBJECT, entries[1].head, {"kind": "Other"})
    with pytest.raises(ApplicationError) as caught:
        await ActivityEnvironment().run(
            activities.record_facts, Recording(subject=SUBJECT, entries=(other,))
        )
    assert caught.value.type == LEDGER_CONFLICT
    assert caught.value.non_retryable
    assert await read_all(activities) == [entries]
