"""Who gets a code for their Slack account, and how many may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from lifecycle.commands import Refused
from lifecycle.roster import PersonFile
from lifecycle.slack_codes import (
    LOCKED_FOR,
    MOST_WRONG,
    Tries,
    after_wrong,
    check_asker,
    check_may_try,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEFT = PersonFile(left=True)


def tried(times: int) -> Tries:
    tries = Tries()
    for _ in range(times):
        tries = after_wrong(tries, NOON)
    return tries


@pytest.mark.parametrize(
    ("file", "code"),
    [(None, "unknown-person"), (PersonFile(machine=True), "machine"), (LEFT, "left")],
)
def test_machines_leavers_and_strangers_get_no_code(file: PersonFile | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_asker("ana", file)
    assert refused.value.code == code
    check_asker("ana", PersonFile())


def test_too_many_wrong_codes_lock_an_account_for_a_while() -> None:
    check_may_try(tried(MOST_WRONG - 1), NOON)
    locked = tried(MOST_WRONG)
    for after, left in ((timedelta(0), "16 minutes"), (LOCKED_FOR - SECOND, "1 minute,")):
        with pytest.raises(Refused, match=f"Try again in {left}") as refused:
            check_may_try(locked, NOON + after)
        assert refused.value.code == "too-many-codes"
    check_may_try(locked, NOON + LOCKED_FOR)


def test_after_a_pause_counting_begins_anew() -> None:
    assert after_wrong(tried(MOST_WRONG), NOON + LOCKED_FOR).wrong == 1
    assert after_wrong(tried(2), NOON + LOCKED_FOR - SECOND).wrong == 3
