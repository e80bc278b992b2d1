"""How long a decision takes over HTTP, beside a bare Temporal update in the same run."""

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from api.demo.main import PEOPLE
from api.demo.setting import Setting, setting
from api.demo.story import define
from integrations.settings import Settings
from integrations.temporal import connect
from lifecycle.canonical import digest_of_bytes

VERSIONS = 30
AT_ONCE = 8


@workflow.defn
class Bare:
    """Answers an update and does nothing else."""

    @workflow.run
    async def run(self) -> None:
        """Live until it is terminated."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def ask(self, word: str) -> str:
        """Give the word back."""
        return word


async def timed(calls: Sequence[Callable[[], Awaitable[object]]], at_once: int) -> list[float]:
    """Make calls, some at once; give the seconds that each took."""
    gate = asyncio.Semaphore(at_once)

    async def one(call: Callable[[], Awaitable[object]]) -> float:
        async with gate:
            started = time.perf_counter()
            await call()
            return time.perf_counter() - started

    return await asyncio.gather(*(one(call) for call in calls))


async def bare_updates(client: Client, at_once: int) -> list[float]:
    """Measure updates of a workflow that does nothing."""
    async with Worker(
        client, task_queue="bare", workflows=[Bare], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        handles = [
            await client.start_workflow(Bare.run, id=f"bare-{at_once}-{n}", task_queue="bare")
            for n in range(VERSIONS)
        ]
        calls = [partial(handle.execute_update, Bare.ask, "word") for handle in handles]
        taken = await timed(calls, at_once)
        for handle in handles:
            await handle.terminate()
        return taken


async def registered(demo: Setting, prefix: str) -> list[tuple[str, str]]:
    """Bring versions to where Ana is asked; give the sign-offs' ids and revisions."""
    for n in range(VERSIONS):
        digest = digest_of_bytes(f"{prefix}{n}".encode())
        version = f"{prefix}{n}"
        body = {
            "version": version,
            "artifact": {"uri": "s3://models/one", "digest": digest},
            "producers": ["mlflow:svc-train"],
        }
        await demo.call("POST", "/v1/models/fraud-scorer/versions", json=body)
        await demo.call("POST", f"/v1/models/fraud-scorer/versions/{version}/requests")
        data = {
            "model": "fraud-scorer",
            "version": version,
            "name": "evaluation",
            "verdict": "pass",
            "subject": digest,
            "digest": digest,
            "value": {"auc": 1},
        }
        await demo.send_event("undersigned.evidence.attached", version, "evaluation", data)
    return await asked(demo, prefix)


async def asked(demo: Setting, prefix: str) -> list[tuple[str, str]]:
    """Wait until every version asks Ana; give ids and revisions."""
    async with asyncio.timeout(timedelta(minutes=2).total_seconds()):
        while True:
            query = {"role": "validator", "limit": 200}
            items = (await demo.call("GET", "/v1/signoffs", params=query))["items"]
            found = [(i["id"], i["revision"]) for i in items if i["version"].startswith(prefix)]
            if len(found) == VERSIONS:
                return found
            await asyncio.sleep(0.2)


async def decisions(demo: Setting, key: str, prefix: str, at_once: int) -> list[float]:
    """Measure approvals over HTTP, recorded when they are answered."""
    signoffs = await registered(demo, prefix)

    async def approve(id_: str, revision: str) -> None:
        body = {"decision": "approve", "revision": revision}
        answer = await demo.call("POST", f"/v1/signoffs/{id_}/decisions", json=body, key=key)
        if answer["recorded"] is not True:
            raise RuntimeError("a decision was answered before it was recorded")

    return await timed([partial(approve, *signoff) for signoff in signoffs], at_once)


def line(name: str, taken: list[float]) -> str:
    """Write the median and the slowest in a hundred, in milliseconds."""
    p50 = statistics.median(taken) * 1000
    p99 = statistics.quantiles(taken, n=100)[98] * 1000
    return f"{name:42} p50 {p50:7.1f} ms   p99 {p99:7.1f} ms"


async def main() -> None:
    """Print decision and baseline, one at a time and several at once."""
    # Slack takes one card a second a channel; its refusals are tried again, and not measured here.
    logging.getLogger("temporalio.activity").setLevel(logging.CRITICAL)
    async with setting(PEOPLE) as demo:
        await define(demo, lambda _: None)
        lifecycle = await demo.call("GET", "/v1/lifecycles/demo")
        rules = lifecycle.get("definition", lifecycle) | {"supersede": False}
        await demo.call("PUT", "/v1/lifecycles/demo", json=rules)  # many versions wait side by side
        key = {"scopes": ["owner"], "person": "ana"}
        ana = (await demo.call("POST", "/v1/keys", json=key))["key"]
        client = await connect(Settings(_env_file=None), demo.temporal_address)
        for at_once in (1, AT_ONCE):
            bare = await bare_updates(client, at_once)
            ours = await decisions(demo, ana, f"v{at_once}-", at_once)
            print(line(f"bare Temporal update, {at_once} at once", bare))
            print(line(f"decision over HTTP, recorded, {at_once} at once", ours))
            ratio = statistics.median(ours) / statistics.median(bare)
            print(f"{'ratio of the medians':42} {ratio:.1f}")


if __name__ == "__main__":
    asyncio.run(main())
