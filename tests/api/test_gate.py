"""The gate through the API: yes only when somebody sure says yes."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.api.house import STRUCTURED, House, event, evidence

pytestmark = pytest.mark.asyncio(loop_scope="session")


def some_bytes() -> str:
    return "sha256:" + (uuid4().hex + uuid4().hex)


async def approved(house: House, model: str, digest: str, version: str = "1") -> None:
    assert (await house.register(model, version, digest)).status_code == 201
    key = await house.pipeline(model)
    sent = evidence(model, version, subject=digest)
    await house.post("/v1/events", key=key, json=sent, headers=STRUCTURED)
    asked = await house.post(f"/v1/models/{model}/versions/{version}/requests")
    (signoff,) = asked.json()["view"]["stages"][0]["signoffs"]
    answer = await house.post(
        f"/v1/signoffs/{quote(signoff['id'], safe='')}/decisions",
        key=await house.key("owner", person="ben"),
        json={"decision": "approve", "revision": signoff["revision"]},
    )
    assert answer.status_code == 200, answer.text


async def ask(house: House, digest: str, *, key: str | None = None, **more: Any) -> dict[str, Any]:
    params = {"digest": digest, "for": "production", **more}
    answer = await house.get("/v1/gate", params=params, key=key or await house.key("gate"))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_digest_alone_finds_the_version(house: House) -> None:
    model, digest = await house.describe(), some_bytes()
    await approved(house, model, digest)
    said = await ask(house, digest)
    assert (said["allowed"], said["certain"], said["model"]) == (True, True, model)
    assert [one["person"] for one in said["approvals"]] == ["ben"]


async def test_unknown_bytes_and_gates_are_a_no_with_a_sentence(house: House) -> None:
    model, digest = await house.describe(), some_bytes()
    await approved(house, model, digest)
    nobody = await ask(house, some_bytes())
    assert not nobody["allowed"]
    assert "No version" in nobody["reasons"][0]
    gate = await ask(house, digest, **{"for": "moon"})
    assert not gate["allowed"]
    assert "no gate moon" in gate["reasons"][0]
    version = await ask(house, digest, model=model, version="77")
    assert not version["allowed"]
    assert "not registered" in version["reasons"][0]


async def test_bytes_under_several_models_are_a_no_that_names_them(house: House) -> None:
    digest = some_bytes()
    one, other = await house.describe(), await house.describe()
    await approved(house, one, digest)
    await house.register(other, "1", digest)
    said = await ask(house, digest)
    assert not said["allowed"]
    assert f"{one} 1" in said["reasons"][0]
    assert f"{other} 1" in said["reasons"][0]
    assert (await ask(house, digest, model=one))["allowed"]
    assert not (await ask(house, digest, model=other))["allowed"]


async def test_a_key_asks_only_for_models_it_sees(house: House) -> None:
    model, digest = await house.describe(), some_bytes()
    await approved(house, model, digest)
    foreign = await house.key("gate", models=("other-*",))
    said = await ask(house, digest, key=foreign)
    assert not said["allowed"]
    assert model not in str(said["reasons"])
    named = await ask(house, digest, key=foreign, model=model, version="1")
    assert not named["allowed"]
    own = await house.key("gate", models=("m-*",))
    assert (await ask(house, digest, key=own))["allowed"]


async def test_changed_bytes_close_the_gate_at_once(house: House) -> None:
    model, digest, other = await house.describe(), some_bytes(), some_bytes()
    await approved(house, model, digest)
    assert (await ask(house, digest, model=model, version="1"))["allowed"]
    key = await house.pipeline(model)
    changed = event("artifact.changed", model=model, version="1", digest=other)
    await house.post("/v1/events", key=key, json=changed, headers=STRUCTURED)
    for digest_ in (digest, other):
        said = await ask(house, digest_, model=model, version="1", max_age=3600)
        assert not said["allowed"]


async def test_the_projection_answers_only_what_the_workflow_lately_confirmed(
    house: House,
) -> None:
    model, digest = await house.describe(), some_bytes()
    await approved(house, model, digest)
    composition = house.composition
    now = composition.clock()
    view = (await house.get(f"/v1/models/{model}/versions/1")).json()
    is_confirmed = composition.confirmations.confirms
    assert is_confirmed(model, "1", view["sequence"], now, timedelta(seconds=30))
    assert not is_confirmed(model, "1", view["sequence"] - 1, now, timedelta(seconds=30))
    later = now + timedelta(seconds=31)
    assert not is_confirmed(model, "1", view["sequence"], later, timedelta(seconds=30))
    said = await ask(house, digest, max_age=30)
    assert (said["allowed"], said["certain"]) == (True, True)


@pytest.mark.parametrize(
    "params",
    [
        {"digest": "abc", "for": "production"},
        {"digest": "sha256:" + "A" * 64, "for": "production"},
        {"digest": "sha256:" + "a" * 64},
        {"digest": "sha256:" + "a" * 64, "for": "production", "gate": "x"},
        {"digest": "sha256:" + "a" * 64, "for": "production", "max_age": "0"},
    ],
)
async def test_a_question_that_cannot_be_read_is_422(house: House, params: dict[str, str]) -> None:
    answer = await house.get("/v1/gate", params=params)
    assert answer.status_code == 422
