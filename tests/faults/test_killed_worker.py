import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lifecycle.commands import Attach
from tests.workflows.office import Office, Version, kinds

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def worker_process(temporal: str, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.worker", temporal, url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ask(version: Version, number: int) -> int:
    body = version.evidence(f"asked{number}").body
    answer = await version.ask(Attach(id=f"asked-{number}", by="key:ci", **body))
    return answer.sequence


@pytest.mark.slow  # the server looks for a killed worker some seconds
async def test_nothing_is_lost_when_workers_are_killed_in_the_middle(
    office: Office, temporal: str, url: str
) -> None:
    version = office.version(await office.describe())
    async with worker_process(temporal, url) as first:
        stage = await version.asked()
        events = [version.evidence(f"extra{n % 20}") for n in range(60)]
        asking = [asyncio.create_task(ask(version, number)) for number in range(6)]
        decision = version.decision(stage.signoffs[0], "ana")
        asking.append(asyncio.create_task(sequence_of(version, decision)))
        for number, event in enumerate(events):
            await version.tell(event)
            if number == 30:
                first.kill()
    async with worker_process(temporal, url) as second:
        await asyncio.sleep(0.3)  # into the middle of its catching up
        second.kill()
    async with worker_process(temporal, url):
        sequences = await asyncio.gather(*asking)
        facts = await version.settled(60 + 7)
    causes = Counter(fact.cause for fact in facts)
    assert all(causes[event.id] == 1 for event in events)
    assert all(causes[f"asked-{number}"] == 1 for number in range(6))
    assert kinds(facts).count("SignedOff") == 1
    assert max(sequences) <= len(facts)
    assert await office.is_intact()


async def sequence_of(version: Version, decision: object) -> int:
    return (await version.ask(decision)).sequence  # type: ignore[arg-type]  # a Decide
