"""Trying a lifecycle with many versions: those on record, or those of a seeded year."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from api.simulation.observing import observed
from api.simulation.past import script_of
from api.simulation.report import Report, Tally, compared
from api.simulation.runner import live
from api.simulation.script import Habits, Script
from api.simulation.year import NEW_YEAR, habits, year
from integrations.database.lives import Life
from integrations.working_time import resolve
from lifecycle.calendars import WorkingTime
from lifecycle.definition import Calendar, Lifecycle
from lifecycle.roster import Roster

QUARTER = 3
SELDOM = 50_000
"""Objects that are made before the collector looks for circles; a life makes hardly any."""


@lru_cache(maxsize=64)
def _resolved(calendar: Calendar, quarter: datetime) -> WorkingTime:
    return resolve(calendar, quarter)


def working_time(lifecycle: Lifecycle, at: datetime) -> WorkingTime | None:
    """Give the calendar of a lifecycle for the year after an instant; resolved once a quarter."""
    if lifecycle.calendar is None:
        return None
    month = (at.month - 1) // QUARTER * QUARTER + 1
    return _resolved(lifecycle.calendar, datetime(at.year, month, 1, tzinfo=at.tzinfo))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector from walking over what is alive anyway, thousands of times."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _live(script: Script, lifecycle: Lifecycle, habit: Habits, tally: Tally) -> None:
    tally.add(live(script, lifecycle, habit, working_time(lifecycle, script.start)))


def try_past(lives: Iterable[Life], lifecycle: Lifecycle, *, seed: int, source: str) -> Report:
    """Live the versions on record again under a lifecycle, beside what really became of them."""
    before, after = Tally(), Tally()
    habit = habits(seed)
    with _without_collecting():
        for model, version, facts in lives:
            script = script_of(model, version, facts)
            if script is not None:
                before.add(observed(facts))
                _live(script, lifecycle, habit, after)
    return compared(source, before, after)


def try_year(
    lifecycle: Lifecycle,
    present: Lifecycle | None,
    roster: Roster,
    *,
    versions: int,
    seed: int,
) -> Report:
    """Live a seeded year under a lifecycle, beside the same year under the present one."""
    before, after = (Tally() if present else None), Tally()
    habit = habits(seed)
    with _without_collecting():
        for script in year(lifecycle, roster, versions=versions, seed=seed, start=NEW_YEAR):
            _live(script, lifecycle, habit, after)
            if present is not None and before is not None:
                _live(script, present, habit, before)
    source = f"A year of {versions} versions drawn with seed {seed}."
    return compared(source, before, after)
