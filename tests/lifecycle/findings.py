"""Versions whose findings block, and what people do about them, for tests."""

from datetime import timedelta
from typing import Any

from lifecycle.commands import CloseFinding, OpenFinding
from lifecycle.facts import AnyFact
from tests.lifecycle.definitions import one_stage
from tests.lifecycle.world import World

DAY = timedelta(days=1)
RULE = {"blocks": ["high", "critical"], "accepted_by": "ciso", "due": "3 days"}


def findings_world(**changes: Any) -> World:
    return World(one_stage(findings=RULE, **changes))


def open_finding(world: World, person: str = "gus", **changes: Any) -> list[AnyFact]:
    given = {"title": "It leaks.", "severity": "high", **changes}
    return world.do(
        OpenFinding.model_validate(
            {"id": f"open-{len(world.facts)}", "by": person, "person": person, **given}
        )
    )


def closing(person: str, finding: str = "1", **changes: Any) -> CloseFinding:
    given = {"by": person, "person": person, "finding": finding, "resolution": "Fixed."}
    return CloseFinding.model_validate({"id": f"close-{person}", **given, **changes})
