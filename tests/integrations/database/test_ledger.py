import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database import tables
from integrations.database.ledger import LedgerConflict, LedgerGap, read_entries, record
from integrations.database.rebuild import rebuild
from integrations.database.rows import table_of
from integrations.database.verify import verify
from integrations.database.versions import get_version, sequence_of, signoff
from lifecycle.canonical import Entry
from lifecycle.recording import Recording, parse_version_subject, version_subject
from lifecycle.roster import Roster
from lifecycle.view import VersionView
from tests.integrations.database.organisation import describe
from tests.integrations.database.stories import Story

OF_VERSIONS = (tables.Version, tables.Stage, tables.Signoff, tables.Waiting)


@pytest.fixture
async def roster(engine: AsyncEngine) -> Roster:
    async with engine.begin() as connection:
        return await describe(connection)


async def rows_of(engine: AsyncEngine) -> dict[str, list[Any]]:
    async with engine.connect() as connection:
        return {
            row.__name__: sorted(map(repr, await connection.execute(select(table_of(row)))))
            for row in OF_VERSIONS
        }


def view_of(recording: Recording) -> VersionView:
    assert recording.projection is not None
    return recording.projection.version


async def save(engine: AsyncEngine, recording: Recording) -> None:
    async with engine.begin() as connection:
        await record(connection, recording)


def a_long_story(roster: Roster) -> list[Recording]:
    """Tell of a version that is asked about, signed, changed, and asked about again."""
    story, recordings = Story(roster), []
    story.begin()
    recordings.append(story.recording())
    story.attach(0.95)
    recordings.append(story.recording())
    story.sign("ben")
    recordings.append(story.recording())
    story.later(timedelta(days=1, hours=1))
    story.change_bytes()
    recordings.append(story.recording())
    story.attach(0.97, "e2")
    story.sign("ben")
    story.sign("cho")
    recordings.append(story.recording())
    return recordings


async def test_a_recording_is_read_back_byte_for_byte(engine: AsyncEngine, roster: Roster) -> None:
    recordings = a_long_story(roster)
    for one in recordings:
        await save(engine, one)
    async with engine.connect() as connection:
        stored = await read_entries(connection, recordings[0].subject)
        entries = [entry for one in recordings for entry in one.entries]
        assert [(e.sequence, e.hash, e.body) for e in stored] == [
            (e.sequence, e.hash, e.body) for e in entries
        ]
        page = await read_entries(connection, recordings[0].subject, after=2, limit=3)
        assert [e.sequence for e in page] == [3, 4, 5]
        last = view_of(recordings[-1])
        assert await sequence_of(connection, "fraud-scorer", "1") == last.sequence
        doc = await get_version(connection, "fraud-scorer", "1")
        assert VersionView.model_validate(doc) == last
        assert (await verify(connection)).is_intact


async def test_rows_of_every_round_stay(engine: AsyncEngine, roster: Roster) -> None:
    for one in a_long_story(roster):
        await save(engine, one)
    async with engine.connect() as connection:
        first = await signoff(connection, "fraud-scorer:1:validate:1:validator")
        second = await signoff(connection, "fraud-scorer:1:validate:2:validator")
    assert first is not None
    assert second is not None
    assert (first["status"], second["status"]) == ("void", "approved")


async def test_the_same_recording_twice_changes_nothing(
    engine: AsyncEngine, roster: Roster
) -> None:
    recordings = a_long_story(roster)
    for one in recordings:
        await save(engine, one)
    before = await rows_of(engine)
    for one in recordings:
        await save(engine, one)
    assert await rows_of(engine) == before


@pytest.mark.parametrize("seed", range(6))
async def test_recordings_doubled_shuffled_and_at_once_give_one_result(
    engine: AsyncEngine, roster: Roster, seed: int
) -> None:
    recordings = a_long_story(roster)
    deliveries = recordings * 3
    random.Random(seed).shuffle(deliveries)

    async def deliver(recording: Recording) -> None:
        # As the workflow's activity: a gap means that an earlier one has yet to arrive.
        while True:
            try:
                return await save(engine, recording)
            except LedgerGap:
                await asyncio.sleep(0.01)

    async with asyncio.timeout(20):
        await asyncio.gather(*(deliver(one) for one in deliveries))
    found = await rows_of(engine)
    async with engine.connect() as connection:
        last = view_of(recordings[-1]).sequence
        assert await sequence_of(connection, "fraud-scorer", "1") == last
        assert (await verify(connection)).is_intact
    await rebuild(engine)
    assert await rows_of(engine) == found


async def test_another_fact_at_a_known_sequence_is_a_conflict(
    engine: AsyncEngine, roster: Roster
) -> None:
    one, other = Story(roster), Story(roster)
    one.begin()
    other.now += timedelta(seconds=1)
    other.begin()
    await save(engine, one.recording())
    before = await rows_of(engine)
    with pytest.raises(LedgerConflict, match="entry 1 is recorded as sha256:"):
        await save(engine, other.recording())
    assert await rows_of(engine) == before


async def test_facts_of_another_past_are_a_conflict(engine: AsyncEngine, roster: Roster) -> None:
    one, other = Story(roster), Story(roster)
    one.begin()
    other.now += timedelta(seconds=1)
    other.begin()
    await save(engine, one.recording())
    other.recording()
    other.attach(0.9)
    with pytest.raises(LedgerConflict):
        await save(engine, other.recording())


async def test_entries_may_come_before_their_rows(engine: AsyncEngine, roster: Roster) -> None:
    first, *others = a_long_story(roster)
    await save(engine, first.model_copy(update={"projection": None}))
    assert (await rows_of(engine))["Version"] == []
    for one in others:
        await save(engine, one)
    assert len((await rows_of(engine))["Version"]) == 1


async def test_a_gap_is_refused(engine: AsyncEngine, roster: Roster) -> None:
    recordings = a_long_story(roster)
    with pytest.raises(LedgerGap, match="is not recorded"):
        await save(engine, recordings[1])
    assert (await rows_of(engine))["Version"] == []


@pytest.mark.parametrize("change", [{"body": "{}"}, {"sequence": 2}, {"subject": "version/x/1"}])
async def test_entries_that_are_no_piece_of_the_chain_are_refused(
    engine: AsyncEngine, roster: Roster, change: dict[str, Any]
) -> None:
    recording = a_long_story(roster)[0]
    first, *rest = recording.entries
    forged = Entry(**{**first.model_dump(), **change})
    with pytest.raises(LedgerConflict, match="no piece of this chain"):
        await save(engine, recording.model_copy(update={"entries": (forged, *rest)}))


async def test_rows_of_another_version_are_refused(engine: AsyncEngine, roster: Roster) -> None:
    recording = a_long_story(roster)[0]
    with pytest.raises(ValueError, match="came for"):
        await save(engine, recording.model_copy(update={"subject": "version/fraud-scorer/2"}))


async def test_text_that_jsonb_refuses_is_recorded_all_the_same(
    engine: AsyncEngine, roster: Roster
) -> None:
    story = Story(roster)
    story.begin()
    story.attach(0.95)
    story.sign("ben")
    signoff_ = story.state.stages["validate"].signoffs["validator"]
    story.do(
        "Decide",
        signoff="fraud-scorer:1:validate:1:validator",
        person="cho",
        by="cho",
        decision="request_changes",
        comment="Look: \x00 \\u0000",
        revision=signoff_.revision,
    )
    await save(engine, story.recording())
    async with engine.connect() as connection:
        doc = await signoff(connection, "fraud-scorer:1:validate:1:validator")
        assert doc is not None
        assert doc["decisions"][1]["comment"] == "Look: \N{REPLACEMENT CHARACTER} \\u0000"
        assert (await verify(connection)).is_intact


def test_names_of_chains_are_unambiguous() -> None:
    subject = version_subject("m", "1/2 %")
    assert subject == "version/m/1%2F2%20%25"
    assert parse_version_subject(subject) == ("m", "1/2 %")
    with pytest.raises(ValueError, match="not a version's chain"):
        parse_version_subject("model/m/x")


async def test_verify_finds_the_first_broken_entry(engine: AsyncEngine, roster: Roster) -> None:
    recordings = a_long_story(roster)
    for one in recordings:
        await save(engine, one)
    last = view_of(recordings[-1]).sequence
    async with engine.connect() as connection:
        await _tamper(connection, "UPDATE fact SET body = replace(body, 'ben', 'bob') "
                      "WHERE subject LIKE 'version/%' AND sequence >= 7")  # fmt: skip
        found = await verify(connection)
        assert [(one.subject, one.sequence) for one in found.broken] == [(recordings[0].subject, 7)]
        await connection.rollback()
        await _tamper(
            connection, f"DELETE FROM fact WHERE subject LIKE 'version/%' AND sequence = {last}"
        )
        (broken,) = (await verify(connection)).broken
        assert (broken.sequence, "the chain ends at" in broken.why) == (last, True)
        await connection.rollback()
        await _tamper(
            connection, "DELETE FROM fact WHERE subject LIKE 'version/%' AND sequence = 3"
        )
        (broken,) = (await verify(connection)).broken
        assert (broken.sequence, "are gone" in broken.why) == (4, True)
        await connection.rollback()


async def _tamper(connection: AsyncConnection, statement: str) -> None:
    await connection.execute(text("ALTER TABLE fact DISABLE TRIGGER fact_is_append_only"))
    await connection.execute(text(statement))
