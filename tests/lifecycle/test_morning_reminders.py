from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.morning_reminders import GRACE, said_by, waits_for_digest

MORNING = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
LATER = MORNING + timedelta(days=2)


@pytest.mark.parametrize(
    ("morning", "waiting", "limits", "is_chosen", "waits"),
    [
        (MORNING, 2, [LATER, LATER], False, True),
        (MORNING, 2, [], False, True),
        (MORNING, 1, [LATER], False, False),  # one alone is said at once
        (MORNING, 0, [LATER], False, False),
        (None, 2, [LATER], False, False),  # no morning is known
        (MORNING, 2, [MORNING - timedelta(hours=1), LATER], False, False),  # the deadline is before
        (MORNING, 2, [LATER, MORNING], False, False),  # an escalation is
        (MORNING, 2, [MORNING + GRACE], False, False),  # there is no time to say it alone
        (MORNING, 2, [MORNING + GRACE + timedelta(seconds=1)], False, True),
        (MORNING, 2, [LATER], True, False),  # they chose the time themselves
    ],
)
def test_a_reminder_waits_where_the_digest_comes_in_time(
    morning: datetime | None, waiting: int, limits: list[datetime], is_chosen: bool, waits: bool
) -> None:
    assert waits_for_digest(morning, waiting, limits, is_chosen=is_chosen) is waits


def test_what_no_digest_said_is_said_before_any_limit_that_let_it_wait() -> None:
    for minutes in range(0, 180, 7):
        limit = MORNING + timedelta(minutes=minutes)
        if waits_for_digest(MORNING, 2, [limit], is_chosen=False):
            assert said_by(MORNING) < limit
