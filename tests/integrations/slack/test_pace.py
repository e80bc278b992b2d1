"""One message a second a channel, by whichever name it is called."""

import asyncio
from datetime import timedelta

from integrations.slack.pace import Pace

BETWEEN = timedelta(milliseconds=60)


async def seconds_for(pace: Pace, *places: str) -> float:
    began = asyncio.get_running_loop().time()
    for place in places:
        await pace.turn(place)
    return asyncio.get_running_loop().time() - began


async def test_a_channel_is_one_under_its_name_and_its_id() -> None:
    pace = Pace(BETWEEN)
    assert await seconds_for(pace, "#model-fraud", "C1") < BETWEEN.total_seconds()  # not known yet
    pace.learn("#model-fraud", "C1")
    assert await seconds_for(pace, "#model-fraud", "C1") >= 1.9 * BETWEEN.total_seconds()


async def test_what_is_learned_keeps_the_turns_that_were_taken() -> None:
    pace = Pace(BETWEEN)
    await pace.turn("U1")
    pace.learn("U1", "D1")
    pace.learn("U1", "D1")
    pace.learn("D1", "D1")
    assert await seconds_for(pace, "D1") >= 0.9 * BETWEEN.total_seconds()
    assert await seconds_for(pace, "D2") < BETWEEN.total_seconds()
