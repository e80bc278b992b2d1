"""The pure core beside a JSON round trip of the same states, in one run on one core.

A version's whole life through `decide` and `evolve`, and `view` of five hundred owners.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lifecycle.commands import AnyCommand
from lifecycle.definition import Lifecycle
from lifecycle.facts import AnyFact
from lifecycle.projecting import view
from lifecycle.roster import Member, Roster
from lifecycle.state import VersionState
from tests.lifecycle.definitions import classic, digest, one_stage, roster
from tests.lifecycle.world import SOURCES, World

LIVES = 200
VIEWS = 30
OWNERS = tuple(f"owner-{number:03}" for number in range(500))


class Walked(World):
    """A world that keeps the state after each command."""

    def __init__(self, definition: Lifecycle, people: Roster, **given: Any) -> None:
        self.states: list[VersionState] = []
        super().__init__(definition, people, **given)

    def do(self, command: AnyCommand) -> list[AnyFact]:
        """Do a command and keep where it led."""
        facts = super().do(command)
        self.states.append(self.state)
        return facts


def life(definition: Lifecycle, people: Roster, number: int) -> list[VersionState]:
    """Walk one version through review, a request for changes, approval and a renewal's start.

    Bytes and results differ from life to life, so that none is answered from another's.
    """
    weights = digest(f"weights {number}")
    world = Walked(definition, people, artifacts={"model": weights})
    for name in SOURCES:
        world.attach(name, subject=weights, digest=digest(f"{name} {number}"))
    world.tick_until(world.now + timedelta(days=2))
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.decline("validate", "validator", "cho", send_back_to="validate")
    world.attach(
        "evaluation", subject=weights, digest=digest(f"again {number}"), value={"auc": 0.97},
        time=world.now + timedelta(minutes=1),
    )  # fmt: skip
    for role, person in (("validator", "ben"), ("validator", "cho"), ("security", "dee")):
        world.approve("validate", role, person)
    world.tick_until(world.now + timedelta(days=1))
    world.approve("release", "business_owner", "eve")
    world.deploy(weights)
    world.deploy(weights, "staging")
    world.tick_until(world.now + timedelta(days=185))
    if world.status("data") != "approved":
        raise RuntimeError("the version did not live as it should")
    return world.states


def crowded() -> VersionState:
    """Give a version that asks five hundred owners in each of two roles."""
    people = tuple(
        Member(
            id=one,
            name=f"Somebody Called {one}",
            manager=OWNERS[0],
            identities=(f"email:{one}@example.com", f"slack:T0123456/{one}", f"git:{one}"),
        )
        for one in OWNERS
    )
    machine = Member(id="trainer", machine=True, identities=("git:trainer",))
    rules = one_stage(
        {"role": "validator", "quorum": 5}, {"role": "security", "quorum": "10%"},
        stage={"due": "1 days", "escalate": "standard"},
        escalations={"standard": [{"after": "50%", "remind": "owners"}]},
    )  # fmt: skip
    owners = {"validator": OWNERS, "security": OWNERS}
    world = World(rules, roster(owners, people=(*people, machine)))
    for person in OWNERS[:4]:
        world.approve("review", "validator", person)
    return world.state


def timed(call: Callable[[], object], times: int) -> float:
    """Give the median seconds of many calls."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def round_trip(state: VersionState) -> VersionState:
    """Write a state as JSON and read it again."""
    return VersionState.model_validate_json(state.model_dump_json(by_alias=True))


def report(what: str, seconds: float, baseline: float, of: str) -> None:
    """Print a figure, its baseline and their ratio."""
    print(f"{what}: {seconds * 1000:.2f} ms ({1 / seconds:.0f} a second)")
    print(f"  baseline, {of}: {baseline * 1000:.2f} ms; ratio {seconds / baseline:.2f}")


def main() -> None:
    definition, people = classic(), roster(risk="high")
    numbers = iter(range(LIVES + 1))
    states = life(definition, people, next(numbers))
    a_life = timed(lambda: life(definition, people, next(numbers)), LIVES)
    carried = timed(lambda: [round_trip(state) for state in states], 5)
    said = f"{len(states)} JSON round trips of its state"
    report(f"a version's life of {len(states)} commands", a_life, carried, said)
    crowd = crowded()
    shown = timed(lambda: view(crowd.model_copy()), VIEWS)  # a copy is seen anew
    held = timed(lambda: round_trip(crowd), VIEWS)
    report("view() of 500 owners in two roles", shown, held, "one JSON round trip of its state")


if __name__ == "__main__":
    main()
