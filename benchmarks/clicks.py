"""How soon Slack has its 200 when two hundred owners click at once, beside raw Temporal signals.

A click is acknowledged once Temporal has it for good. The same number of bare signals, sent at
once in the same run, says how much of the time is Temporal's own.
"""

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.demo.setting import Setting, setting
from integrations.settings import Settings
from integrations.temporal import connect
from tests.api import crowd

ROUNDS = 3
"""Bare signals and clicks take turns, so that a busy machine slows both."""


@workflow.defn
class Bare:
    """Takes signals and does nothing else."""

    @workflow.run
    async def run(self) -> None:
        """Live until it is terminated."""
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    async def tell(self, word: str) -> None:
        """Take a word."""


async def at_once(calls: Sequence[Callable[[], Awaitable[object]]]) -> list[float]:
    """Make all calls at the same moment; give the seconds that each took."""

    async def one(call: Callable[[], Awaitable[object]]) -> float:
        started = time.perf_counter()
        await call()
        return time.perf_counter() - started

    return await asyncio.gather(*(one(call) for call in calls))


async def bare_signals(client: Client, name: str, workflows: int) -> list[float]:
    """Send as many signals as there are clicks, spread over so many workflows."""
    async with Worker(
        client, task_queue="bare", workflows=[Bare], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        handles = [
            await client.start_workflow(Bare.run, id=f"{name}-{number}", task_queue="bare")
            for number in range(workflows)
        ]
        # As long as what a click sends.
        word = "w" * 900
        each = crowd.OWNERS // workflows
        taken = await at_once([partial(h.signal, Bare.tell, word) for h in handles] * each)
        for handle in handles:
            await handle.terminate()
        return taken


async def clicks(demo: Setting, cards: list[crowd.Asked]) -> list[float]:
    """Press every card at once; give the seconds until each was acknowledged."""
    done = await crowd.press(demo, cards)
    lost = [click for click in done if not click.is_acknowledged]
    if lost:
        why = f"{lost[0].outcome}, {lost[0].trouble}"
        raise RuntimeError(f"{len(lost)} of {len(done)} clicks were not acknowledged: {why}")
    await crowd.over(demo, cards)
    return [click.seconds for click in done]


def line(name: str, taken: list[float]) -> str:
    """Write the median, the slowest in a hundred and the slowest, in milliseconds."""
    p50 = statistics.median(taken) * 1000
    return (
        f"{name:44} p50 {p50:6.0f} ms   p99 {p99(taken) * 1000:6.0f} ms"
        f"   slowest {max(taken) * 1000:6.0f} ms"
    )


def p99(taken: list[float]) -> float:
    """Give what ninety-nine of a hundred stay below, in seconds."""
    return statistics.quantiles(taken, n=100)[98]


async def main() -> None:
    """Print clicks beside bare signals, on one version and on as many as there are owners."""
    # Slack takes one card a second a channel; its refusals are tried again, and not measured here.
    logging.getLogger("temporalio.activity").setLevel(logging.CRITICAL)
    async with setting(crowd.PEOPLE) as demo:
        await crowd.settle(demo)
        client = await connect(Settings(_env_file=None), demo.temporal_address)
        for versions, ask in ((1, crowd.ask_all), (crowd.OWNERS, crowd.ask_each)):
            bare: list[float] = []
            ours: list[float] = []
            for number in range(ROUNDS):
                cards = await ask(demo, f"m{versions}-{number}")
                bare += await bare_signals(client, f"bare-{versions}-{number}", versions)
                ours += await clicks(demo, cards)
            print(line(f"{crowd.OWNERS} raw signals, {versions} workflow(s)", bare))
            print(line(f"{crowd.OWNERS} clicks, {versions} version(s)", ours))
            print(f"{'ratio of the p99':44} {p99(ours) / p99(bare):.1f}")


if __name__ == "__main__":
    asyncio.run(main())
