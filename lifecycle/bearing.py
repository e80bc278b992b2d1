"""What bears on who may sign at a stage: its basis, or everything where signers must differ."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar, TypeVarTuple

from lifecycle.basis import basis_of, part_of, shared_of
from lifecycle.memory import remembered_of
from lifecycle.neighbours import neighbours_of
from lifecycle.state import Basis, VersionState

Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")
_Rule = Callable[[Basis, *Others], Answer]


class Apart(VersionState):
    """The part of a state that bears on a stage whose signers must differ from those of others.

    Its stages are those others alone, so that no rule about who may sign reads more.
    """


def bearing(state: Basis, stage: str) -> Basis:
    """Give what bears on who may sign at a stage.

    It is the basis, with the stages whose signers must differ. It is the whole state only where a
    request of an early state does not say its stage.
    """
    if type(state) is not VersionState or not stage:
        return state
    others = neighbours_of(basis_of(state)).apart.get(stage)
    return basis_of(state) if others is None else _apart(state, stage, others)


def _apart(state: VersionState, stage: str, others: tuple[str, ...]) -> VersionState:
    """Give the very same part as long as its basis and its stages are the same."""
    parts = shared_of(state).parts
    known = parts.get(stage)
    if known is not None and basis_of(known) is basis_of(state):
        stages, before = state.stages, known.stages
        if all(stages[name] is before[name] for name in others):
            return known
    parts[stage] = part_of(state, Apart, others)
    return parts[stage]


def is_apart(state: Basis, stage: str) -> bool:
    """Say whether a stage is independent of the signers of another, or another of its own."""
    return stage in neighbours_of(basis_of(state)).apart


def remembered_at(
    stage: Callable[[*Others], str],
) -> Callable[[_Rule[*Others, Answer]], _Rule[*Others, Answer]]:
    """Let a pure function answer once for all that bears on who may sign at a stage.

    `stage` names it, from what the function is asked beside the state.
    """

    def part(state: Basis, *others: *Others) -> Basis:
        return bearing(state, stage(*others))

    return partial(remembered_of, Basis, part)
