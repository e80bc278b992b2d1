from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.away import with_absence
from lifecycle.roster import Away

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def away(start: int, end: int) -> Away:
    day = timedelta(days=1)
    return Away.model_validate({"from": NOON + start * day, "until": NOON + end * day})


@pytest.mark.parametrize(
    ("known", "left"),
    [
        ([], []),
        ([(-3, -1)], []),  # it ended
        ([(-3, 0)], []),  # it ends now
        ([(-1, 3)], []),  # overlaps the beginning
        ([(3, 9)], []),  # overlaps the end
        ([(0, 9)], []),  # holds it
        ([(-1, 2), (4, 5)], [(-1, 2), (4, 5)]),  # ends where the new one starts, and after it
    ],
)
def test_a_new_time_replaces_what_it_overlaps_and_what_ended(
    known: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    new = away(2, 4)
    found = with_absence(tuple(away(*one) for one in known), new, NOON)
    expected = [*(away(*one) for one in left), new]
    assert list(found) == sorted(expected, key=lambda one: one.starts)
