"""Every sequence of commands, up to a depth: none approves what quorum, duties or bytes forbid."""

import sys

import pytest

from lifecycle.commands import Prepare, Register
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve
from lifecycle.state import EDITION, blank
from tests.lifecycle.definitions import MODEL, VERSION
from tests.lifecycle.walk.node import Node
from tests.lifecycle.walk.setting import BYTES, DEFINITION, PLAIN, ROSTERS
from tests.lifecycle.walk.walking import Level, walk
from tests.lifecycle.walk.witness import Witness
from tests.lifecycle.world import START

SHALLOW = 4


def beginning(definition: Lifecycle = DEFINITION) -> Node:
    """Give a version that is registered, before anybody asks for its review."""
    given = {"name": "model", "uri": "s3://m", "digest": BYTES[0]}
    registration = {"model": MODEL, "version": VERSION, "artifacts": [given]}
    node = Node(blank(MODEL, VERSION), START, Witness())
    for command in (
        Register.model_validate({**registration, "id": "r", "producers": ("git:trainer",)}),
        Prepare(definition=definition, roster=ROSTERS[0], edition=EDITION),
    ):
        state, witness = node.state, node.witness
        for fact in decide(state, command, START):
            state, witness = evolve(state, fact), witness.read(fact)
        node = Node(state, START, witness)
    return node


def told(capsys: pytest.CaptureFixture[str], depth: int, start: Node) -> Level:
    """Walk, and say how many states there are at each depth, whatever the test prints."""

    def tell(level: Level) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\ndepth {level.depth}: {level.states} states, {level.new} new")

    return walk(start, depth, tell)


def test_no_short_sequence_of_commands_approves_what_the_rules_forbid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told(capsys, SHALLOW, beginning()).states > 1000


@pytest.mark.long
@pytest.mark.timeout(14400)
@pytest.mark.parametrize(
    ("depth", "start"),
    [
        pytest.param(7, beginning(PLAIN), id="every command, a plain lifecycle"),
        pytest.param(6, beginning(), id="every command, overrides and findings and alerts"),
        pytest.param(7, beginning()._replace(left=1), id="the same, one surprise in a sequence"),
    ],
)
def test_no_sequence_of_commands_approves_what_the_rules_forbid(
    capsys: pytest.CaptureFixture[str], depth: int, start: Node
) -> None:
    """A surprise comes from outside the round: other people, rules, findings, overrides, alerts."""
    assert told(capsys, depth, start).states > 10_000
