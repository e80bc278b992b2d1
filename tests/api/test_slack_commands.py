"""`/undersigned` over a real house, for the one who typed it alone."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio

from integrations.slack.sandbox.records import Person
from tests.api.house import House
from tests.api.slack_house import Building, building, said
from tests.api.test_versions import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


async def answer(there: Building, who: Person, text: str) -> str:
    """Use the command; give what its user alone reads."""
    delivery = await there.slack.command(who, "/undersigned", text)
    assert delivery.is_acknowledged, delivery
    assert delivery.seconds < 3
    return there.slack.ephemerals(who)[-1].text


async def test_pending_lists_what_waits_and_links_the_home_tab(there: Building) -> None:
    owner, account = await there.enrol()
    assert await answer(there, account, "pending") == "Nothing waits for you."
    request = await ask(there.house, await there.house.describe(owners={"validator": [owner]}))
    told = await answer(there, account, "pending")
    assert "One sign-off waits for you." in told
    assert f"`{request['model']}` version `1` as `validator`, stage `validate`" in told
    assert f"<slack://app?team={there.slack.team_id}&id=" in told


async def test_status_says_what_a_version_waits_for_in_the_words_of_the_api(
    there: Building,
) -> None:
    owner, account = await there.enrol("Ola")
    request = await ask(there.house, await there.house.describe(owners={"validator": [owner]}))
    model = request["model"]
    shown = (await there.house.get(f"/v1/models/{model}/versions/1")).json()
    summary = shown["explanation"]["summary"]
    assert summary in await answer(there, account, f"status {model}")
    whole = await answer(there, account, f"status {model} 1")
    assert summary in whole
    assert "`validate`: asking" in whole
    assert "has no version 2" in await answer(there, account, f"status {model} 2")


async def test_status_shows_nobody_what_their_key_would_not(there: Building) -> None:
    owner, _ = await there.enrol()
    _, other = await there.enrol()
    request = await ask(there.house, await there.house.describe(owners={"validator": [owner]}))
    refused = await answer(there, other, f"status {request['model']}")
    assert refused.startswith("You don't see")
    assert (await answer(there, other, "status no-such-model")).startswith("You don't see")


async def test_own_takes_over_a_role_that_is_offered_and_only_that(there: Building) -> None:
    giver, _ = await there.enrol("Ola")
    receiver, account = await there.enrol("Ivo")
    model = await there.house.describe(owners={"validator": [giver]})
    refused = await answer(there, account, f"own {model} validator")
    assert "is not offered to you" in refused
    assert "nobody gives a role to themselves" in refused
    key = await there.house.key("owner", person=giver)
    offer = {"role": "validator", "to": receiver}
    sent = await there.house.post(f"/v1/models/{model}/handovers", key=key, json=offer)
    assert sent.status_code == 201, sent.text
    assert f"/undersigned own {model} validator" in said(await there.opened(account))

    assert await answer(there, account, f"own {model} validator") == (
        f"You are `validator` of `{model}` now."
    )

    file = (await there.house.get(f"/v1/models/{model}")).json()
    assert file["owners"]["validator"] == [receiver]
    assert "already" in await answer(there, account, f"own {model} validator")


async def test_away_is_set_with_a_delegate_shown_and_taken_back(there: Building) -> None:
    person, account = await there.enrol("Ola", zone="Europe/Madrid")
    delegate, stand_in = await there.enrol("Ivo")
    assert await answer(there, account, "away") == "You are not away."
    told = await answer(there, account, f"away 2030-08-05 2030-08-24 @{stand_in.handle}")
    assert "Ivo answers in your place" in told
    found = (await there.house.get(f"/v1/people/{person}/away")).json()["away"]
    assert found[0]["delegate"] == delegate
    assert datetime.fromisoformat(found[0]["from"]).isoformat() == "2030-08-04T22:00:00+00:00"
    by_name = await answer(there, account, f"away 2031-01-01 2031-01-02 {delegate}")
    assert by_name.count("Ivo answers in your place") == 2
    assert await answer(there, account, "away off") == "You are not away."
    assert (await there.house.get(f"/v1/people/{person}/away")).json()["away"] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("away 2030-08-24 2030-08-05", "ends before it starts"),
        ("away 2030-08-05", "from when and until when"),
        ("away soon later", "is no date"),
        ("away 2030-08-05 2030-08-06 @nobody.there", "nobody.there"),
        ("away 2030-08-05 2030-08-06 two names", "away FROM UNTIL"),
        ("own fraud-scorer", "own MODEL ROLE"),
        ("status", "status MODEL"),
        ("dance <!channel>", "There is no command"),
        ("", "pending"),
        ("help", "away off"),
    ],
)
async def test_bad_input_is_answered_with_what_is_wrong(
    there: Building, text: str, sentence: str
) -> None:
    person, account = await there.enrol()
    told = await answer(there, account, text)
    assert sentence in told
    assert "<!channel>" not in told
    assert (await there.house.get(f"/v1/people/{person}/away")).json()["away"] == []


async def test_somebody_whom_nobody_knows_is_told_what_to_do(there: Building) -> None:
    stranger = there.slack.add_person("Zoe", "zoe3@elsewhere.example")
    for text in ("pending", "status m", "own m validator", "away", "away 2030-01-01 2030-01-02"):
        assert "Ask an administrator" in await answer(there, stranger, text)


async def test_a_member_of_another_workspace_is_refused(there: Building) -> None:
    owner, account = await there.enrol()
    delivery = await there.slack.command(account, "/undersigned", "pending")
    payload = {**delivery.payload, "team_id": "T0ELSEWHERE"}
    delivery.payload = payload
    again = await there.slack.redeliver(delivery)
    assert "Only members of the workspace" in again.body
    assert owner not in again.body
