"""Which stages have nothing to say until something that they read changes, or their time comes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

from lifecycle.basis import basis_of, shared_of
from lifecycle.definition import StageRule
from lifecycle.instants import instants_of, next_instant
from lifecycle.lapsing import lapse_instants
from lifecycle.neighbours import neighbours_of
from lifecycle.state import Basis, Stage, VersionState

FOR_EVER = datetime.max.replace(tzinfo=UTC)


class _Silence:
    """That no rule had anything to say at an instant; it lasts until time alone has.

    States share the parts that a fact leaves alone, so the very same parts give the same silence.
    """

    __slots__ = ("_basis", "_deployments", "_next", "_since", "_stages", "_until")

    def __init__(
        self,
        state: VersionState,
        near: Iterable[str],
        now: datetime,
        next_: Callable[[], datetime | None],
    ) -> None:
        self._basis = basis_of(state)
        self._deployments = state.deployments
        stages = state.stages
        self._stages = [(name, stages[name]) for name in near]
        self._since = now
        self._next = next_
        self._until: datetime | None = None

    def holds(
        self, basis: Basis, stages: dict[str, Stage], deployments: dict[str, str], now: datetime
    ) -> bool:
        """Say whether the very same is read, while time alone changes nothing."""
        if basis is not self._basis or deployments is not self._deployments:
            return False
        for name, stage in self._stages:
            if stages[name] is not stage:
                return False
        return now == self._since or self._since < now < self._end()

    def _end(self) -> datetime:
        """Find until when it lasts, only once somebody wants to know."""
        if self._until is None:
            self._until = self._next() or FOR_EVER
        return self._until


class Resting:
    """Keeps for each stage what it had read when no rule had anything to say about it.

    It is shared by the states of one version, and what it keeps says itself when it holds.
    """

    def __init__(self) -> None:
        self._all: _Silence | None = None
        self._beside: _Silence | None = None
        self._stages: dict[str, _Silence] = {}

    def is_settled(self, state: VersionState, now: datetime) -> bool:
        """Say whether nothing at all follows, as it was found before."""
        return self._all is not None and self._all.holds(*_read(state), now)

    def settled(self, state: VersionState, now: datetime) -> None:
        """Take note that nothing at all follows."""
        next_ = partial(next_instant, basis_of(state), state.stages, state.deployments)
        self._all = _Silence(state, state.stages, now, next_)

    def awake(
        self, state: VersionState, rules: Iterable[StageRule], now: datetime
    ) -> Iterator[StageRule]:
        """Give the stages that are not silent as they were found before."""
        basis, stages, deployments = _read(state)
        for rule in rules:
            known = self._stages.get(rule.name)
            if known is None or not known.holds(basis, stages, deployments, now):
                yield rule

    def rests(self, state: VersionState, rule: StageRule, now: datetime) -> None:
        """Take note that no rule has anything to say about a stage."""
        stage, deployments = state.stages[rule.name], state.deployments
        next_ = partial(_next_of, basis_of(state), rule, stage, deployments)
        self._stages[rule.name] = _Silence(state, _near(state, rule), now, next_)

    def is_quiet_beside(self, state: VersionState, now: datetime) -> bool:
        """Say whether alerts, findings, conditions and overrides are silent as found before."""
        return self._beside is not None and self._beside.holds(*_read(state), now)

    def quiet_beside(self, state: VersionState, now: datetime) -> None:
        """Take note that they have nothing to say."""
        is_plain = not (state.findings or state.overrides or state.conditions or state.alerts)
        next_ = partial(_next_beside, basis_of(state))
        self._beside = _Silence(state, () if is_plain else state.stages, now, next_)


def _read(state: VersionState) -> tuple[Basis, dict[str, Stage], dict[str, str]]:
    return basis_of(state), state.stages, state.deployments


def _next_of(
    basis: Basis, rule: StageRule, stage: Stage, deployments: dict[str, str]
) -> datetime | None:
    return min(instants_of(basis, rule, stage, deployments), default=None)


def _next_beside(basis: Basis) -> datetime | None:
    return min(lapse_instants(basis), default=None)


def _near(state: VersionState, rule: StageRule) -> Iterable[str]:
    """Name all the stages that the rules about a stage read.

    A finding's acceptance and an override's review are stages that others read as well.
    """
    if state.lifecycle is None or state.findings or state.overrides:
        return state.stages
    return neighbours_of(basis_of(state)).near[rule.name]


def resting_of(state: VersionState) -> Resting:
    """Give what is known of a version's silence; states that follow on this one share it."""
    shared = shared_of(state)
    if not isinstance(shared.resting, Resting):
        shared.resting = Resting()
    return shared.resting
