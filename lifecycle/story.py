"""Facts as one command finds them, each folded before the next is looked for."""

from datetime import datetime
from typing import TypedDict

from lifecycle.definition import Lifecycle, StageRule
from lifecycle.evolve import evolve
from lifecycle.facts import AnyFact
from lifecycle.state import Stage, VersionState


class Stamp(TypedDict):
    """What every fact of one command shares."""

    at: datetime
    cause: str


class Story:
    """The facts of one command so far, and the state they lead to."""

    def __init__(self, state: VersionState, now: datetime, cause: str) -> None:
        self.state = state
        self.now = now
        self.stamp: Stamp = {"at": now, "cause": cause}
        self.facts: list[AnyFact] = []

    def add(self, fact: AnyFact) -> None:
        """Take a fact and fold it."""
        self.facts.append(fact)
        self.state = evolve(self.state, fact)

    @property
    def lifecycle(self) -> Lifecycle:
        """The definition in force; only asked for once there is one."""
        if self.state.lifecycle is None:
            raise LookupError("no lifecycle is pinned yet")
        return self.state.lifecycle

    def stage(self, rule: StageRule) -> Stage:
        """Give the stage of a rule as it is now."""
        return self.state.stages[rule.name]
