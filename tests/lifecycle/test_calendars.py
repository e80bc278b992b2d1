"""Arithmetic on working time, and durations as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lifecycle.calendars import (
    EPOCH,
    WorkingTime,
    add_working_time,
    after,
    needs_resolving,
    share_after,
)
from lifecycle.definition import EscalationStep
from lifecycle.durations import Duration, Share


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _working(*intervals: tuple[str, str], day: int = 480) -> WorkingTime:
    minutes = [
        tuple(int((_at(t) - EPOCH).total_seconds() // 60) for t in pair) for pair in intervals
    ]
    return WorkingTime(
        calendar="sha256:" + "0" * 64,
        since=_at(intervals[0][0]),
        until=_at(intervals[-1][1]),
        day_minutes=day,
        opens=tuple(opens for opens, _ in minutes),
        closes=tuple(closes for _, closes in minutes),
    )


# Paris, 09:00 to 17:00, over the change to summer time on Sunday 29 March 2026: an hour earlier in
# UTC from Monday on. Friday 3 April is left out, as a holiday is.
PARIS = _working(
    ("2026-03-26T08:00", "2026-03-26T16:00"),
    ("2026-03-27T08:00", "2026-03-27T16:00"),
    ("2026-03-30T07:00", "2026-03-30T15:00"),
    ("2026-03-31T07:00", "2026-03-31T15:00"),
    ("2026-04-01T07:00", "2026-04-01T15:00"),
    ("2026-04-02T07:00", "2026-04-02T15:00"),
    ("2026-04-06T07:00", "2026-04-06T15:00"),
)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-03-26T09:00", "2 business hours", "2026-03-26T11:00"),
        ("2026-03-26T09:00", "7 business hours", "2026-03-26T16:00"),
        ("2026-03-26T15:30", "1 business hours", "2026-03-27T08:30"),
        ("2026-03-26T02:00", "1 business hours", "2026-03-26T09:00"),
        ("2026-03-26T16:00", "1 business hours", "2026-03-27T09:00"),
        ("2026-03-27T12:00", "1 business days", "2026-03-30T11:00"),
        ("2026-03-28T12:00", "1 business days", "2026-03-30T15:00"),
        ("2026-04-02T09:00", "1 business days", "2026-04-06T09:00"),
        ("2026-03-27T12:00", "1 days", "2026-03-28T12:00"),
        ("2026-03-27T12:00", "90 minutes", "2026-03-27T13:30"),
    ],
)
def test_business_time_skips_nights_weekends_holidays_and_follows_summer_time(
    start: str, duration: str, end: str
) -> None:
    assert after(_at(start), Duration.model_validate(duration), PARIS) == _at(end)


def test_shares_of_a_business_due_are_business_time() -> None:
    due = Duration.model_validate("2 business days")
    half = share_after(_at("2026-03-27T08:00"), Share.model_validate("50%"), due, PARIS)
    assert half == _at("2026-03-27T16:00")
    longer = share_after(_at("2026-03-27T08:00"), Share.model_validate("150%"), due, PARIS)
    assert longer == _at("2026-03-31T15:00")
    plain = share_after(
        _at("2026-03-27T08:00"),
        Share.model_validate("50%"),
        Duration.model_validate("2 days"),
        PARIS,
    )
    assert plain == _at("2026-03-28T08:00")


def test_past_the_resolved_horizon_plain_time_goes_on() -> None:
    assert add_working_time(PARIS, _at("2026-04-06T14:00"), timedelta(hours=3)) == (
        _at("2026-04-06T17:00")
    )


def test_without_a_calendar_business_time_is_plain() -> None:
    start = _at("2026-03-27T12:00")
    assert after(start, Duration.model_validate("1 business days"), None) == (
        start + timedelta(days=1)
    )


def test_a_calendar_is_resolved_again_when_half_of_it_is_used() -> None:
    assert not needs_resolving(PARIS, _at("2026-03-27T00:00"))
    assert needs_resolving(PARIS, _at("2026-04-04T00:00"))


@given(
    st.integers(0, 15 * 24 * 60),
    st.integers(1, 40 * 60),
    st.integers(1, 40 * 60),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_two_lengths_one_after_the_other_are_their_sum(begin: int, one: int, two: int) -> None:
    start = _at("2026-03-25T00:00") + timedelta(minutes=begin)
    first = add_working_time(PARIS, start, timedelta(minutes=one))
    assert first > start
    assert add_working_time(PARIS, first, timedelta(minutes=two)) == add_working_time(
        PARIS, start, timedelta(minutes=one + two)
    )


@pytest.mark.parametrize(
    ("text", "said", "length"),
    [
        ("1 second", "1 second", timedelta(seconds=1)),
        ("90 minutes", "90 minutes", timedelta(minutes=90)),
        ("1 hours", "1 hour", timedelta(hours=1)),
        ("3 days", "3 days", timedelta(days=3)),
        (" 12 business hours ", "12 business hours", timedelta(hours=12)),
        ("2 business days", "2 business days", timedelta(hours=16)),
    ],
)
def test_a_duration_reads_and_writes_itself(text: str, said: str, length: timedelta) -> None:
    duration = Duration.model_validate(text)
    assert str(duration) == said
    assert duration.plain(timedelta(hours=8)) == length
    assert Duration.model_validate_json(duration.model_dump_json()) == duration


@pytest.mark.parametrize(
    "text",
    [
        "", "3", "days", "0 days", "-1 days", "1.5 days", "3 weeks", "3 business minutes",
        "3  days",
        "1 day 2 hours", "3661 days", "1000000 seconds", "٣ days", "3 Days", 3, None, True,
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        Duration.model_validate(text)


@pytest.mark.parametrize("text", ["0%", "-5%", "50", "5.5%", "10000%", "%", ""])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Share.model_validate(text)


def test_an_error_in_after_speaks_of_what_was_meant() -> None:
    with pytest.raises(ValidationError, match="is not a share"):
        EscalationStep.model_validate({"after": "x%", "remind": "owners"})
    with pytest.raises(ValidationError, match="is not a duration"):
        EscalationStep.model_validate({"after": "soon", "remind": "owners"})
