"""A role goes from one to the other when both want it."""

from typing import Any

import pytest
from httpx import Response

from tests.api.house import House
from tests.api.test_registry import fraud, lifecycle, person


async def organise(office: House, **more: Any) -> dict[str, str]:
    """Describe four people and a model; give each one's key."""
    await lifecycle(office)
    for name in ("ana", "ben", "cho", "dee"):
        await person(office, name)
    await person(office, "gone", left=True)
    await person(office, "bot", machine=True)
    assert (await office.put("/v1/models/fraud", json=fraud(**more))).status_code == 200
    return {name: await office.key("owner", person=name) for name in ("ana", "ben", "cho")}


async def offer(office: House, key: str | None, **body: Any) -> Response:
    sent = {"role": "validator", "to": "cho", **body}
    return await office.post("/v1/models/fraud/handovers", json=sent, key=key)


async def answer(office: House, key: str | None, verb: str, number: int = 1) -> Response:
    return await office.post(f"/v1/models/fraud/handovers/{number}/{verb}", json={}, key=key)


async def owners(office: House) -> dict[str, Any]:
    found: dict[str, Any] = (await office.get("/v1/models/fraud")).json()
    return found


async def test_the_giver_holds_the_role_until_the_receiver_accepts(office: House) -> None:
    keys = await organise(office)
    offered = await offer(office, keys["ben"], note="You know it.")
    assert offered.status_code == 201, offered.text
    assert (offered.json()["id"], offered.json()["status"]) == (1, "open")
    assert (await owners(office))["owners"] == {"validator": ["ben"]}
    taken = await answer(office, keys["cho"], "acceptances")
    assert taken.json()["status"] == "accepted"
    after = await owners(office)
    assert after["owners"] == {"validator": ["cho"]}
    assert after["given_by"] == {"validator": {"cho": "ben"}}
    facts = (await office.get("/v1/models/fraud/facts")).json()["items"]
    assert [one["kind"] for one in facts] == ["ModelPut", "HandoverOffered", "HandoverAccepted"]


async def test_a_declined_role_stays_where_it_is_and_can_be_offered_again(office: House) -> None:
    keys = await organise(office)
    await offer(office, keys["ben"])
    assert (await answer(office, keys["cho"], "declines")).json()["status"] == "declined"
    assert (await owners(office))["owners"] == {"validator": ["ben"]}
    assert (await answer(office, keys["cho"], "acceptances")).status_code == 422
    assert (await offer(office, keys["ben"], to="ana")).json()["id"] == 2


async def test_an_offer_is_taken_back_by_its_giver_or_a_manager(office: House) -> None:
    keys = await organise(office)
    await offer(office, keys["ben"])
    assert (await answer(office, keys["ana"], "withdrawals")).status_code == 403
    assert (await answer(office, keys["ben"], "withdrawals")).json()["status"] == "withdrawn"
    await offer(office, keys["ben"])
    manager = await office.key("manager")
    assert (await answer(office, manager, "withdrawals", 2)).json()["status"] == "withdrawn"


@pytest.mark.parametrize("verb", ["acceptances", "declines"])
async def test_only_the_receiver_answers(office: House, verb: str) -> None:
    keys = await organise(office)
    await offer(office, keys["ben"])
    refused = await answer(office, keys["ana"], verb)
    assert refused.status_code == 403
    assert "offered to cho" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"to": "ben"}, "handed over to somebody else"),
        ({"to": "zoe"}, "Nobody is called zoe"),
        ({"to": "gone"}, "gone has left"),
        ({"to": "bot"}, "bot is a machine"),
        ({"role": "poet"}, "ben is not poet of fraud"),
    ],
)
async def test_an_offer_that_cannot_be_is_refused(
    office: House, body: dict[str, Any], said: str
) -> None:
    keys = await organise(office)
    refused = await offer(office, keys["ben"], **body)
    assert refused.status_code in (403, 422)
    assert said in refused.json()["detail"]


async def test_a_second_open_offer_of_the_same_role_is_refused(office: House) -> None:
    keys = await organise(office)
    await offer(office, keys["ben"])
    refused = await offer(office, keys["ben"], to="ana")
    assert refused.status_code == 409
    assert "offers validator to cho already" in refused.json()["detail"]


async def test_a_role_held_through_a_group_is_changed_there(office: House) -> None:
    for name in ("ana", "ben"):
        await person(office, name)
    await office.put("/v1/groups/risk", json={"members": ["ana", "ben"]})
    keys = await organise(office, owners={"validator": ["group:risk"]})
    refused = await offer(office, keys["ben"])
    assert "held by group:risk: change the members there" in refused.json()["detail"]


async def test_an_owner_offers_only_their_own_role(office: House) -> None:
    keys = await organise(office)
    assert (await offer(office, keys["ana"], **{"from": "ben"})).status_code == 403
    assert (await offer(office, keys["ana"])).status_code == 403  # holds none
    nobody = await office.key("manager")
    assert (await offer(office, nobody)).status_code == 422


async def test_a_manager_can_not_bring_a_role_to_themselves(office: House) -> None:
    keys = await organise(office)
    manager = await office.key("manager", person="ana")
    refused = await offer(office, manager, **{"from": "ben", "to": "ana"})
    assert refused.status_code == 403
    assert "Nobody hands a role to themselves" in refused.json()["detail"]
    assert (await offer(office, manager, **{"from": "ben"})).status_code == 201
    await answer(office, keys["cho"], "acceptances")
    assert (await owners(office))["given_by"] == {"validator": {"cho": "ana"}}


async def test_a_handover_that_leaves_a_seat_empty_is_refused(office: House) -> None:
    roles = ["validator", "security"]
    signoffs = [{"role": role, "statement": "I looked."} for role in roles]
    stages = [{"name": "validate", "signoffs": signoffs, "due": "3 days"}]
    rules = {"roles": roles, "stages": stages, "evidence": {}}
    for name in ("ana", "ben", "cho"):
        await person(office, name)
    await lifecycle(office, **rules)
    file = fraud(owners={"validator": ["ben"], "security": ["cho"]})
    assert (await office.put("/v1/models/fraud", json=file)).status_code == 200
    key = await office.key("owner", person="ben")
    refused = await offer(office, key, to="cho")
    assert refused.status_code == 422
    assert "With cho: validate can't finish. cho is needed twice" in refused.json()["detail"]
    assert (await offer(office, key, to="ana")).status_code == 201
    # When the seats are empty either way, the handover takes nothing away.
    await person(office, "cho", left=True)
    receiver = await office.key("owner", person="ana")
    assert (await answer(office, receiver, "acceptances")).status_code == 200


async def test_an_owner_sees_the_handovers_from_and_to_them(office: House) -> None:
    keys = await organise(office)
    await offer(office, keys["ben"])
    for name, count in (("ben", 1), ("cho", 1), ("ana", 0)):
        listed = await office.get("/v1/models/fraud/handovers", key=keys[name])
        assert len(listed.json()["items"]) == count, name
    everything = (await office.get("/v1/models/fraud/handovers")).json()["items"]
    assert [one["receiver"] for one in everything] == ["cho"]
    assert (await office.get("/v1/models/none/handovers")).status_code == 404
    assert (await answer(office, keys["cho"], "acceptances", 9)).status_code == 404
