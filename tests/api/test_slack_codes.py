"""Confirming one's own Slack account by a code."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from api.upkeep import forget_old
from integrations.slack.sandbox.records import Person
from tests.api.house import Clock, House
from tests.api.slack_house import Building, building, said

pytestmark = pytest.mark.asyncio(loop_scope="session")
WRONG = "This code is wrong, was used, or is older than 15 minutes."


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


async def made(there: Building, person: str) -> str:
    key = await there.house.key("owner", person=person)
    answer = await there.house.post("/v1/people/@me/slack-codes", key=key)
    assert answer.status_code == 201, answer.text
    assert answer.json()["person"] == person
    return str(answer.json()["code"])


async def sent(there: Building, account: Person, code: str) -> str:
    delivery = await there.slack.command(account, "/undersigned", f"link {code}")
    assert delivery.is_acknowledged, delivery
    assert delivery.answer.get("response_type", "ephemeral") == "ephemeral"
    return str(delivery.answer["text"])


async def links(there: Building, person: str) -> list[dict[str, Any]]:
    page = (await there.house.get("/v1/slack/accounts", params={"person": person})).json()
    items: list[dict[str, Any]] = page["items"]
    return items


async def test_a_code_confirms_the_account_that_sends_it(there: Building) -> None:
    person, account = await there.describe("Ola")
    code = await made(there, person)
    assert f"confirmed as `{person}`'s" in await sent(there, account, code)
    assert "Nothing waits for you." in said(await there.opened(account))
    (link,) = await links(there, person)
    assert (link["how"], link["team"], link["user"]) == ("code", account.team_id, account.id)
    facts = (await there.house.get(f"/v1/people/{person}/facts")).json()["items"]
    fact = facts[-1]["fact"]
    assert (fact["kind"], fact["by_person"]) == ("SlackConfirmed", person)
    assert fact["via"]["slack_user"] == account.id
    assert fact["via"]["key"]
    assert WRONG in await sent(there, account, code)  # once


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f'"{code}"']
)
async def test_a_code_may_be_typed_as_people_do(there: Building, typed: Any) -> None:
    person, account = await there.describe("Ola")
    assert "confirmed as" in await sent(there, account, typed(await made(there, person)))


async def test_a_code_binds_to_its_person_whatever_the_address_says(there: Building) -> None:
    ana, hers = await there.describe("Ana")
    mallory = there.slack.add_person("Mallory", hers.email)
    hers.email = "elsewhere@example.com"
    await there.opened(mallory)
    assert [link["user"] for link in await links(there, ana)] == [mallory.id]
    assert "confirmed as" in await sent(there, hers, await made(there, ana))
    assert [(link["user"], link["how"]) for link in await links(there, ana)] == [(hers.id, "code")]
    assert "is not confirmed" not in said(await there.opened(hers))
    assert "doesn't know you" in said(await there.opened(mallory))


async def test_a_code_takes_no_confirmed_account_and_stays_good(there: Building) -> None:
    one, account = await there.enrol("Ola")
    other, second = await there.describe("Ivo")
    code = await made(there, other)
    told = await sent(there, account, code)
    assert f"is confirmed as {one}'s" in told
    assert f"undersigned people unlink {one} --slack {account.team_id}/{account.id}" in told
    assert "confirmed as" in await sent(there, second, code)
    third = there.slack.add_person("Ivo again", "ivo.again@example.com")
    assert "has the confirmed Slack account" in await sent(there, third, await made(there, other))


async def test_a_newer_code_takes_the_place_of_an_older(there: Building) -> None:
    person, account = await there.describe("Ola")
    old, new = await made(there, person), await made(there, person)
    assert WRONG in await sent(there, account, old)
    assert "confirmed as" in await sent(there, account, new)


async def test_wrong_codes_lock_an_account_and_nobody_else(there: Building) -> None:
    person, account = await there.describe("Ola")
    _, other = await there.describe("Ivo")
    code = await made(there, person)
    tries = [sent(there, account, f"AAAA-AAAA-AAA{n}") for n in range(8)]
    told = await asyncio.gather(*tries)
    assert sum(WRONG in one for one in told) == 5
    assert sum("Too many wrong codes" in one for one in told) == 3
    assert "Too many wrong codes" in await sent(there, account, code)
    assert WRONG in await sent(there, other, "AAAA-AAAA-AAAA")
    assert [link["state"] for link in await links(there, person)] == ["proposed"]


async def test_a_code_is_over_after_a_while_and_forgotten(office: House, clock: Clock) -> None:
    async with building(office) as alone:
        person, account = await alone.describe("Ola")
        code = await made(alone, person)
        clock.forward(timedelta(minutes=15))
        assert WRONG in await sent(alone, account, code)
        assert await forget_old(office.engine) >= 1  # by the real clock, long after the test's
        async with office.engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM slack_code")) == 0


async def test_a_code_is_nowhere_in_the_database(there: Building) -> None:
    person, _ = await there.describe("Ola")
    code = await made(there, person)
    async with there.house.engine.connect() as connection:
        rows = await connection.execute(text("SELECT slack_code::text FROM slack_code"))
        kept = " ".join(row[0] for row in rows)
    assert person in kept
    assert code not in kept
    assert code.replace("-", "") not in kept


@pytest.mark.parametrize("scope", ["admin", "manager", "auditor", "pipeline", "gate"])
async def test_only_a_persons_own_key_makes_their_code(there: Building, scope: str) -> None:
    person, _ = await there.describe("Ola")
    key = await there.house.key(scope, person=person)
    assert (await there.house.post("/v1/people/@me/slack-codes", key=key)).status_code == 403
    key = await there.house.key("owner")
    assert (await there.house.post("/v1/people/@me/slack-codes", key=key)).status_code == 403


async def test_machines_and_leavers_get_no_code(there: Building) -> None:
    for fields, kind in (({"machine": True}, "machine"), ({"left": True}, "left")):
        person, _ = await there.describe("Bot", **fields)
        key = await there.house.key("owner", person=person)
        answer = await there.house.post("/v1/people/@me/slack-codes", key=key)
        assert answer.json()["type"] == f"urn:undersigned:{kind}"


async def test_a_code_from_another_workspace_is_turned_away(there: Building) -> None:
    person, account = await there.describe("Ola")
    delivery = await there.slack.command(account, "/undersigned", "help")
    text_ = f"link {await made(there, person)}"
    delivery.payload = {**delivery.payload, "team_id": "T0ELSEWHERE", "text": text_}
    again = await there.slack.redeliver(delivery)
    assert "Only members of the workspace" in again.body
    assert await links(there, person) == []
