"""Requests that are withdrawn, and versions that move to another definition."""

from typing import Any

import pytest

from tests.api.house import BYTES, SMALL, STATEMENT, House
from tests.api.test_versions import ask, decide

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def gate(house: House, model: str) -> dict[str, Any]:
    question = {"digest": BYTES, "for": "production", "model": model}
    return dict((await house.get("/v1/gate", params=question)).json())


async def approved(house: House) -> str:
    model = await house.describe()
    ben = await house.key("owner", person="ben")
    assert (await decide(house, await ask(house, model), ben))[0] == 200
    return model


async def test_a_withdrawn_request_closes_the_gate_until_the_next(house: House) -> None:
    model = await approved(house)
    ben = await house.key("owner", person="ben")
    assert (await gate(house, model))["allowed"] is True
    path = f"/v1/models/{model}/versions/1"

    stranger = await house.post(f"{path}/withdrawals", key=ben, json={})
    withdrawn = await house.post(f"{path}/withdrawals", json={"reason": "Stale snapshot."})

    assert (stranger.status_code, stranger.json()["type"]) == (
        403,
        "urn:undersigned:may-not-withdraw",
    )
    assert withdrawn.status_code == 200, withdrawn.text
    assert withdrawn.json()["view"]["status"] == "withdrawn"
    assert (await gate(house, model))["allowed"] is False
    assert (await house.get("/v1/signoffs", params={"model": model})).json()["items"] == []
    again = await house.post(f"{path}/withdrawals", json={"reason": "Stale snapshot."})
    assert again.json()["type"] == "urn:undersigned:already-withdrawn"
    resumed = await house.post(f"{path}/requests")
    assert resumed.status_code == 200, resumed.text
    assert (await gate(house, model))["allowed"] is True


async def test_a_request_says_when_gates_open_at_the_soonest(house: House) -> None:
    model = await house.describe()
    assert (await house.register(model)).status_code == 201

    asked = await house.post(
        f"/v1/models/{model}/versions/1/requests", json={"effective_at": "2999-01-01T00:00:00Z"}
    )

    assert asked.status_code == 200, asked.text
    facts = (await house.get(f"/v1/models/{model}/versions/1/facts")).json()["items"]
    (requested,) = [one["fact"] for one in facts if one["kind"] == "ReviewRequested"]
    assert requested["effective_at"] == "2999-01-01T00:00:00Z"


async def test_commit_authors_are_on_record(house: House) -> None:
    model = await house.describe()
    body = {
        "version": "1",
        "artifact": {"uri": "s3://models/1", "digest": BYTES},
        "producers": ["ana"],
        "commit_authors": ["git:ben-o"],
    }

    assert (await house.post(f"/v1/models/{model}/versions", json=body)).status_code == 201

    facts = (await house.get(f"/v1/models/{model}/versions/1/facts")).json()["items"]
    assert facts[0]["fact"]["commit_authors"] == ["git:ben-o"]


async def test_a_version_moves_to_another_definition_after_a_look(house: House) -> None:
    model = await approved(house)
    path = f"/v1/models/{model}/versions/1/migrations"
    stricter = {"role": "validator", "statement": STATEMENT.replace("reviewed", "repeated")}
    stages = [{**SMALL["stages"][0], "signoffs": [stricter]}]
    applied = await house.put(
        f"/v1/lifecycles/{model}", json={**SMALL, "lifecycle": model, "stages": stages}
    )
    assert applied.status_code == 200, applied.text

    seen = await house.post(path, json={"dry_run": True})

    assert seen.status_code == 200, seen.text
    assert seen.json()["lifecycle_digest"] == applied.json()["digest"]
    assert any("signs another statement" in one for one in seen.json()["changes"]), seen.text
    before = (await house.get(f"/v1/models/{model}/versions/1")).json()
    assert (before["status"], (await gate(house, model))["allowed"]) == ("approved", True)
    moved = await house.post(path, json={"reason": "The new policy."})
    assert moved.status_code == 200, moved.text
    view = moved.json()["view"]
    assert view["lifecycle_digest"] == applied.json()["digest"]
    assert (view["stages"][0]["round"], view["stages"][0]["status"]) == (2, "asking")
    assert (await gate(house, model))["allowed"] is False
    same = await house.post(path, json={"dry_run": True})
    assert (same.status_code, same.json()["type"]) == (422, "urn:undersigned:nothing-differs")


async def test_a_version_moves_to_no_definition_that_was_never_applied(house: House) -> None:
    model = await approved(house)

    answer = await house.post(
        f"/v1/models/{model}/versions/1/migrations", json={"lifecycle_digest": BYTES}
    )

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:undersigned:not-found")
