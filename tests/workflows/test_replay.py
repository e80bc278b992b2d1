"""What earlier releases decided is decided the same by this code, from the same history."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.contracts import RECORD_FACTS
from lifecycle.canonical import canonical
from lifecycle.facts import fact_json, parse_fact
from workflows.messages import workflow_id
from workflows.model_lifecycle import ModelLifecycle
from workflows.runner import workflow_runner

HISTORIES = sorted((Path(__file__).parents[1] / "histories").glob("*.json"))
ID = workflow_id("fraud-scorer", "14")


def replayer(*, without: tuple[str, ...] = (), debug_mode: bool = False) -> Replayer:
    return Replayer(
        debug_mode=debug_mode,
        workflows=[ModelLifecycle],
        workflow_runner=workflow_runner(without=without),
        data_converter=pydantic_data_converter,
    )


def saved(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_there_are_saved_histories() -> None:
    assert HISTORIES
    events = saved(HISTORIES[0])["events"]
    assert any("Signaled" in event["eventType"].title().replace("_", "") for event in events)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_saved_history_replays(path: Path) -> None:
    await replayer().replay_workflow(WorkflowHistory.from_json(ID, saved(path)))


def recorded(path: Path) -> list[str]:
    """Give the bodies of every ledger entry that a history hands over to be recorded."""
    bodies = []
    for event in saved(path)["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes", {})
        if scheduled.get("activityType", {}).get("name") == RECORD_FACTS:
            for payload in scheduled["input"]["payloads"]:
                recording = json.loads(base64.b64decode(payload["data"]))
                bodies += [entry["body"] for entry in recording["entries"]]
    return bodies


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_facts_of_earlier_releases_keep_their_bytes(path: Path) -> None:
    """A replay makes every fact again; with other bytes the chain would not go on."""
    bodies = recorded(path)
    assert bodies
    for body in bodies:
        fact = json.loads(body)["fact"]
        assert canonical(fact_json(parse_fact(fact))) == canonical(fact)


async def test_the_core_reads_no_clock_and_no_chance() -> None:
    """The core is run inside the sandbox, which refuses clocks, chance and the environment.

    Whatever names the core's types goes in with it, or there would be two of each.
    """
    history = WorkflowHistory.from_json(ID, saved(HISTORIES[-1]))

    # Importing the whole core inside may take longer than a workflow task is allowed to.
    within = replayer(without=("lifecycle", "activities", "integrations"), debug_mode=True)
    await within.replay_workflow(history)


async def test_code_that_asks_for_something_else_does_not_replay() -> None:
    changed = saved(HISTORIES[-1])
    scheduled = [e for e in changed["events"] if "activityTaskScheduledEventAttributes" in e]
    attributes = scheduled[1]["activityTaskScheduledEventAttributes"]
    attributes["activityType"] = {"name": "something_else"}

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json(ID, changed))
