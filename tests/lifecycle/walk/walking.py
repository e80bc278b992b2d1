"""Visits every state that so many commands lead to, each once, on every core."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.lifecycle.walk.node import Node
from tests.lifecycle.walk.steps import steps

CHUNK = 200
"""How many states one process expands before it tells of them."""
Found = tuple[int, int, bytes]
"""The place of a state in its level, the number of the command, and the key it leads to."""
_level: list[Node] = []
"""The level that is expanded; forked processes inherit it, so that no state is sent."""


class Level(NamedTuple):
    """How far a walk came."""

    depth: int
    states: int
    new: int


def _expand(start: int) -> list[Found]:
    """Give where every command leads from some states of the level; fails as the witness does."""
    found = []
    for place in range(start, min(start + CHUNK, len(_level))):
        # A copy again: what the core remembers of a state goes with it.
        node = _level[place]._replace(state=_level[place].state.model_copy())
        for number, (command, now) in enumerate(steps(node.state, node.now)):
            after = node.after(command, now)
            if after is not None:
                found.append((place, number, after.key()))
    return found


def _expanded() -> Iterator[list[Found]]:
    starts = range(0, len(_level), CHUNK)
    if len(starts) < 2:
        yield from map(_expand, starts)
        return
    gc.freeze()  # or the collector would copy the whole level into every process
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(_expand, starts)


def _again(place: int, number: int) -> Node:
    """Go one step again, for a state that is new: cheaper than sending it between processes."""
    node = _level[place]._replace(state=_level[place].state.model_copy())
    for count, (command, now) in enumerate(steps(node.state, node.now)):
        if count == number:
            after = node.after(command, now)
            if after is not None:
                return after
    raise LookupError("a step that led somewhere leads nowhere now")


def walk(start: Node, depth: int, tell: Callable[[Level], None]) -> Level:
    """Visit the states level by level; raises AssertionError where the witness objects."""
    global _level
    seen, _level = {start.key()}, [start]
    level = Level(0, 1, 1)
    for at in range(1, depth + 1):
        new: list[tuple[int, int]] = []
        for found in _expanded():
            for place, number, key in found:
                if key not in seen:
                    seen.add(key)
                    new.append((place, number))
        level = Level(at, len(seen), len(new))
        tell(level)
        if at < depth:
            _level = [_again(place, number) for place, number in new]
    return level
