"""Record the demo's workflow as a history that later code must replay.

    python -m tests.histories.record tests/histories/0.1.0.json

A recorded history stays as it is for ever; a release records one more beside it.
"""

import asyncio
import re
import sys
from pathlib import Path

from api.demo.main import PEOPLE
from api.demo.setting import setting
from api.demo.story import STORY
from integrations.settings import Settings
from integrations.temporal import connect
from workflows.messages import workflow_id

_WHO = re.compile(r'"identity": "[^"]*"')


async def recorded() -> str:
    """Play the demo and give the history of its version; worker names are taken out."""
    async with setting(PEOPLE) as demo:
        for _, step in STORY:
            await step(demo, lambda _: None)
        client = await connect(Settings(_env_file=None), demo.temporal_address)
        handle = client.get_workflow_handle(workflow_id("fraud-scorer", "14"))
        history = await handle.fetch_history()
    return _WHO.sub('"identity": "worker"', history.to_json()) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(recorded()))
