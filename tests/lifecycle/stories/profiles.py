"""How many stories are told, and how long they are."""

import os

from hypothesis import HealthCheck, settings


def profile(examples: int, steps: int) -> settings:
    """Give the same stories on every run, so that a change is judged by itself and not by luck.

    `UNDERSIGNED_STORIES=1000` explores that many others instead, as `make test-slow` does.
    """
    explored = int(os.environ.get("UNDERSIGNED_STORIES", "0"))
    return settings(
        max_examples=explored or examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not explored,
        database=None,
        suppress_health_check=list(HealthCheck),  # a story takes its time, whatever the machine
    )
