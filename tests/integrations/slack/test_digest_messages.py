"""What digests say, and that Slack takes the largest of them."""

from datetime import timedelta
from typing import Any

import pytest

from integrations.database.manager_week import Awaited, ManagerWeek, Standing, Unreached
from integrations.database.person_overview import Delegated, Offered, Report
from integrations.slack.daily_digest import MOST_LISTED, daily_digest
from integrations.slack.weekly_digest import weekly_digest
from lifecycle.view import Upcoming
from lifecycle.view_parts import DelegationView
from tests.integrations.slack.examples import NOON, WORST
from tests.integrations.slack.test_cards import accept, formatted, shown
from tests.integrations.slack.test_home import largest, overview, requested

DAY = timedelta(days=1)
LINK = "https://sandbox.slack.com/archives/D1/p1"


def delegated(**fields: Any) -> Delegated:
    given = DelegationView(person="ana", name="Ana Ruiz", to="ben", to_name="Ben Ode")
    known = {
        "id": "x",
        "model": "fraud-scorer",
        "version": "3",
        "role": "validator",
        "given": given,
    }
    return Delegated(**{**known, **fields})


def test_late_ones_come_first_then_what_is_due_soon_then_the_rest() -> None:
    late = requested(1, due=NOON - DAY, place=0)
    soon = requested(2, due=NOON + DAY, blocks=2, place=1)
    later = requested(3, due=NOON + 9 * DAY, place=2)
    never = requested(4, due=None, place=3)
    found = overview(late, soon, later, never, overdue=1)
    message = daily_digest(found, NOON, {soon.id: LINK}, {later.id})
    assert message is not None
    said = shown(message)
    order = ["4 sign-offs wait for you, 1 overdue", "*Overdue*", "version `1`",
             "*Due in the next days*", "version `2`", "*Later*", "version `3`",
             "version `4`"]  # fmt: skip
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    lines = {line.split("`")[3]: line for line in said.splitlines() if "version `" in line}
    assert "overdue since" in lines["1"]
    assert "blocks 2 stages" in lines["2"]
    assert f"<{LINK}|answer on the card>" in lines["2"]
    assert [":bell: reminder" in lines[one] for one in "1234"] == [False, False, True, False]
    assert "no deadline" in lines["4"]


def test_nothing_is_said_where_nothing_waits() -> None:
    assert daily_digest(overview(offered=(OFFER,)), NOON, {}) is None


OFFER = Offered(model="churn", role="validator", giver="ben")


def test_what_was_delegated_and_offered_is_said_too() -> None:
    found = overview(delegated=(delegated(),), delegated_in_all=4, offered=(OFFER,))
    message = daily_digest(found, NOON, {})
    assert message is not None
    said = shown(message)
    assert "Ben Ode may answer" in said
    assert "of 4 in all" in said
    assert "/undersigned own churn validator" in said
    assert "Home tab" not in said  # there is nothing to decide there


def test_the_largest_daily_digest_is_taken_and_says_how_many_more() -> None:
    upcoming = Upcoming(at=NOON, what=WORST * 100)
    huge = largest(MOST_LISTED)
    hard = tuple(one.model_copy(update={"upcoming": upcoming}) for one in huge.requests)
    given = DelegationView(person="a", name="&" * 200, to="b", to_name=WORST * 20, until=NOON)
    each = delegated(model="m" * 100, version="&" * 100, role="r" * 100, given=given, due=NOON)
    offer = Offered(model="m" * 100, role="r" * 100, giver="&" * 200)
    found = huge.model_copy(
        update={
            "requests": hard, "total": 5_000, "overdue": 5_000, "delegated": (each,) * 10,
            "delegated_in_all": 99_999, "offered": (offer,) * 10,
        }
    )  # fmt: skip
    links = {one.id: "https://sandbox.slack.com/" + "a" * 300 for one in hard}
    message = daily_digest(found, NOON, links, set(links))
    assert message is not None
    accept(message)
    listed = [block for block in message.blocks if "accessory" in block]
    assert f"…and {5_000 - len(listed)} more" in shown(message)
    assert len(listed) > 3


def test_as_many_as_are_read_are_listed_when_they_are_short() -> None:
    requests = tuple(requested(number) for number in range(MOST_LISTED))
    message = daily_digest(overview(*requests), NOON, {})
    assert message is not None
    accept(message)
    assert len([block for block in message.blocks if "accessory" in block]) == MOST_LISTED


def awaited(**fields: Any) -> Awaited:
    known = {
        "id": "a", "model": "fraud-scorer", "version": "14", "stage": "validate",
        "role": "validator", "asked_at": NOON - 9 * DAY, "due": NOON - DAY,
        "people": ("Ana Ruiz", "Ben Ode"), "people_in_all": 3,
    }  # fmt: skip
    return Awaited(**{**known, **fields})


def week(**fields: Any) -> ManagerWeek:
    known: dict[str, Any] = {
        "reports": (Report(person="ana", name="Ana Ruiz", waiting=2, overdue=1, due=NOON - DAY),),
        "reports_in_all": 1,
        "longest": (awaited(),),
        "waiting": 2,
        "overdue": 1,
        "standing": (Standing(model="churn", version="2", stage="release", status="unowned"),),
        "standing_in_all": 1,
        "unreached": (Unreached(person="ben", name="Ben Ode", requests=2, error="no account"),),
        "unreached_in_all": 1,
        "approved": 12,
        "changes_requested": 3,
        "median": 7200.0,
    }
    return ManagerWeek(**{**known, **fields})


def test_a_manager_is_told_what_waits_stands_and_was_decided() -> None:
    message = weekly_digest(week(), NOON, {"a": LINK})
    assert message is not None
    said = shown(message)
    for expected in (
        "2 sign-offs wait for your people, 1 overdue",
        "Ana Ruiz: 2 waiting, 1 overdue",
        "*Waiting longest (1 of 2)*",
        "Ana Ruiz, Ben Ode and 1 more",
        f"<{LINK}|card>",
        "stage `release`: nobody owns it",
        "Ben Ode: 2 requests (no account)",
        "approved 12 and sent back 3, half of them within 2 hours",
    ):
        assert expected in said


def test_a_manager_is_told_nothing_where_there_is_nothing() -> None:
    assert weekly_digest(ManagerWeek(), NOON, {}) is None


@pytest.mark.parametrize("number", [1, 20])
def test_the_largest_weekly_digest_is_taken(number: int) -> None:
    name, label = "&" * 100, (WORST * 20)[:200]
    hard = awaited(model=name, version=name, role=name, people=(label,) * 4, people_in_all=500)
    standing = Standing(model=name, version=name, stage=name, status="held", since=NOON)
    found = week(
        reports=(Report(person="a", name=label, waiting=9_999, overdue=9_999, due=NOON),) * number,
        reports_in_all=9_999,
        longest=(hard,) * number,
        waiting=99_999,
        overdue=99_999,
        standing=(standing,) * number,
        standing_in_all=9_999,
        unreached=(Unreached(person="a", name=label, requests=9_999, error="&" * 900),) * number,
        unreached_in_all=9_999,
    )
    message = weekly_digest(found, NOON, {"a": "https://sandbox.slack.com/" + "a" * 300})
    assert message is not None
    accept(message)


def test_names_from_outside_neither_mention_nor_link() -> None:
    report = Report(person="a", name="<!channel>", waiting=1, overdue=0)
    message = weekly_digest(week(reports=(report,)), NOON, {})
    assert message is not None
    assert not any("<!channel>" in one for one in formatted(list(message.blocks)))
