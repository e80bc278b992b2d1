"""Overrides and findings from the key to the gate, through the real workflow."""

from typing import Any

import pytest

from tests.api.house import SMALL, House
from tests.api.test_versions import ask, decide, pending, settled
from tests.api.test_whole_versions import gate

pytestmark = pytest.mark.asyncio(loop_scope="session")

OWNERS = {"validator": ["ben"], "ciso": ["cho"], "risk": ["dee"]}
REVIEWED = "I reviewed this override and what came of it."
ACCEPTED = "I accept the risk of this finding for these bytes."
OVERRIDE = {"gate": "production", "hours": 1, "reason": "Fraud wave."}


def overridable(due: str) -> dict[str, Any]:
    """Give a lifecycle whose overrides are reviewed within a time."""
    review = {"role": "risk", "statement": REVIEWED, "due": due}
    roles = [*SMALL["roles"], "ciso", "risk"]
    return {"roles": roles, "override": {"roles": ["ciso"], "review": review}}


async def override(house: House, model: str, person: str) -> tuple[int, dict[str, Any]]:
    key = await house.key("owner", person=person)
    path = f"/v1/models/{model}/versions/1/overrides"
    answer = await house.post(path, key=key, json=OVERRIDE)
    return answer.status_code, answer.json()


async def asked_of(house: House, model: str, role: str) -> dict[str, Any]:
    """Give the one pending request of a role."""
    listed = await house.get("/v1/signoffs", params={"model": model, "role": role})
    (found,) = listed.json()["items"]
    return dict(found)


async def sign(house: House, signoff: dict[str, Any], person: str) -> dict[str, Any]:
    key = await house.key("owner", person=person)
    status, told = await decide(house, signoff, key, comment="Looked at it.")
    assert status == 200, told
    return told


async def test_an_override_opens_its_gate_and_another_person_reviews_it(house: House) -> None:
    model = await house.describe(overridable("3 days"), owners=OWNERS)
    await ask(house, model)
    assert (await gate(house, model))["allowed"] is False

    stranger = await override(house, model, "ben")
    status, told = await override(house, model, "cho")

    assert (stranger[0], stranger[1]["type"]) == (403, "urn:undersigned:not-an-owner")
    assert status == 200, told
    opened = await gate(house, model)
    assert (opened["allowed"], opened["override"]["reason"]) == (True, "Fraud wave.")
    assert opened["reasons"][0].startswith("OVERRIDE 1: Cho (ciso) opened production until ")
    review = await asked_of(house, model, "risk")
    said = f"{REVIEWED} (override 1 of production: Fraud wave.)"
    assert (review["stage"], review["statement"]) == ("override.1", said)
    assert [one["person"] for one in review["asked"]] == ["dee"]
    told = await sign(house, review, "dee")
    assert [one["is_reviewed"] for one in told["view"]["overrides"]] == [True]
    listed = (await house.get("/v1/overrides", params={"model": model})).json()
    assert (listed["count"], listed["open"], listed["review_owed"]) == (1, 1, 0)


async def test_an_override_that_nobody_reviews_in_time_suspends_trust_until_it_is(
    house: House,
) -> None:
    model = await house.describe(overridable("1 second"), owners=OWNERS)
    signoff = await ask(house, model)
    status, told = await override(house, model, "cho")
    assert status == 200, told

    await settled(house, model, "1", "suspended")

    closed = await gate(house, model)
    assert (closed["allowed"], closed["certain"]) == (False, True)
    assert any("not reviewed in time" in reason for reason in closed["reasons"])
    facts = (await house.get(f"/v1/models/{model}/versions/1/facts?limit=200")).json()["items"]
    (suspended,) = [one["fact"] for one in facts if one["kind"] == "TrustSuspended"]
    assert (suspended["override"], suspended["told"]) == ("1", ["ben", "dee"])
    again = await override(house, model, "cho")
    assert (again[0], again[1]["type"]) == (422, "urn:undersigned:suspended")
    # What is signed meanwhile opens nothing before the review.
    await sign(house, signoff, "ben")
    assert (await gate(house, model))["allowed"] is False
    told = await sign(house, await asked_of(house, model, "risk"), "dee")
    assert told["view"]["status"] == "approved"
    assert (await gate(house, model))["allowed"] is True


async def test_a_finding_closes_the_gate_until_its_risk_is_accepted_by_signature(
    house: House,
) -> None:
    rule = {"blocks": ["high"], "accepted_by": "ciso", "statement": ACCEPTED, "due": "3 days"}
    rules = {"roles": [*SMALL["roles"], "ciso", "risk"], "findings": rule}
    model = await house.describe(rules, owners=OWNERS)
    await sign(house, await ask(house, model), "ben")
    assert (await gate(house, model))["allowed"] is True
    version = f"/v1/models/{model}/versions/1"
    dee = await house.key("owner", person="dee")

    body = {"title": "Recall drops for new accounts", "severity": "high"}
    opened = await house.post(f"{version}/findings", key=dee, json=body)

    assert opened.status_code == 200, opened.text
    blocked = await gate(house, model)
    assert blocked["allowed"] is False
    assert any("Recall drops for new accounts" in reason for reason in blocked["reasons"])
    assert (await house.get("/v1/signoffs", params={"model": model})).json()["items"] == []
    wanted = {"finding": "1", "reason": "Few accounts are new."}
    requested = await house.post(f"{version}/acceptances", key=dee, json=wanted)
    assert requested.status_code == 200, requested.text
    acceptance = await pending(house, model, requested.json())
    said = f"{ACCEPTED} (finding 1, high: Recall drops for new accounts)"
    assert (acceptance["stage"], acceptance["statement"]) == ("finding.1", said)
    assert (await gate(house, model))["allowed"] is False
    told = await sign(house, acceptance, "cho")
    assert [one["status"] for one in told["view"]["findings"]] == ["accepted"]
    assert (await gate(house, model))["allowed"] is True
