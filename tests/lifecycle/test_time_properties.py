"""Deadlines, reminders and pauses, over zones and years, against a clock that is simply read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.working_time import resolve
from lifecycle.calendars import WorkingTime, add_working_time, next_opening, working_time_between
from lifecycle.commands import AnswerQuestion, AskQuestion, Prepare
from lifecycle.definition import Calendar
from lifecycle.roster import Roster
from lifecycle.stage_facts import OwnersReminded
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION, one_stage
from tests.lifecycle.working_hours import people
from tests.lifecycle.world import World

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = sorted(zone for zone in available_timezones() if zone[0].isupper() and zone != "Factory")
YEARS = range(2024, 2037)
# Leap days, and the weeks in which clocks change somewhere, come up more often than by chance.
SPECIAL = [
    *(date(year, 2, 28) for year in YEARS if year % 4 == 0),
    *(date(year, month, day) for year in YEARS for month in (3, 4) for day in (6, 12, 28)),
    *(date(year, month, day) for year in YEARS for month in (9, 10, 11) for day in (2, 24, 29)),
]
QUICK = settings(
    max_examples=120, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip

times = st.integers(0, 24 * 60 - 1)
days = st.one_of(st.sampled_from(SPECIAL), st.dates(date(2024, 1, 1), date(2036, 12, 31)))
instants = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day, tzinfo=UTC) + minute * MINUTE,
    days, times,
)  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Draw any calendar that lint lets through."""
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    said = "-".join(f"{m // 60:02}:{m % 60:02}" for m in (opens, closes))
    return Calendar.model_validate(
        {
            "zone": draw(st.sampled_from(ZONES)),
            "hours": said,
            "holidays": draw(st.sampled_from([None, "FR", "US", "DE-BY", "JP", "BR"])),
            "weekdays": draw(st.lists(st.sampled_from(DAYS), min_size=3, unique=True)),
        }
    )


@cache
def free_days(code: str | None) -> frozenset[date]:
    country, _, part = (code or "").partition("-")
    years = range(2023, 2039)
    return frozenset(holidays.country_holidays(country, part or None, years) if country else ())


def minutes_of(said: str) -> tuple[int, int]:
    opens, closes = (int(hour) * 60 + int(minute) for hour, minute in map(split, said.split("-")))
    return opens, closes


def split(time: str) -> list[str]:
    return time.split(":")


def working_minutes(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, bool]]:
    """Read the clock minute by minute: work begins when it first shows the hour, and ends so."""
    zone, (opens, closes) = ZoneInfo(calendar.zone), minutes_of(calendar.hours)
    free = free_days(calendar.holidays)
    now = start.replace(hour=0, minute=0) - timedelta(days=1)
    today, is_day, begun, ended = None, False, False, False
    while now < start + timedelta(days=60):
        local = now.astimezone(zone)
        if local.day != today:
            today, begun, ended = local.day, False, False
            is_day = DAYS[local.weekday()] in calendar.weekdays and local.date() not in free
        shown = local.hour * 60 + local.minute
        begun, ended = begun or shown >= opens, ended or shown >= closes
        if now >= start:
            yield now, begun and not ended and is_day
        now += MINUTE


def naive_due(calendar: Calendar, start: datetime, minutes: int) -> datetime:
    """Count working minutes one by one."""
    for now, is_working in working_minutes(calendar, start):
        minutes -= is_working
        if minutes == 0:
            return now + MINUTE
    raise AssertionError("the clock stopped")


@given(calendars(), instants, st.integers(1, 250))
@QUICK
def test_a_due_instant_is_what_counting_minutes_on_the_clock_gives(
    calendar: Calendar, start: datetime, share: int
) -> None:
    opens, closes = minutes_of(calendar.hours)
    minutes = max(1, (closes - opens) * share // 100)
    working = resolve(calendar, start)
    due = add_working_time(working, start, minutes * MINUTE)
    assert due == naive_due(calendar, start, minutes)
    assert working_time_between(working, start, due) == minutes * MINUTE


@pytest.mark.parametrize(
    ("zone", "hours", "start", "minutes", "due"),
    [
        # The clock goes from 02:00 to 03:00; work that begins at 02:30 begins then.
        ("Europe/Paris", "02:30-06:00", "2026-03-29T00:00", 60, "2026-03-29T02:00"),
        ("Europe/Paris", "01:00-02:30", "2026-03-29T00:00", 61, "2026-03-29T23:01"),
        # The clock shows 02:00 to 03:00 twice; both hours are worked.
        ("Europe/Paris", "01:00-04:00", "2026-10-24T23:00", 240, "2026-10-25T03:00"),
        # Half an hour is skipped on Lord Howe.
        ("Australia/Lord_Howe", "01:00-05:00", "2026-10-03T14:30", 60, "2026-10-03T15:30"),
        # The leap day is a day.
        ("UTC", "09:00-17:00", "2028-02-28T09:00", 960, "2028-02-29T17:00"),
        ("UTC", "09:00-17:00", "2028-02-29T16:59", 2, "2028-03-01T09:01"),
    ],
)
def test_clocks_that_change_and_leap_days_are_counted(
    zone: str, hours: str, start: str, minutes: int, due: str
) -> None:
    calendar = Calendar(zone=zone, hours=hours, weekdays=DAYS)
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    end = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert naive_due(calendar, begin, minutes) == end
    assert add_working_time(resolve(calendar, begin), begin, minutes * MINUTE) == end


@given(calendars(), instants, st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
@QUICK
def test_more_time_never_ends_sooner_and_a_later_start_never_ends_sooner(
    calendar: Calendar, start: datetime, length: int, more: int, later: int
) -> None:
    working = resolve(calendar, start)
    due = add_working_time(working, start, length * MINUTE)
    assert start <= due <= add_working_time(working, start, (length + more) * MINUTE)
    assert due <= add_working_time(working, start + later * MINUTE, length * MINUTE)


@given(calendars(), instants)
@QUICK
def test_the_next_opening_is_the_first_working_minute(calendar: Calendar, start: datetime) -> None:
    found = next_opening(resolve(calendar, start), start)
    assert found == next(now for now, is_working in working_minutes(calendar, start) if is_working)


def asking_at(
    start: datetime, due: str, chain: list[dict[str, str]], working: WorkingTime | None,
    members: Roster | None = None,
) -> World:  # fmt: skip
    """Give a version whose owners are asked at an instant."""
    stage = {"due": due, "escalate": "standard"}
    calendar = {"zone": "UTC"} if working else None
    rules = one_stage(stage=stage, escalations={"standard": chain}, calendar=calendar)
    world = World(rules, members, producers=("git:gus",), is_requested=False)
    world.now = start
    world.do(Prepare(working=working))
    world.request()
    return world


@given(calendars(), calendars(), instants, st.integers(1, 14 * 24), st.integers(1, 200))
@QUICK
def test_a_reminder_comes_in_the_readers_hours_unless_these_begin_past_the_deadline(
    one: Calendar, other: Calendar, start: datetime, due: int, share: int
) -> None:
    own = {"ben": resolve(one, start), "cho": resolve(other, start)}
    chain = [{"after": f"{share}%", "remind": "owners"}]
    world = asking_at(start, f"{due} hours", chain, None, people(**own))
    deadline, planned = world.stage("review").due, world.stage("review").steps[0].at
    assert deadline is not None
    reached = []
    for fact in world.tick_until(start + timedelta(days=90)):
        assert isinstance(fact, OwnersReminded)
        for person in fact.people:
            reached.append(person)
            opening = next_opening(own[person], planned)
            assert opening is not None
            assert fact.at == (opening if opening <= deadline else planned)
    assert sorted(reached) == ["ben", "cho"]


@given(
    calendars(), instants, st.booleans(), st.integers(1, 60), st.integers(0, 6000),
    st.integers(0, 60000),
)  # fmt: skip
@QUICK
def test_a_question_moves_deadlines_by_what_was_left_and_never_sooner(
    calendar: Calendar, start: datetime, is_business: bool, due: int, before: int, stood: int
) -> None:
    working = resolve(calendar, start)
    chain = [{"after": f"{share}%", "tell": "manager"} for share in (50, 100, 300)]
    world = asking_at(start, f"{due} {'business ' * is_business}hours", chain, working)
    old = world.stage("review")
    world.now = paused = start + before * MINUTE
    signoff = signoff_id(MODEL, VERSION, "review", 1, "validator")
    world.do(AskQuestion(id="q", by="ben", person="ben", signoff=signoff, text="Why?"))
    world.now = answered = paused + stood * MINUTE
    world.do(AnswerQuestion(id="a", by="gus", person="gus", question="1", text="So."))
    new = world.stage("review")
    assert old.due is not None
    assert new.due is not None
    assert [step.index for step in new.steps] == [step.index for step in old.steps]
    moved = [(old.due, new.due), *zip(at(old.steps), at(new.steps), strict=True)]
    for was, now in moved:
        if was <= paused:
            assert now == was
        elif is_business:
            left = working_time_between(working, paused, was)
            assert working_time_between(working, answered, now) == left
        else:
            assert now - answered == was - paused
        assert now >= was


def at(steps: tuple[object, ...]) -> list[datetime]:
    return [step.at for step in steps]  # type: ignore[attr-defined]  # planned steps
