"""What a changed lifecycle would change: the figures of two sets of lives side by side."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from api.simulation.observing import Observation
from lifecycle.values import Frozen

MOST_SENTENCES = 5


class Load(Frozen):
    """What one role has to do."""

    role: str
    asked: int
    answered: int
    people: int


class Refusal(Frozen):
    """Answers that the rules would have refused."""

    code: str
    sentence: str
    """One example."""
    count: int


class Figures(Frozen):
    """What a set of lives comes to."""

    versions: int
    approved: int
    p50: timedelta | None = None
    """Of the time from request to approval."""
    p90: timedelta | None = None
    asked: dict[str, int] = {}
    """How often each person was asked."""
    load: tuple[Load, ...] = ()
    reminded: int = 0
    escalated: int = 0
    stuck: int = 0
    refused: tuple[Refusal, ...] = ()
    not_asked: int = 0
    """Answers on record that nobody would have asked for."""
    stopped: dict[str, int] = {}
    """What versions that were never approved wait for, the most frequent few."""


class Report(Frozen):
    """The lives as they were, or as the present lifecycle has them, beside the changed ones."""

    source: str
    """Where the versions come from, as a sentence."""
    before: Figures | None = None
    after: Figures
    newly_asked: dict[str, int] = {}
    """People who would be asked more often, and by how much."""
    no_longer_asked: dict[str, int] = {}


class Tally:
    """Adds lives up."""

    def __init__(self) -> None:
        self.versions = self.approved = 0
        self._times: list[timedelta] = []
        self._asked: Counter[tuple[str, str]] = Counter()
        self._answered: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._sums: Counter[str] = Counter()
        self._stopped: Counter[str] = Counter()

    def add(self, life: Observation) -> None:
        """Take one version's figures."""
        self.versions += 1
        if life.to_approval is not None:
            self.approved += 1
            self._times.append(life.to_approval)
        for (_, role, person), times in life.asked.items():
            self._asked[role, person] += times
        for (_, role, _person), times in life.answered.items():
            self._answered[role] += times
        for (code, sentence), times in life.refused.items():
            self._refused[code] += times
            self._examples.setdefault(code, sentence)
        if life.stopped:
            self._stopped[life.stopped] += 1
        for name in ("reminded", "escalated", "stuck"):
            self._sums[name] += getattr(life, name)
        self._sums["not_asked"] += sum(life.not_asked.values())

    def figures(self) -> Figures:
        """Give the sums and the quantiles."""
        by_person: Counter[str] = Counter()
        for (_, person), times in self._asked.items():
            by_person[person] += times
        return Figures(
            versions=self.versions,
            approved=self.approved,
            p50=quantile(self._times, 50),
            p90=quantile(self._times, 90),
            asked=dict(by_person.most_common()),
            load=tuple(self._load()),
            reminded=self._sums["reminded"],
            escalated=self._sums["escalated"],
            stuck=self._sums["stuck"],
            refused=tuple(
                Refusal(code=code, sentence=self._examples[code], count=times)
                for code, times in self._refused.most_common()
            ),
            not_asked=self._sums["not_asked"],
            stopped=dict(self._stopped.most_common(MOST_SENTENCES)),
        )

    def _load(self) -> Iterable[Load]:
        roles: Counter[str] = Counter()
        for (role, _), times in self._asked.items():
            roles[role] += times
        for role, times in roles.most_common():
            people = len({person for one, person in self._asked if one == role})
            yield Load(role=role, asked=times, answered=self._answered[role], people=people)


def quantile(times: list[timedelta], percent: int) -> timedelta | None:
    """Give the nearest-rank quantile; None without any."""
    if not times:
        return None
    ordered = sorted(times)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def compared(source: str, before: Tally | None, after: Tally) -> Report:
    """Put two sums side by side."""
    now = after.figures()
    then = before.figures() if before else None
    people = dict.fromkeys([*(then.asked if then else ()), *now.asked])
    by_how_much = {p: now.asked.get(p, 0) - (then.asked.get(p, 0) if then else 0) for p in people}
    return Report(
        source=source,
        before=then,
        after=now,
        newly_asked={p: n for p, n in by_how_much.items() if then and n > 0},
        no_longer_asked={p: -n for p, n in by_how_much.items() if then and n < 0},
    )
