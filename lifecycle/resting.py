"""Which stages have nothing to say until something that they read changes, or their time comes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from operator import is_

from lifecycle.basis import basis_of
from lifecycle.definition import StageRule
from lifecycle.instants import instants_of
from lifecycle.lapsing import lapse_instants
from lifecycle.neighbours import neighbours_of
from lifecycle.side_stages import stage_rules
from lifecycle.state import Basis, Stage, VersionState

_Read = tuple[object, ...]
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class _Silence:
    """That no rule had anything to say at an instant; it lasts until time alone has."""

    def __init__(
        self, read: _Read, now: datetime, instants: Callable[[], Iterable[datetime]]
    ) -> None:
        self._read = read
        self._since = now
        self._instants = instants
        self._until: datetime | None = None

    def holds(self, read: _Read, now: datetime) -> bool:
        """Say whether the very same is read, while time alone changes nothing."""
        if len(read) != len(self._read) or not all(map(is_, read, self._read)):
            return False
        return now == self._since or self._since < now < self._end()

    def _end(self) -> datetime:
        """Find until when it lasts, only once somebody wants to know."""
        if self._until is None:
            self._until = min(self._instants(), default=FOR_EVER)
        return self._until


class Resting:
    """Keeps for each stage what it had read when no rule had anything to say about it.

    States share the parts that a fact leaves alone, so the very same parts give the same silence.
    It is shared by the states of one version, and what it keeps says itself when it holds.
    """

    def __init__(self) -> None:
        self._all: _Silence | None = None
        self._beside: _Silence | None = None
        self._stages: dict[str, _Silence] = {}

    def is_settled(self, state: VersionState, now: datetime) -> bool:
        """Say whether nothing at all follows, as it was found before."""
        return self._all is not None and self._all.holds(_read_of_all(state), now)

    def settled(self, state: VersionState, now: datetime) -> None:
        """Take note that nothing at all follows."""
        instants = partial(_instants_of_all, basis_of(state), state.stages, state.deployments)
        self._all = _Silence(_read_of_all(state), now, instants)

    def is_at_rest(self, state: VersionState, rule: StageRule, now: datetime) -> bool:
        """Say whether a stage is silent as it was found before."""
        known = self._stages.get(rule.name)
        return known is not None and known.holds(_read_by(state, rule), now)

    def rests(self, state: VersionState, rule: StageRule, now: datetime) -> None:
        """Take note that no rule has anything to say about a stage."""
        stage = state.stages[rule.name]
        instants = partial(instants_of, basis_of(state), rule, stage, state.deployments)
        self._stages[rule.name] = _Silence(_read_by(state, rule), now, instants)

    def is_quiet_beside(self, state: VersionState, now: datetime) -> bool:
        """Say whether alerts, findings, conditions and overrides are silent as found before."""
        return self._beside is not None and self._beside.holds(_read_beside(state), now)

    def quiet_beside(self, state: VersionState, now: datetime) -> None:
        """Take note that they have nothing to say."""
        instants = partial(lapse_instants, basis_of(state))
        self._beside = _Silence(_read_beside(state), now, instants)


def _read_of_all(state: VersionState) -> _Read:
    return (basis_of(state), state.deployments, state.stages)


def _instants_of_all(
    basis: Basis, stages: dict[str, Stage], deployments: dict[str, str]
) -> Iterator[datetime]:
    for rule in stage_rules(basis):
        yield from instants_of(basis, rule, stages[rule.name], deployments)
    yield from lapse_instants(basis)


def _read_by(state: VersionState, rule: StageRule) -> _Read:
    """Give all that the rules about a stage read.

    A finding's acceptance and an override's review are stages that others read as well.
    """
    basis = basis_of(state)
    if state.lifecycle is None or state.findings or state.overrides:
        return (basis, state.deployments, state.stages)
    near = neighbours_of(basis).near[rule.name]
    return (basis, state.deployments, *map(state.stages.__getitem__, near))


def _read_beside(state: VersionState) -> _Read:
    is_plain = not (state.findings or state.overrides or state.conditions or state.alerts)
    return (basis_of(state),) if is_plain else (basis_of(state), state.stages)


_kept: Callable[[VersionState], Resting] = VersionState.__dict__["resting_"].__get__


def resting_of(state: VersionState) -> Resting:
    """Give what is known of a version's silence; states that follow on this one share it."""
    try:
        return _kept(state)
    except AttributeError:
        begun = Resting()
        object.__setattr__(state, "resting_", begun)
        return begun
