"""Confirming Slack accounts over the API, and what that means in Slack."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.api.house import House
from tests.api.slack_house import Building, building, said

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def there(house: House) -> AsyncIterator[Building]:
    async with building(house) as found:
        yield found


async def links(there: Building, **query: str) -> list[dict[str, Any]]:
    answer = await there.house.get("/v1/slack/accounts", params={"limit": 200, **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def place(person: str, account: str = "T1/U1") -> str:
    return f"/v1/people/{person}/slack/{account}"


async def test_a_proposal_is_listed_with_the_names_of_both_sides(there: Building) -> None:
    person, account = await there.describe("Ola")
    account.name = "Mallory \u202e<!channel>"
    await there.opened(account)
    (proposed,) = await links(there, person=person, state="proposed")
    assert (proposed["name"], proposed["slack_name"]) == ("Ola", account.name)
    assert proposed["email"] == account.email
    assert (proposed["team"], proposed["user"]) == (there.slack.team_id, account.id)
    assert (proposed["how"], proposed["by"]) == ("email", "system")


async def test_what_an_administrator_confirms_is_on_record_and_in_force(there: Building) -> None:
    person, account = await there.describe("Ola")
    key = await there.house.key("admin", person=person)
    address = place(person, f"{account.team_id}/{account.id}")
    answer = await there.house.call("PUT", address, key=key, json={})
    assert answer.json() == {
        "person": person, "team": account.team_id, "user": account.id, "changed": True,
    }  # fmt: skip
    assert not (await there.house.put(address, json={})).json()["changed"]
    assert "Nothing waits for you." in said(await there.opened(account))
    (fact,) = [
        one["fact"]
        for one in (await there.house.get(f"/v1/people/{person}/facts")).json()["items"]
        if one["kind"] == "SlackConfirmed"
    ]
    # An administrator may confirm their own account; that they did is there to be seen.
    assert (fact["how"], fact["by_person"], fact["person"]) == ("admin", person, person)
    assert fact["by"] == f"key:{fact['via']['key']}"


async def test_an_account_that_is_taken_back_is_nobodys(there: Building) -> None:
    person, account = await there.enrol("Ola")
    address = place(person, f"{account.team_id}/{account.id}")
    assert (await there.house.call("DELETE", address)).status_code == 204
    assert (await there.house.call("DELETE", address)).status_code == 404
    assert "is not confirmed as Ola's" in said(await there.opened(account))  # proposed again
    (link,) = await links(there, person=person)
    assert link["state"] == "proposed"


async def test_an_account_is_one_persons_and_a_person_has_one(there: Building) -> None:
    one, account = await there.enrol("Ola")
    other, second = await there.describe("Ivo")
    taken = await there.confirm(other, account)
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:undersigned:account-taken")
    has = await there.confirm(one, second)
    assert (has.status_code, has.json()["type"]) == (409, "urn:undersigned:has-account")
    todo = f"undersigned people unlink {one} --slack {account.team_id}/{account.id}"
    assert todo in taken.json()["detail"]
    assert todo in has.json()["detail"]


@pytest.mark.parametrize("scope", ["manager", "auditor", "pipeline", "gate"])
async def test_only_administrators_confirm_and_unlink(there: Building, scope: str) -> None:
    person, account = await there.describe("Ola")
    key = await there.house.key(scope, person=person)
    address = place(person, f"{account.team_id}/{account.id}")
    for method in ("PUT", "DELETE"):
        answer = await there.house.call(method, address, key=key, json={})
        assert answer.status_code == 403
    assert await links(there, person=person) == []


async def test_an_auditor_reads_and_an_owner_does_not(there: Building) -> None:
    for scope, status in (("auditor", 200), ("manager", 403), ("owner", 403)):
        key = await there.house.key(scope, person="ana")
        assert (await there.house.get("/v1/slack/accounts", key=key)).status_code == status


async def test_machines_leavers_and_strangers_get_no_account(there: Building) -> None:
    machine, _ = await there.describe("Bot", machine=True)
    gone, _ = await there.describe("Gus", left=True)
    for person, kind in ((machine, "machine"), (gone, "left"), ("nobody-here", "unknown-person")):
        answer = await there.house.put(place(person), json={})
        assert answer.json()["type"] == f"urn:undersigned:{kind}"
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "account", ["T1/U1%20", "t1/U1", "T1/B1", "E1/U1", "T1/@ana", f"T1/U{'1' * 40}"]
)
async def test_what_is_no_account_is_refused(there: Building, account: str) -> None:
    assert (await there.house.put(place("ana", account), json={})).status_code == 422


async def test_an_unconfirmed_account_reads_and_does_nothing(there: Building) -> None:
    person, account = await there.describe("Ola")
    for text in ("pending", "status m", "own m validator", "away", "away 2030-01-01 2030-01-02"):
        delivery = await there.slack.command(account, "/undersigned", text)
        assert "This Slack account is not confirmed as Ola's." in str(delivery.answer)
    assert (await there.house.get(f"/v1/people/{person}/away")).json()["away"] == []


async def test_who_becomes_a_guest_reads_and_does_nothing_any_more(there: Building) -> None:
    person, account = await there.enrol("Ola")
    await there.slack.change_person(account, is_restricted=True)
    assert there.slack.deliveries[-1].is_acknowledged
    assert "This Slack account is a guest's" in said(await there.opened(account))
    delivery = await there.slack.command(account, "/undersigned", "pending")
    assert "only full members of the workspace decide here" in str(delivery.answer)
    (link,) = await links(there, person=person)
    assert (link["state"], link["barred"]) == ("confirmed", "guest")
    facts = (await there.house.get(f"/v1/people/{person}/facts")).json()["items"]
    assert (facts[-1]["kind"], facts[-1]["fact"]["barred"]) == ("SlackBarred", "guest")
    await there.slack.change_person(account, is_restricted=False)
    assert "Nothing waits for you." in said(await there.opened(account))


async def test_a_change_that_can_not_be_written_comes_again(
    there: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, account = await there.enrol("Ola")

    async def fail(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr("api.slack_changes.Standing.note", fail)
    delivery = await there.slack.event({"type": "user_change", "user": {"id": account.id}})
    assert delivery is not None
    assert delivery.status == 503


async def test_a_guest_links_no_account_by_a_code(there: Building) -> None:
    person, account = await there.describe("Ola")
    account.is_restricted = True
    key = await there.house.key("owner", person=person)
    made = await there.house.post("/v1/people/@me/slack-codes", key=key)
    text = f"link {made.json()['code']}"
    delivery = await there.slack.command(account, "/undersigned", text)
    assert "This Slack account is a guest's" in str(delivery.answer)
    assert await links(there, person=person) == []
    account.is_restricted = False
    delivery = await there.slack.command(account, "/undersigned", text)
    assert "confirmed as" in str(delivery.answer)
