"""The basis of a state: what stays the same object, with its answers, while only stages change."""

from collections.abc import Callable, Set
from typing import TypeVar, TypeVarTuple

from lifecycle.memory import made, remembered_of
from lifecycle.state import Basis, VersionState

_FIELDS = tuple(Basis.model_fields)
_NAMES = frozenset(_FIELDS)
_kept: Callable[[Basis], Basis] = VersionState.__dict__["basis_"].__get__
_rest: Callable[[Basis], object] = VersionState.__dict__["resting_"].__get__
_set = object.__setattr__  # a frozen model's own refuses

Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")


def basis_of(state: Basis) -> Basis:
    """Give what a state's requests and approvals are judged by."""
    return _basis(state)


def _basis(state: Basis, *_others: object) -> Basis:
    if type(state) is Basis:
        return state
    try:
        return _kept(state)
    except AttributeError:
        fields = {name: state.__dict__[name] for name in _FIELDS}
        found = made(Basis, fields, set(_FIELDS), {})
        _set(state, "basis_", found)
        return found


def hand_on(before: VersionState, after: VersionState, changed: Set[str]) -> None:
    """Let a state that follows on another share its basis, when no field of it changed."""
    if _NAMES.isdisjoint(changed):
        _set(after, "basis_", basis_of(before))
    try:
        _set(after, "resting_", _rest(before))
    except AttributeError:  # nothing settled yet
        return


def remembered_by_basis(
    function: Callable[[Basis, *Others], Answer],
) -> Callable[[Basis, *Others], Answer]:
    """Let a pure function answer once for each basis and the very same other arguments.

    It gets the basis and no state, so that it can read nothing that changes meanwhile.
    """
    return remembered_of(_basis, function)
