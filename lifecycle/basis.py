"""The basis of a state: what stays the same object, with its answers, while only stages change."""

from collections.abc import Callable, Set
from operator import itemgetter
from typing import TypeVar, TypeVarTuple

from lifecycle.building import made
from lifecycle.memory import remembered_of
from lifecycle.state import Basis, VersionState

_FIELDS = tuple(Basis.model_fields)
_NAMES = set(_FIELDS)
_values = itemgetter(*_FIELDS)

# By the slots themselves: a frozen model's own `__setattr__` refuses, and looking up what is
# missing takes pydantic long.
_kept: Callable[[Basis], Basis] = VersionState.__dict__["basis_"].__get__
_keep: Callable[[Basis, Basis], None] = VersionState.__dict__["basis_"].__set__
_kept_shared: Callable[[Basis], "Shared"] = VersionState.__dict__["shared_"].__get__
_keep_shared: Callable[[Basis, "Shared"], None] = VersionState.__dict__["shared_"].__set__

Part = TypeVar("Part", bound=VersionState)
Others = TypeVarTuple("Others")
Answer = TypeVar("Answer")


class Shared:
    """What the states of one version share: answers that say themselves when they hold."""

    __slots__ = ("parts", "resting")

    def __init__(self) -> None:
        self.parts: dict[str, VersionState] = {}
        self.resting: object = None


def basis_of(state: Basis, *_others: object) -> Basis:
    """Give what a state's requests and approvals are judged by, whatever else is asked about."""
    if type(state) is Basis:
        return state
    try:
        return _kept(state)
    except AttributeError:
        return _begin(state)


def _begin(state: Basis) -> Basis:
    fields = dict(zip(_FIELDS, _values(state.__dict__), strict=True))
    found = made(Basis, fields, _NAMES, {})
    _keep(state, found)
    return found


def shared_of(state: VersionState) -> Shared:
    """Give what a state shares with those before it and after it."""
    try:
        return _kept_shared(state)
    except AttributeError:
        begun = Shared()
        _keep_shared(state, begun)
        return begun


def hand_on(before: VersionState, after: VersionState, changed: Set[str]) -> None:
    """Let a state that follows on another share its basis, when no field of it changed."""
    if _NAMES.isdisjoint(changed):
        _keep(after, basis_of(before))
    _keep_shared(after, shared_of(before))


def part_of(state: VersionState, kind: type[Part], stages: tuple[str, ...]) -> Part:
    """Give a state of some stages alone, on the same basis."""
    of_all = state.stages
    fields = {**state.__dict__, "stages": {name: of_all[name] for name in stages}}
    part = made(kind, fields, set(fields), {})
    _keep(part, basis_of(state))
    return part


def remembered_by_basis(
    function: Callable[[Basis, *Others], Answer],
) -> Callable[[Basis, *Others], Answer]:
    """Let a pure function answer once for each basis and the very same other arguments.

    It gets the basis and no state, so that it can read nothing that changes meanwhile.
    """
    return remembered_of(Basis, basis_of, function)
