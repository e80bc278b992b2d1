"""CloudEvents, from the edge to what became of them."""

import asyncio
import json
from typing import Any

import pytest
from httpx import Response

from tests.api.house import BATCH, BYTES, OTHER_BYTES, STRUCTURED, House, event, evidence

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def send(house: House, key: str, *events: dict[str, Any], batch: bool = False) -> Response:
    if batch:
        return await house.post("/v1/events", key=key, json=list(events), headers=BATCH)
    return await house.post("/v1/events", key=key, json=events[0], headers=STRUCTURED)


async def outcome(house: House, id_: str, *wanted: str) -> dict[str, Any]:
    """Wait until an event has one of the outcomes."""
    async with asyncio.timeout(10):
        while True:
            found = (await house.get(f"/v1/events/{id_}")).json()
            if found["status"] in wanted:
                return dict(found)
            await asyncio.sleep(0.05)


def status_of(answer: Response) -> str:
    assert answer.status_code == 202, answer.text
    (item,) = answer.json()["items"]
    return str(item["status"])


async def test_an_event_is_accepted_then_applied_and_a_repeat_is_a_duplicate(
    house: House,
) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    sent = evidence(model)
    first = await send(house, key, sent)
    assert status_of(first) == "accepted"
    id_ = first.json()["items"][0]["id"]
    applied = await outcome(house, id_, "applied")
    assert applied["sequence"] > 0
    again = await send(house, key, {**sent, "traceparent": "00-1-1-01"})
    assert (status_of(again), again.json()["items"][0]["id"]) == ("duplicate", id_)
    other = await send(house, key, {**sent, "data": {**sent["data"], "verdict": "fail"}})
    assert other.status_code == 409
    mine = await house.get(f"/v1/events/{id_}", key=key)
    assert (mine.json()["event"], mine.json()["model"]) == (sent["id"], model)
    foreign = await house.pipeline("other-*")
    assert (await house.get(f"/v1/events/{id_}", key=foreign)).status_code == 404


async def test_binary_mode_is_the_same_event(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    sent = evidence(model)
    headers = {f"ce-{name}": sent[name] for name in ("id", "source", "type", "time")}
    headers |= {"ce-specversion": "1.0", "content-type": "application/json"}
    body = json.dumps(sent["data"])
    first = await house.post("/v1/events", key=key, content=body, headers=headers)
    assert status_of(first) == "accepted"
    assert status_of(await send(house, key, sent)) == "duplicate"


async def test_a_version_can_be_registered_and_asked_for_by_events_alone(house: House) -> None:
    model = await house.describe()
    key = await house.pipeline(model)
    artifact = {"uri": "s3://m/1", "digest": BYTES}
    events = [
        event("version.registered", model=model, version="1", artifact=artifact, producers=["ana"]),
        evidence(model),
        event("review.requested", model=model, version="1"),
    ]
    answer = await send(house, key, *events, batch=True)
    assert answer.status_code == 202, answer.text
    taken = answer.json()["items"]
    assert [one["status"] for one in taken] == ["accepted"] * 3
    await outcome(house, taken[-1]["id"], "applied")
    listed = (await house.get("/v1/signoffs", params={"model": model})).json()["items"]
    assert [one["role"] for one in listed] == ["validator"]


async def test_events_before_the_registration_wait_and_are_applied_in_order(
    house: House,
) -> None:
    model = await house.describe()
    key = await house.pipeline(model)
    early = [evidence(model), event("review.requested", model=model, version="1")]
    taken = (await send(house, key, *early, batch=True)).json()["items"]
    assert [one["status"] for one in taken] == ["unclaimed", "unclaimed"]
    assert (await house.get(f"/v1/models/{model}/versions/1")).status_code == 404
    await house.register(model)
    for one in taken:
        await outcome(house, one["id"], "applied")
    listed = (await house.get("/v1/signoffs", params={"model": model})).json()["items"]
    assert [one["role"] for one in listed] == ["validator"]


async def test_a_registration_of_an_unknown_model_waits_until_the_model_is_described(
    house: House,
) -> None:
    known = await house.describe()
    model = f"{known}-new"
    key = await house.pipeline("m-*")
    artifact = {"uri": "s3://m/1", "digest": BYTES}
    taken = await send(
        house,
        key,
        evidence(model),
        event("version.registered", model=model, version="1", artifact=artifact, producers=["ana"]),
        batch=True,
    )
    assert [one["status"] for one in taken.json()["items"]] == ["unclaimed"] * 2
    file = {"model": model, "lifecycle": known, "owners": {"validator": ["ben"]}}
    assert (await house.put(f"/v1/models/{model}", json=file)).status_code == 200
    for one in taken.json()["items"]:
        await outcome(house, one["id"], "applied")


async def test_a_model_is_found_by_the_name_that_the_source_knows_it_by(house: House) -> None:
    alias = f"Fraud Scorer {id(house)}"
    model = await house.describe(known_as=[{"source": "mlflow", "name": alias}])
    await house.register(model)
    key = await house.pipeline(model)
    answer = await send(house, key, evidence(alias, source="mlflow"))
    assert status_of(answer) == "accepted"
    found = await house.get(f"/v1/events/{answer.json()['items'][0]['id']}")
    assert found.json()["model"] == model


async def test_a_deployment_without_version_is_told_to_the_versions_of_the_bytes(
    house: House,
) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    seen = event("deployment.observed", model=model, digest=BYTES, environment="eu-prod")
    assert status_of(await send(house, key, seen)) == "accepted"
    async with asyncio.timeout(10):
        while True:
            view = (await house.get(f"/v1/models/{model}/versions/1")).json()
            if view["deployments"] == {"eu-prod": BYTES}:
                break
            await asyncio.sleep(0.05)
    unknown = event("deployment.observed", model=model, digest=OTHER_BYTES, environment="eu")
    assert status_of(await send(house, key, unknown)) == "unclaimed"


async def test_an_event_for_a_retired_version_is_late(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    gone = event("version.retired", model=model, version="1", reason="Replaced.")
    first = await send(house, key, gone)
    await outcome(house, first.json()["items"][0]["id"], "applied")
    late = await send(house, key, evidence(model))
    (item,) = late.json()["items"]
    found = await outcome(house, item["id"], "late", "refused")
    assert found["why"]


async def test_what_the_rules_refuse_is_accepted_and_the_outcome_says_why(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    ahead = {**evidence(model), "time": "2999-01-01T00:00:00Z"}
    taken = await send(house, key, ahead)
    found = await outcome(house, taken.json()["items"][0]["id"], "refused")
    assert "future" in found["why"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": None}, "id"),
        ({"source": None}, "source"),
        ({"source": ""}, "source"),
        ({"specversion": "0.3"}, "specversion"),
        ({"type": None}, "type"),
        ({"type": "undersigned.moon.landed"}, "type"),
        ({"time": "yesterday"}, "time"),
        ({"time": None}, "time"),
        ({"data": None}, "data"),
        ({"data": []}, "data"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"data.verdict": "maybe"}, "data.verdict"),
        ({"data.subject": "sha256:abc"}, "data.subject"),
        ({"data.surprise": 1}, "data.surprise"),
        ({"data.model": None}, "data.model"),
        ({"data.value": {"text": "x" * 17_000}}, "data.value"),
    ],
)
async def test_an_event_that_cannot_be_used_is_422_with_its_place(
    house: House, change: dict[str, Any], path: str
) -> None:
    key = await house.pipeline("*")
    sent = evidence("fraud")
    for name, value in change.items():
        place, _, field = name.rpartition(".")
        target = sent[place] if place else sent
        if value is None:
            del target[field]
        else:
            target[field] = value
    answer = await send(house, key, sent)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    # What is missing has the place of what it is missing in, and is named by the sentence.
    around, _, field = path.rpartition(".")
    assert error["path"] == path or (error["path"] == around and field in error["message"])
    batch = await send(house, key, evidence("fraud"), sent, batch=True)
    assert batch.status_code == 422
    assert all(one["path"].startswith("[1]") for one in batch.json()["errors"]), batch.text


async def test_nothing_of_a_batch_with_a_bad_event_is_taken(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    good, bad = evidence(model), evidence(model, verdict="maybe")
    assert (await send(house, key, good, bad, batch=True)).status_code == 422
    assert status_of(await send(house, key, good)) == "accepted"


async def test_each_event_of_a_batch_has_its_own_outcome(house: House) -> None:
    model = await house.describe()
    await house.register(model)
    key = await house.pipeline(model)
    known = evidence(model)
    await send(house, key, known)
    changed = {**known, "data": {**known["data"], "verdict": "fail"}}
    fresh, unknown = evidence(model), evidence(model, "77")
    answer = await send(house, key, known, changed, fresh, fresh, unknown, batch=True)
    assert [one["status"] for one in answer.json()["items"]] in (
        ["duplicate", "conflict", "accepted", "duplicate", "unclaimed"],
        ["duplicate", "conflict", "accepted", "accepted", "unclaimed"],
    )


@pytest.mark.parametrize("batch", [[], {}, "x"])
async def test_a_batch_that_is_no_list_of_events_is_422(house: House, batch: Any) -> None:
    key = await house.pipeline("*")
    answer = await house.post("/v1/events", key=key, json=batch, headers=BATCH)
    assert answer.status_code == 422


async def test_a_body_that_is_no_event_is_415(house: House) -> None:
    key = await house.pipeline("*")
    answer = await house.post("/v1/events", key=key, json=evidence("fraud"))
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("limits", "path"),
    [
        ({"models": ("other",)}, "data.model"),
        ({"events": ("undersigned.alert.*",)}, "type"),
        ({"sources": ("scanner",)}, "source"),
    ],
)
async def test_a_key_sends_only_what_it_speaks_for(
    house: House, limits: dict[str, tuple[str, ...]], path: str
) -> None:
    everything = {"models": ("*",), "events": ("*",), "sources": ("*",)}
    key = await house.key("pipeline", **{**everything, **limits})
    answer = await send(house, key, evidence("fraud"))
    assert answer.status_code == 403, answer.text
    assert [one["path"] for one in answer.json()["errors"]] == [path]


async def test_a_registration_by_event_needs_producers(house: House) -> None:
    model = await house.describe()
    sent = event("version.registered", model=model, version="1", artifact={"uri": "s3://m"})
    answer = await send(house, await house.pipeline(model), sent)
    assert answer.status_code == 422
    assert "producer" in answer.text


async def test_producers_may_be_left_out_where_the_lifecycle_says_so(house: House) -> None:
    model = await house.describe({"producers": "optional"})
    sent = event("version.registered", model=model, version="1", artifact={"uri": "s3://m"})
    assert status_of(await send(house, await house.pipeline(model), sent)) == "accepted"
