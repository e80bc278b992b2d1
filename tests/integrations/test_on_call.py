"""Shifts over the changes of clocks, and overrides cut into them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.on_call import shifts
from integrations.working_time import UnknownCalendar
from lifecycle.roster import RotationFile

PARIS = ZoneInfo("Europe/Paris")


def rotation(**changes: Any) -> RotationFile:
    file = {"people": ["ana", "ben", "cho"], "zone": "Europe/Paris", "starts": "2026-01-05T09:00"}
    return RotationFile.model_validate({**file, **changes})


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)


def test_nobody_is_on_call_before_the_first_handover() -> None:
    (first,) = shifts(rotation(), day(1), day(8))
    assert (first.person, first.starts) == ("ana", day(5, 8))


def test_people_take_turns_in_order_and_begin_again() -> None:
    found = shifts(rotation(weeks=2), day(5, 8), day(5, 8) + timedelta(weeks=8))
    assert [one.person for one in found] == ["ana", "ben", "cho", "ana"]


@given(
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]),
    start=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2030, 1, 1)),  # noqa: DTZ001 - local times have no zone
    weeks=st.integers(1, 12),
    after=st.timedeltas(timedelta(0), timedelta(days=2000)),
)
def test_shifts_follow_each_other_without_a_gap_at_the_same_local_time(
    zone: str, start: datetime, weeks: int, after: timedelta
) -> None:
    start = start.replace(second=0, microsecond=0)
    file = rotation(zone=zone, starts=start.isoformat(), weeks=weeks)
    since = start.replace(tzinfo=UTC) + timedelta(days=2) + after
    found = shifts(file, since, since + timedelta(days=200))
    assert found[0].starts <= since < found[0].until
    assert found[-1].until >= since + timedelta(days=200)
    assert all(one.until == following.starts for one, following in pairwise(found))
    local = [one.starts.astimezone(ZoneInfo(zone)).time() for one in found]
    # A clock that is put forward may skip the local time itself, at most by what it is put.
    odd = [one for one in local if one != start.time()]
    assert len(odd) <= 2


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([(6, 7, "zed")], ["ana", "zed", "ana", "ben"]),
        ([(4, 6, "zed")], ["zed", "ana", "ben"]),
        ([(5, 26, "zed")], ["zed"]),
        ([(10, 14, "zed")], ["ana", "zed", "ben"]),
        ([(6, 9, "zed"), (7, 8, "yan")], ["ana", "zed", "yan", "zed", "ana", "ben"]),
        ([(30, 31, "zed")], ["ana", "ben"]),
    ],
)
def test_an_override_takes_its_time_and_no_more(
    overrides: list[tuple[int, int, str]], expected: list[str]
) -> None:
    said = [
        {"from": day(since, 8), "until": day(until, 8), "person": who}
        for since, until, who in overrides
    ]
    found = shifts(rotation(overrides=said), day(5, 8), day(19, 8))
    assert [one.person for one in found] == expected
    assert all(one.until == following.starts for one, following in pairwise(found))


def test_a_zone_that_the_tables_lack_is_said() -> None:
    with pytest.raises(UnknownCalendar, match="Mars/Base"):
        shifts(rotation(zone="Mars/Base"), day(1), day(8))
