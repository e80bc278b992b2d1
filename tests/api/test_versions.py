"""Versions from registration to a gate that opens, with a worker, Temporal and PostgreSQL."""

import asyncio
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.house import BYTES, OTHER_BYTES, STRUCTURED, House, event, evidence

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(house: House, model: str, version: str = "1") -> dict[str, Any]:
    """Register, attach evidence, ask for review; give the pending sign-off."""
    assert (await house.register(model, version)).status_code == 201
    key = await house.pipeline(model)
    sent = await house.post(
        "/v1/events", key=key, json=evidence(model, version), headers=STRUCTURED
    )
    assert sent.status_code == 202, sent.text
    asked = await house.post(f"/v1/models/{model}/versions/{quote(version, safe='')}/requests")
    assert asked.status_code == 200, asked.text
    return await pending(house, model, asked.json())


async def pending(house: House, model: str, told: dict[str, Any]) -> dict[str, Any]:
    version = told["view"]["version"]
    listed = await house.get(
        "/v1/signoffs",
        params={"model": model, "at_least": f"{model}/{version}:{told['sequence']}"},
    )
    assert listed.status_code == 200, listed.text
    (found,) = [one for one in listed.json()["items"] if one["version"] == version]
    return dict(found)


async def decide(
    house: House, signoff: dict[str, Any], key: str, **more: Any
) -> tuple[int, dict[str, Any]]:
    headers = more.pop("headers", {})
    body = {"decision": "approve", "revision": signoff["revision"], **more}
    path = f"/v1/signoffs/{quote(signoff['id'], safe='')}/decisions"
    answer = await house.post(path, key=key, json=body, headers=headers)
    return answer.status_code, answer.json()


async def test_a_version_goes_from_registration_to_an_open_gate(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    assert [one["person"] for one in signoff["asked"]] == ["ben"]
    question = {"digest": BYTES, "for": "production", "model": model}
    closed = (await house.get("/v1/gate", params=question)).json()
    assert (closed["allowed"], closed["certain"]) == (False, True), closed
    ben = await house.key("owner", person="ben")
    status, told = await decide(house, signoff, ben)
    assert status == 200, told
    assert (told["recorded"], told["view"]["status"]) == (True, "approved")
    assert (await house.get("/v1/signoffs", params={"model": model})).json()["items"] == []
    done = (await house.get(f"/v1/signoffs/{quote(signoff['id'], safe='')}", key=ben)).json()
    assert [(d["person"], d["decision"]) for d in done["decisions"]] == [("ben", "approve")]
    opened = (await house.get("/v1/gate", params=question)).json()
    assert (opened["allowed"], opened["approvals"][0]["person"]) == (True, "ben"), opened
    other = (await house.get("/v1/gate", params={**question, "digest": OTHER_BYTES})).json()
    assert (other["allowed"], other["certain"]) == (False, True)


async def test_the_audit_trail_names_the_key_and_links_by_hash(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    ben = await house.key("owner", person="ben")
    assert (await decide(house, signoff, ben))[0] == 200
    items = (await house.get(f"/v1/models/{model}/versions/1/facts?limit=200")).json()["items"]
    assert [one["seq"] for one in items] == list(range(1, len(items) + 1))
    assert all(a["hash"] == b["prev"] for a, b in pairwise(items))
    signed = next(one["fact"] for one in items if one["kind"] == "SignedOff")
    assert (signed["person"], signed["via"]["key"]) == ("ben", ben.split("_")[1])
    key = await house.pipeline(model)
    shown = await house.get(f"/v1/models/{model}/versions/1/facts?limit=200", key=key)
    roster = next(one for one in shown.json()["items"] if one["kind"] == "RosterRead")
    assert (roster["fact"]["roster"]["people"], roster["withheld"]) == (
        {},
        ["fact.roster.people"],
    )


async def test_registering_again_is_the_same_and_other_bytes_are_refused(house: House) -> None:
    model = await house.describe()
    first = await house.register(model)
    again = await house.register(model)
    other = await house.register(model, digest=OTHER_BYTES)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert other.json()["type"] == "urn:undersigned:already-registered"
    assert again.json()["view"]["sequence"] >= first.json()["sequence"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"version": "1", "artifact": {"uri": "s3://m"}}, "producers"),
        ({"version": "1", "producers": ["ana"]}, ""),
        ({"version": "", "artifact": {"uri": "s3://m"}, "producers": ["ana"]}, "version"),
        (
            {"version": "1", "artifact": {"uri": "s3://m", "digest": "abc"}, "producers": ["ana"]},
            "artifact.digest",
        ),
        (
            {"version": "1", "artifact": {"uri": "s3://m"}, "producers": ["ana"], "x": 1},
            "x",
        ),
    ],
)
async def test_a_registration_that_makes_no_sense_is_422(
    house: House, body: dict[str, Any], path: str
) -> None:
    model = await house.describe()
    answer = await house.post(f"/v1/models/{model}/versions", json=body)
    assert answer.status_code == 422, answer.text
    assert path in [one["path"] for one in answer.json()["errors"]], answer.text
    assert (await house.get(f"/v1/models/{model}/versions")).json()["items"] == []


async def test_a_version_of_an_unknown_model_is_404(house: House) -> None:
    assert (await house.register("unknown-model")).status_code == 404


async def test_a_pipeline_registers_only_for_its_models(house: House) -> None:
    model = await house.describe()
    key = await house.pipeline("other-*")
    body = {"version": "1", "artifact": {"uri": "s3://m"}, "producers": ["ana"]}
    answer = await house.post(f"/v1/models/{model}/versions", key=key, json=body)
    assert answer.status_code == 403
    review = await house.post(f"/v1/models/{model}/versions/1/requests", key=key)
    assert review.status_code == 403


async def test_a_version_name_with_slashes_and_colons_works_everywhere(house: House) -> None:
    model = await house.describe()
    version = "rc/1:2 é"
    signoff = await ask(house, model, version)
    part = quote(version, safe="")
    shown = await house.get(f"/v1/models/{model}/versions/{part}")
    assert shown.json()["version"] == version
    facts = await house.get(f"/v1/models/{model}/versions/{part}/facts")
    assert facts.json()["items"]
    ben = await house.key("owner", person="ben")
    assert (await decide(house, signoff, ben))[0] == 200


async def test_asking_for_review_of_an_unknown_version_is_404(house: House) -> None:
    model = await house.describe()
    assert (await house.post(f"/v1/models/{model}/versions/9/requests")).status_code == 404


async def test_a_person_who_asked_for_review_may_not_sign(house: House) -> None:
    model = await house.describe()
    assert (await house.register(model)).status_code == 201
    ben = await house.key("owner", person="ben")
    await house.post(
        "/v1/events", key=await house.pipeline(model), json=evidence(model), headers=STRUCTURED
    )
    asked = await house.post(f"/v1/models/{model}/versions/1/requests", key=ben)
    assert asked.status_code == 200, asked.text
    assert asked.json()["view"]["stages"][0]["status"] == "unowned"


async def test_decisions_are_refused_with_the_status_that_the_rule_deserves(
    house: House,
) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    cho, ana, ben = [await house.key("owner", person=one) for one in ("cho", "ana", "ben")]
    status, problem = await decide(house, signoff, cho)
    assert (status, problem["type"]) == (403, "urn:undersigned:not-an-owner")
    assert (await decide(house, signoff, ana))[0] == 403
    status, problem = await decide(house, {**signoff, "revision": "sha256:old"}, ben)
    assert (status, problem["type"]) == (409, "urn:undersigned:other-revision")
    assert problem["current_revision"] == signoff["revision"]
    assert problem["current_signoff"] == signoff["id"]
    status, problem = await decide(house, signoff, ben, decision="request_changes")
    assert (status, problem["type"]) == (422, "urn:undersigned:comment-required")
    unknown = {**signoff, "id": f"{model}:1:validate:1:poet"}
    assert (await decide(house, unknown, ben))[0] == 404
    elsewhere = {**signoff, "id": f"{model}:77:validate:1:validator"}
    assert (await decide(house, elsewhere, ben))[0] == 404
    assert (await decide(house, signoff, ben, surprise=1))[0] == 422
    metrics = (await house.http.get("/metrics")).text
    assert 'undersigned_refusals_total{code="not-an-owner"}' in metrics


async def test_a_repeated_decision_counts_once_and_another_body_is_422(house: House) -> None:
    model = await house.describe(owners={"validator": ["ben", "cho"]})
    signoff = await ask(house, model)
    ben = await house.key("owner", person="ben")
    headers = {"idempotency-key": "decide-once"}
    first = await decide(house, signoff, ben, headers=headers)
    again = await decide(house, signoff, ben, headers=headers)
    assert first[0] == again[0] == 200
    assert first[1]["view"]["sequence"] == again[1]["view"]["sequence"]
    other = await decide(house, signoff, ben, headers=headers, comment="Something else.")
    assert (other[0], other[1]["type"]) == (422, "urn:undersigned:idempotency-key-reused")


async def test_eight_owners_deciding_at_once_all_get_an_answer(house: House) -> None:
    names = [f"o{index}" for index in range(8)]
    for name in names:
        await house.put(f"/v1/people/{name}", json={"name": name})
    model = await house.describe(owners={"validator": names})
    signoff = await ask(house, model)
    keys = [await house.key("owner", person=name) for name in names]
    found = await asyncio.gather(*(decide(house, signoff, key) for key in keys))
    assert sorted(status for status, _ in found) == [200, *[422] * 7]


async def test_a_newer_version_that_asks_supersedes_the_older_ones(house: House) -> None:
    model = await house.describe()
    await ask(house, model, "1")
    await ask(house, model, "2")
    await settled(house, model, "1", "superseded")
    signoffs = await house.get("/v1/signoffs", params={"model": model})
    assert [one["version"] for one in signoffs.json()["items"]] == ["2"]
    assert (await house.get(f"/v1/models/{model}/versions/2")).json()["status"] == "in_review"
    late = await house.post(
        "/v1/events",
        key=await house.pipeline(model),
        json=event("artifact.changed", model=model, version="1", digest=OTHER_BYTES),
        headers=STRUCTURED,
    )
    assert late.status_code == 202
    assert late.json()["items"][0]["status"] in {"late", "accepted"}


async def settled(house: House, model: str, version: str, status: str) -> None:
    """Wait until the rows say what a message without an answer led to."""
    async with asyncio.timeout(10):
        while True:
            found = await house.get(f"/v1/models/{model}/versions/{version}")
            if found.json().get("status") == status:
                return
            await asyncio.sleep(0.05)


async def test_waiting_is_counted_by_owner_and_stage(house: House) -> None:
    model = await house.describe(owners={"validator": ["cho"]})
    await ask(house, model)
    cho = await house.key("owner", person="cho")
    answer = await house.get("/v1/waiting?by=owner", key=cho)
    assert answer.status_code == 200
    mine = next(one for one in answer.json()["items"] if one["key"] == "cho")
    assert mine["count"] >= 1
    assert mine["oldest"]
    by_pipeline = await house.get("/v1/waiting?by=stage", key=await house.pipeline(model))
    assert [one["key"] for one in by_pipeline.json()["items"]] == ["validate"]


async def test_an_owner_lists_only_the_models_they_own(house: House) -> None:
    mine = await house.describe(owners={"validator": ["cho"]})
    other = await house.describe(owners={"validator": ["ben"]})
    await ask(house, mine)
    await ask(house, other)
    cho = await house.key("owner", person="cho")
    listed = await house.get("/v1/signoffs?limit=200", key=cho)
    models = {one["model"] for one in listed.json()["items"]}
    assert mine in models
    assert other not in models
    assert (await house.get(f"/v1/models/{other}/versions/1", key=cho)).status_code == 403


async def test_a_list_that_is_not_far_enough_is_503_and_says_how_far(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    answer = await house.get(f"/v1/signoffs?at_least={model}/1:9999")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:undersigned:projection-behind"
    assert answer.json()["reached"] >= 1


async def test_everything_is_ready(house: House) -> None:
    answer = await house.http.get("/readyz")
    assert answer.json()["components"] == {"database": "ok", "temporal": "ok", "worker": "ok"}
    assert answer.status_code == 200
