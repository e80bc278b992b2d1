"""Lifecycles, people, models and keys, through the API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.house import SMALL, Clock, House

YAML = {"content-type": "application/yaml"}


async def lifecycle(office: House, **more: Any) -> None:
    assert (await office.put("/v1/lifecycles/small", json={**SMALL, **more})).status_code == 200


async def person(office: House, name: str, **file: Any) -> None:
    assert (await office.put(f"/v1/people/{name}", json=file)).status_code == 200


def fraud(**more: Any) -> dict[str, Any]:
    return {"model": "fraud", "lifecycle": "small", "owners": {"validator": ["ben"]}, **more}


async def test_a_definition_is_the_same_digest_in_yaml_and_json_and_when_unchanged(
    office: House,
) -> None:
    text = b"""
lifecycle: small
roles: [validator]
stages:
  - name: validate
    signoffs: [{role: validator, statement: I reviewed it.}]
gates: {production: [validate]}
"""
    first = await office.put("/v1/lifecycles/small", content=text, headers=YAML)
    assert first.status_code == 200, first.text
    again = await office.put(
        "/v1/lifecycles/small",
        json={
            "lifecycle": "small",
            "roles": ["validator"],
            "stages": [
                {
                    "name": "validate",
                    "signoffs": [{"role": "validator", "statement": "I reviewed it."}],
                }
            ],
            "gates": {"production": ["validate"]},
        },
    )
    assert first.json()["digest"] == again.json()["digest"]
    facts = (await office.get("/v1/lifecycles/small/facts")).json()["items"]
    assert [fact["kind"] for fact in facts] == ["LifecycleApplied"]


async def test_a_definition_that_extends_a_template_is_kept_whole(office: House) -> None:
    text = b"lifecycle: ours\nextends: classic-ml\nstages:\n  - {name: data, due: 4 days}\n"
    put = await office.put("/v1/lifecycles/ours", content=text, headers=YAML)
    assert put.status_code == 200, put.text
    kept = (await office.get("/v1/lifecycles/ours")).json()["definition"]
    assert "extends" not in kept
    assert (kept["lifecycle"], kept["stages"][0]["due"]) == ("ours", "4 days")
    assert [stage["name"] for stage in kept["stages"]] == ["data", "checks", "validate", "release"]


async def test_a_definition_that_extends_nothing_known_is_refused_at_its_place(
    office: House,
) -> None:
    put = await office.put(
        "/v1/lifecycles/ours", content=b"lifecycle: ours\nextends: classic\n", headers=YAML
    )
    assert put.status_code == 422
    assert "there is no `classic` to extend" in put.text


async def test_an_earlier_definition_is_found_by_its_digest(office: House) -> None:
    await lifecycle(office)
    first = (await office.get("/v1/lifecycles/small")).json()
    await lifecycle(office, supersede=False)
    now = (await office.get("/v1/lifecycles/small")).json()
    assert now["digest"] != first["digest"]
    assert now["definition"]["supersede"] is False
    earlier = await office.get(f"/v1/lifecycles/small?digest={first['digest']}")
    assert earlier.json() == first
    listed = (await office.get("/v1/lifecycles")).json()["items"]
    assert [one["digest"] for one in listed] == [now["digest"]]


async def test_a_person_is_put_listed_and_audited(office: House) -> None:
    await person(office, "dee")
    answer = await office.put("/v1/people/ana", json={"name": "Ana Ruiz", "manager": "dee"})
    assert answer.json()["changed"] is True
    again = await office.put("/v1/people/ana", json={"name": "Ana Ruiz", "manager": "dee"})
    assert again.json()["changed"] is False
    listed = (await office.get("/v1/people")).json()
    assert [one["id"] for one in listed["items"]] == ["ana", "dee"]
    assert listed["as_of"].endswith("Z")
    assert (await office.get("/v1/people/ana")).json()["name"] == "Ana Ruiz"
    facts = (await office.get("/v1/people/ana/facts")).json()["items"]
    assert [(fact["seq"], fact["kind"]) for fact in facts] == [(1, "PersonPut")]
    assert facts[0]["fact"]["by"].startswith("key:")


async def test_an_identity_of_somebody_else_is_409(office: House) -> None:
    await person(office, "ana", email="ana@example.com")
    answer = await office.put("/v1/people/ben", json={"email": "ana@example.com"})
    assert answer.status_code == 409
    assert "belongs to ana" in answer.json()["detail"]
    assert (await office.get("/v1/people/ben")).status_code == 404


async def test_a_model_needs_a_known_lifecycle(office: House) -> None:
    answer = await office.put("/v1/models/fraud", json=fraud())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "lifecycle"


async def test_a_definition_that_cannot_finish_is_422_with_its_place(office: House) -> None:
    text = b"""
lifecycle: small
roles: [validator]
stages:
  - name: validate
    needs: [release]
    signoffs: [{role: validator, statement: I reviewed it.}]
  - name: release
    signoffs: [{role: poet, statement: I own it.}]
"""
    answer = await office.put("/v1/lifecycles/small", content=text, headers=YAML)
    assert answer.status_code == 422
    assert {6, 9} <= {one["line"] for one in answer.json()["errors"]}, answer.text
    assert (await office.get("/v1/lifecycles/small")).status_code == 404


async def test_a_model_whose_role_nobody_holds_is_422_and_not_stored(office: House) -> None:
    await lifecycle(office)
    for owners in ({}, {"validator": ["nobody"]}, {"poet": ["ben"]}):
        answer = await office.put("/v1/models/fraud", json=fraud(owners=owners))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["path"].startswith("owners")
    assert (await office.get("/v1/models/fraud")).status_code == 404


async def test_what_is_doubtful_in_a_model_is_a_warning(office: House) -> None:
    await lifecycle(office)
    await person(office, "ben", manager="nobody")
    answer = await office.put("/v1/models/fraud", json=fraud())
    assert answer.status_code == 200
    (warned,) = answer.json()["warnings"]
    assert warned["path"] == "owners.validator[0]"


async def test_a_model_says_who_gave_which_role(office: House) -> None:
    await lifecycle(office)
    await person(office, "ben")
    await person(office, "dee")
    key = await office.key("manager", person="dee")
    answer = await office.put("/v1/models/fraud", json=fraud(), key=key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["given_by"] == {"validator": {"ben": "dee"}}
    facts = (await office.get("/v1/models/fraud/facts")).json()["items"]
    assert facts[0]["fact"]["by_person"] == "dee"


async def test_readers_see_only_their_models_and_pipelines_see_no_people(office: House) -> None:
    await lifecycle(office)
    await person(office, "ben")
    await person(office, "cho")
    await office.put("/v1/models/fraud", json=fraud())
    churn = {**fraud(), "model": "churn", "owners": {"validator": ["cho"]}}
    await office.put("/v1/models/churn", json=churn)
    seen = {}
    for name, key in {
        "auditor": await office.key("auditor"),
        "ben": await office.key("owner", person="ben"),
        "pipeline": await office.pipeline("ch*"),
    }.items():
        items = (await office.get("/v1/models", key=key)).json()["items"]
        seen[name] = [one["model"] for one in items]
        other = "churn" if name == "ben" else "fraud"
        expected = 200 if name == "auditor" else 403
        assert (await office.get(f"/v1/models/{other}", key=key)).status_code == expected
        if name == "pipeline":
            assert items[0]["owners"] == {}
            shown = (await office.get("/v1/models/churn", key=key)).json()
            assert (shown["owners"], shown["given_by"]) == ({}, {})
    assert seen == {"auditor": ["churn", "fraud"], "ben": ["fraud"], "pipeline": ["churn"]}


async def test_an_unknown_model_of_others_is_403_as_a_known_one(office: House) -> None:
    key = await office.pipeline("ch*")
    for path in (
        "/v1/models/secret",
        "/v1/models/secret/versions/1",
        "/v1/signoffs/secret:1:s:1:r",
    ):
        assert (await office.get(path, key=key)).status_code == 403


async def test_pages_follow_each_other_without_gaps(office: House) -> None:
    for name in ("ana", "ben", "cho", "dee", "eve"):
        await person(office, name)
    found: list[str] = []
    cursor = ""
    while True:
        page = (await office.get(f"/v1/people?limit=2{cursor}")).json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == ["ana", "ben", "cho", "dee", "eve"]


async def test_a_cursor_of_another_list_is_422(office: House) -> None:
    await person(office, "ana")
    await person(office, "ben")
    cursor = (await office.get("/v1/people?limit=1")).json()["next"]
    assert (await office.get(f"/v1/keys?cursor={cursor}")).status_code == 422


async def test_a_key_is_shown_once_also_when_its_creation_is_repeated(office: House) -> None:
    await person(office, "ben")
    body = {"scopes": ["owner"], "person": "ben"}
    headers = {"idempotency-key": "first"}
    issued = await office.post("/v1/keys", json=body, headers=headers)
    assert issued.status_code == 201
    key = issued.json()["key"]
    assert (await office.get("/v1/models", key=key)).status_code == 200
    again = await office.post("/v1/keys", json=body, headers=headers)
    assert again.status_code == 201
    assert again.json() == {"id": issued.json()["id"], "key": None}
    listed = (await office.get("/v1/keys")).text
    assert key.split("_", 2)[2] not in listed
    assert "secret" not in listed
    trail = await office.get(f"/v1/keys/{issued.json()['id']}/facts")
    assert key.split("_", 2)[2] not in trail.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": ["owner"]}, "belongs to a person"),
        ({"scopes": ["owner"], "person": "nobody"}, "Nobody is called"),
        ({"scopes": ["pipeline"], "models": ["*"]}, "events and sources"),
        ({"scopes": ["gate"], "expires_at": "2020-01-01T00:00:00Z"}, "is over"),
        ({"scopes": ["gate"], "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"scopes": ["gate"], "secret": "mine"}, "unknown key"),
    ],
)
async def test_a_key_that_makes_no_sense_is_422(
    office: House, body: dict[str, Any], said: str
) -> None:
    answer = await office.post("/v1/keys", json=body)
    assert answer.status_code == 422
    assert said in answer.text


async def test_the_same_idempotency_key_with_another_body_is_422_and_changes_nothing(
    office: House, clock: Clock
) -> None:
    headers = {"idempotency-key": "one"}
    await office.put("/v1/people/ana", json={"name": "Ana"}, headers=headers)
    other = await office.put("/v1/people/ana", json={"name": "Anna"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:undersigned:idempotency-key-reused"
    elsewhere = await office.put("/v1/people/ben", json={"name": "Ana"}, headers=headers)
    assert elsewhere.status_code == 422
    assert (await office.get("/v1/people/ana")).json()["name"] == "Ana"
    same = await office.put("/v1/people/ana", json={"name": "Ana"}, headers=headers)
    assert (same.json()["changed"], same.headers["idempotent-replay"]) == (True, "true")
    clock.forward(timedelta(hours=25))
    later = await office.put("/v1/people/ana", json={"name": "Anna"}, headers=headers)
    assert later.status_code == 200


async def test_a_refused_write_leaves_its_idempotency_key_free(office: House) -> None:
    headers = {"idempotency-key": "one"}
    await person(office, "ana", email="ana@example.com")
    taken = await office.put("/v1/people/ben", json={"email": "ana@example.com"}, headers=headers)
    assert taken.status_code == 409
    free = await office.put("/v1/people/ben", json={"email": "ben@example.com"}, headers=headers)
    assert free.status_code == 200


async def test_an_idempotency_key_that_is_no_token_is_422(office: House) -> None:
    headers = {"idempotency-key": "with spaces"}
    answer = await office.put("/v1/people/ana", json={}, headers=headers)
    assert answer.status_code == 422
