"""What bears on who may sign at a stage: its basis, or everything where signers must differ."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar, TypeVarTuple

from lifecycle.basis import basis_of
from lifecycle.memory import remembered_of
from lifecycle.neighbours import neighbours_of
from lifecycle.state import Basis, VersionState

Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")
_Rule = Callable[[Basis, *Others], Answer]


def bearing(state: Basis, stage: str) -> Basis:
    """Give what bears on who may sign at a stage.

    It is the whole state only where those who signed another stage may not, or where a request of
    an early state does not say its stage.
    """
    if type(state) is not VersionState or not stage:
        return state
    basis = basis_of(state)
    return state if stage in neighbours_of(basis).apart else basis


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
        return state if type(state) is Basis else bearing(state, stage(*others))

    return partial(remembered_of, part)
