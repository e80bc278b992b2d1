"""Whose working day or week begins in a slot, over zones, holidays and changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.mornings import SLOT, Hours, Mornings, slot_after, slot_before

MORNINGS = Mornings("UTC", "09:00")
MADRID = Hours(zone="Europe/Madrid", hours="09:00-17:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "slot"),
    [
        (Hours(), "2026-03-02T09:00"),
        (MADRID, "2026-03-27T08:00"),
        (MADRID, "2026-03-30T07:00"),  # the clock was put forward on the day before
        (MADRID, "2026-10-26T08:00"),  # and back
        (Hours(zone="Asia/Kathmandu", hours="09:00-17:00"), "2026-03-02T03:15"),
        (Hours(zone="America/New_York", hours="08:10-16:00"), "2026-03-02T13:15"),
        (Hours(hours="22:00-06:00"), "2026-03-02T22:00"),
        (Hours(zone="Nowhere/Never"), "2026-03-02T09:00"),
    ],
)
def test_a_day_begins_in_one_slot_of_it(hours: Hours, slot: str) -> None:
    midnight = at(slot).replace(hour=0, minute=0)
    slots = [midnight + SLOT * number for number in range(96)]
    assert [one for one in slots if MORNINGS.day_begun(hours, one)] == [at(slot)]


@pytest.mark.parametrize(
    ("hours", "day"),
    [
        (MADRID, "2026-03-07"),  # a Saturday
        (Hours(zone="Europe/Madrid", holidays="ES"), "2026-01-06"),
        (Hours(zone="Europe/Berlin", holidays="DE-BY"), "2026-06-04"),  # Corpus Christi
    ],
)
def test_no_day_begins_on_a_day_off(hours: Hours, day: str) -> None:
    slots = [at(f"{day}T00:00") + SLOT * number for number in range(96)]
    assert not any(MORNINGS.day_begun(hours, one) for one in slots)


def test_the_day_is_named_as_the_person_calls_it() -> None:
    kiritimati = Hours(zone="Pacific/Kiritimati", hours="09:00-17:00")
    assert MORNINGS.day_begun(kiritimati, at("2026-03-02T19:00")) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("hours", "week", "first"),
    [
        (Hours(), "2026-03-02", "2026-03-02"),
        (Hours(holidays="DE"), "2026-04-06", "2026-04-07"),  # Easter Monday
        (Hours(zone="Pacific/Kiritimati", hours="00:30-09:00"), "2026-03-01", "2026-03-02"),
    ],
)
def test_a_week_begins_on_its_first_working_day(hours: Hours, week: str, first: str) -> None:
    slots = [at(f"{week}T00:00") + SLOT * number for number in range(96 * 5)]
    found = [day for one in slots if (day := MORNINGS.week_begun(hours, one))]
    assert found == [date.fromisoformat(first)]


def test_coming_mornings_begin_with_the_one_that_just_began() -> None:
    now = at("2026-03-06T09:05")  # a Friday
    friday, monday, *_ = MORNINGS.coming(Hours(), now)
    assert friday == (date(2026, 3, 6), at("2026-03-06T09:00"))
    assert monday == (date(2026, 3, 9), at("2026-03-09T09:00"))


def test_a_slot_ends_with_a_quarter_of_an_hour() -> None:
    instant = at("2026-03-02T09:10") + timedelta(seconds=5)
    assert (slot_before(instant), slot_after(instant)) == (
        at("2026-03-02T09:00"),
        at("2026-03-02T09:15"),
    )
    assert slot_before(at("2026-03-02T09:15")) == slot_after(at("2026-03-02T09:15"))
