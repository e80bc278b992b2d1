"""How long `undersigned simulate` takes for ten thousand versions on one core.

A drawn year under the classic lifecycle, beside reading and writing the last state of a life as
JSON in the same run. It is run in ten parts, since the core of a shared machine is now fast and
now slow: the sum is what it took, ten times the fastest part what it takes undisturbed. It matters
how Python was built: Debian's takes about four fifths of what a plain build from source takes.
"""

import sys
import time

from api.simulation.trying import try_year
from api.simulation.year import roster_for
from lifecycle.state import VersionState
from tests.lifecycle.definitions import classic
from tests.lifecycle.world import World

VERSIONS = 10_000
PARTS = 10
ROUND_TRIPS = 200


def round_trip() -> float:
    """Give the seconds that writing a state as JSON and reading it takes."""
    world = World(classic())
    world.approve_classic()
    started = time.process_time()
    for _ in range(ROUND_TRIPS):
        VersionState.model_validate_json(world.state.model_dump_json())
    return (time.process_time() - started) / ROUND_TRIPS


def part(seed: int) -> tuple[float, int]:
    """Live one part of the versions; give the seconds and how many were approved."""
    lifecycle = classic()
    roster = roster_for(lifecycle, None, {})
    started = time.process_time()
    report = try_year(lifecycle, None, roster, versions=VERSIONS // PARTS, seed=seed)
    return time.process_time() - started, report.after.approved


def main() -> None:
    """Print both."""
    base = round_trip()
    parts = [part(seed) for seed in range(1, PARTS + 1)]
    taken, fastest = sum(seconds for seconds, _ in parts), min(seconds for seconds, _ in parts)
    each = taken / VERSIONS
    print(f"{VERSIONS} versions in {taken:.1f} s of one core; undisturbed {fastest * PARTS:.1f} s")
    print(f"{each * 1000:.2f} ms a version, {each / base:.1f} JSON round trips of its state")
    print(f"by {sys.executable}, Python {sys.version}")
    print(f"{sum(approved for _, approved in parts)} of them approved")


if __name__ == "__main__":
    main()
