"""Which stages of a lifecycle read each other."""

from collections.abc import Callable
from typing import NamedTuple

from lifecycle.definition import Lifecycle
from lifecycle.memory import remembered
from lifecycle.state import Basis


class Neighbours(NamedTuple):
    """What a lifecycle says of the stages beside a stage."""

    near: dict[str, tuple[str, ...]]
    """For each stage itself, those that it needs, and those that may not share its signers."""
    apart: dict[str, tuple[str, ...]]
    """For each stage that is independent of the signers of another, or another of its own: whom."""


@remembered
def _neighbours(lifecycle: Lifecycle) -> Neighbours:
    near: dict[str, dict[str, None]] = {rule.name: {rule.name: None} for rule in lifecycle.stages}
    apart: dict[str, dict[str, None]] = {}
    for rule in lifecycle.stages:
        others = [name for name in rule.independent_of if name in near]
        needed = [name for name in rule.needs or () if name in near]
        near[rule.name].update(dict.fromkeys([*needed, *others]))
        for other in others:
            near[other][rule.name] = None
            apart.setdefault(rule.name, {})[other] = None
            apart.setdefault(other, {})[rule.name] = None
    return Neighbours(_tuples(near), _tuples(apart))


def _tuples(found: dict[str, dict[str, None]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(others) for name, others in found.items()}


_NONE = Neighbours({}, {})
_kept: Callable[[Basis], Neighbours] = Basis.__dict__["neighbours_"].__get__


def neighbours_of(basis: Basis) -> Neighbours:
    """Give what the lifecycle of a version says of its stages; looked up once for each basis."""
    try:
        return _kept(basis)
    except AttributeError:
        found = _neighbours(basis.lifecycle) if basis.lifecycle is not None else _NONE
        object.__setattr__(basis, "neighbours_", found)
        return found
