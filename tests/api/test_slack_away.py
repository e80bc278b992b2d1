"""Times away that are set on the home tab, with a delegate, through the API's own rules."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from integrations.slack.sandbox.records import Person
from tests.api.house import House
from tests.api.slack_house import Building, building, said
from tests.api.test_versions import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")
DAY = timedelta(days=1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


def today() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)  # noqa: TID251 - the house has the real clock


def form(starts: datetime, until: datetime, delegate: Person | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "starts": {"starts": int(starts.timestamp())},
        "until": {"until": int(until.timestamp())},
    }
    return {**values, "delegate": {"delegate": delegate.id}} if delegate else values


async def fill_in(
    there: Building,
    who: Person,
    starts: datetime,
    until: datetime,
    delegate: Person | None = None,
) -> dict[str, str]:
    """Open the form on the home tab and submit it; give what is wrong with it."""
    home = await there.opened(who)
    await there.slack.click_view(who, "home_away", view_id=home.id)
    delivery = await there.slack.submit_view(who, values=form(starts, until, delegate))
    assert delivery.is_acknowledged
    left = there.slack.open_views(who)
    return left[-1].errors if left else {}


async def away_of(there: Building, person: str) -> list[dict[str, Any]]:
    found = await there.house.get(f"/v1/people/{person}/away")
    return list(found.json()["away"])


async def test_a_time_away_with_a_delegate_is_on_record_and_shown(there: Building) -> None:
    person, account = await there.enrol("Ola")
    delegate, stand_in = await there.enrol("Ivo")
    starts = today() + DAY
    assert await fill_in(there, account, starts, starts + 7 * DAY, delegate=stand_in) == {}
    await there.shows(account, "Ivo answers in your place")
    [period] = await away_of(there, person)
    assert period["delegate"] == delegate
    assert datetime.fromisoformat(period["from"]) == starts
    facts = (await there.house.get(f"/v1/people/{person}/facts")).json()["items"]
    put = facts[-1]["fact"]
    assert (put["by"], put["by_person"]) == (
        f"slack:{there.slack.team_id}/{account.id}", person,
    )  # fmt: skip


async def test_a_delegate_who_may_answer_finds_the_request_at_home(there: Building) -> None:
    person, account = await there.enrol("Ola")
    _, stand_in = await there.enrol("Ivo")
    model = await there.house.describe(owners={"validator": [person]})
    await ask(there.house, model)
    assert "Nothing waits for you." in said(await there.opened(stand_in))
    now = today()
    assert await fill_in(there, account, now, now + DAY, delegate=stand_in) == {}
    request = await told(there, model, stand_in)
    assert "on behalf of" in request


async def told(there: Building, model: str, who: Person) -> str:
    """Open a home tab until it lists a model; the version hears of the absence by itself."""
    loop_ends = today() + timedelta(minutes=1)
    while today() < loop_ends:
        if model in (shown := said(await there.opened(who))):
            return shown
    raise AssertionError(shown)


async def test_a_new_time_replaces_what_it_overlaps_and_all_are_taken_back(
    there: Building,
) -> None:
    person, account = await there.enrol()
    now = today()
    await fill_in(there, account, now + DAY, now + 3 * DAY)
    await fill_in(there, account, now + 2 * DAY, now + 4 * DAY)
    await fill_in(there, account, now + 9 * DAY, now + 10 * DAY)
    found = [datetime.fromisoformat(one["from"]) for one in await away_of(there, person)]
    assert found == [now + 2 * DAY, now + 9 * DAY]
    await there.shows(account, "I am not away")
    await there.slack.click_view(account, "home_there")
    await there.shows(account, "You are not away.")
    assert await away_of(there, person) == []


async def test_what_is_wrong_is_said_beside_its_field(there: Building) -> None:
    person, account = await there.enrol("Ola")
    stranger = there.slack.add_person("Zoe", "zoe@elsewhere.example")
    now = today()
    ends_first = await fill_in(there, account, now + 2 * DAY, now + DAY)
    assert "ends before it starts" in ends_first["until"]
    unknown = await fill_in(there, account, now, now + DAY, delegate=stranger)
    assert "doesn't know this account" in unknown["delegate"]
    themselves = await fill_in(there, account, now, now + DAY, delegate=account)
    assert "can't stand in for themselves" in themselves["delegate"]
    assert await away_of(there, person) == []


async def test_a_circle_of_stand_ins_is_refused_in_the_modal(there: Building) -> None:
    one, first = await there.enrol("Ola")
    other, second = await there.enrol("Ivo")
    now = today()
    assert await fill_in(there, first, now, now + DAY, delegate=second) == {}
    errors = await fill_in(there, second, now, now + DAY, delegate=first)
    assert "stand in for each other" in errors["until"]
    assert await away_of(there, other) == []
    assert len(await away_of(there, one)) == 1
