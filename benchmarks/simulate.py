"""How long `undersigned simulate` takes for ten thousand versions on one core.

A drawn year under the classic lifecycle, beside reading and writing the last state of a life as
JSON in the same run.
"""

import time

from api.simulation.trying import try_year
from api.simulation.year import roster_for
from lifecycle.state import VersionState
from tests.lifecycle.definitions import classic
from tests.lifecycle.world import World

VERSIONS = 10_000
ROUND_TRIPS = 200


def round_trip() -> float:
    """Give the seconds that writing a state as JSON and reading it takes."""
    world = World(classic())
    world.approve_classic()
    started = time.process_time()
    for _ in range(ROUND_TRIPS):
        VersionState.model_validate_json(world.state.model_dump_json())
    return (time.process_time() - started) / ROUND_TRIPS


def main() -> None:
    """Print both."""
    lifecycle = classic()
    roster = roster_for(lifecycle, None, {})
    base = round_trip()
    started, wall = time.process_time(), time.perf_counter()
    report = try_year(lifecycle, None, roster, versions=VERSIONS, seed=1)
    taken, waited = time.process_time() - started, time.perf_counter() - wall
    each = taken / VERSIONS
    print(f"{VERSIONS} versions in {taken:.1f} s of one core ({waited:.1f} s by the wall)")
    print(f"{each * 1000:.2f} ms a version, {each / base:.1f} JSON round trips of its state")
    print(f"{report.after.approved} of them approved, p50 {report.after.p50}")


if __name__ == "__main__":
    main()
