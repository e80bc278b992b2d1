from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.slack.day_times import end_of_day, snooze_choices

MONDAY = datetime(2026, 3, 2, 12, 0, 31, tzinfo=UTC)


def test_a_reminder_is_offered_soon_and_on_mornings_of_the_reader() -> None:
    assert list(snooze_choices(MONDAY, "Europe/Madrid").items()) == [
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), "In 1 hour (Mon 2 Mar, 14:00)"),
        (datetime(2026, 3, 2, 15, 0, tzinfo=UTC), "In 3 hours (Mon 2 Mar, 16:00)"),
        (datetime(2026, 3, 3, 8, 0, tzinfo=UTC), "Tomorrow morning (Tue 3 Mar, 09:00)"),
        (datetime(2026, 3, 9, 8, 0, tzinfo=UTC), "Next Monday morning (Mon 9 Mar, 09:00)"),
    ]


def test_mornings_are_the_readers_own_where_another_day_has_begun() -> None:
    offered = list(snooze_choices(MONDAY.replace(hour=23), "Pacific/Auckland"))
    assert offered[2] == datetime(2026, 3, 3, 20, 0, tzinfo=UTC)  # Wednesday there


@pytest.mark.parametrize("hours", range(24 * 14))
def test_no_instant_is_offered_twice_or_in_the_past(hours: int) -> None:
    now = MONDAY + timedelta(hours=hours)
    offered = snooze_choices(now, "Europe/Madrid")
    assert 3 <= len(offered) <= 4
    assert all(at > now for at in offered)


def test_a_day_is_over_at_its_last_minute_across_a_change_of_the_clock() -> None:
    assert end_of_day(date(2026, 3, 28), "Europe/Madrid").hour == 22
    assert end_of_day(date(2026, 3, 29), "Europe/Madrid").hour == 21
    assert end_of_day(date(2026, 3, 29), "Nowhere/At All") == datetime(
        2026, 3, 29, 23, 59, tzinfo=UTC
    )
