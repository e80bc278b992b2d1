"""Groups, rotations and away periods, through the API and into running versions."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.house import Clock, House, evidence
from tests.api.test_registry import YAML, fraud, lifecycle, person

ROTATION = {"people": ["ana", "ben"], "zone": "Europe/Paris", "starts": "2026-01-05T09:00"}


async def test_a_group_is_put_listed_and_audited(office: House) -> None:
    await person(office, "ana")
    await person(office, "ben", left=True)
    answer = await office.put("/v1/groups/risk", content=b"members: [ana, ben]", headers=YAML)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changed"] is True
    assert [one["message"] for one in answer.json()["warnings"]] == [
        "ben has left and signs nothing; take them out."
    ]
    again = await office.put("/v1/groups/risk", json={"members": ["ana", "ben"]})
    assert again.json()["changed"] is False
    assert [one["id"] for one in (await office.get("/v1/groups")).json()["items"]] == ["risk"]
    assert (await office.get("/v1/groups/risk")).json()["members"] == ["ana", "ben"]
    assert (await office.get("/v1/groups/other")).status_code == 404
    facts = (await office.get("/v1/groups/risk/facts")).json()["items"]
    assert [fact["kind"] for fact in facts] == ["GroupPut"]


async def test_a_rotation_is_put_listed_and_audited(office: House) -> None:
    for name in ("ana", "ben"):
        await person(office, name)
    answer = await office.put("/v1/rotations/oncall", json=ROTATION)
    assert answer.status_code == 200, answer.text
    assert (await office.put("/v1/rotations/oncall", json=ROTATION)).json()["changed"] is False
    shown = (await office.get("/v1/rotations/oncall")).json()
    assert (shown["people"], shown["starts"]) == (["ana", "ben"], "2026-01-05T09:00:00")
    listed = (await office.get("/v1/rotations")).json()["items"]
    assert [one["id"] for one in listed] == ["oncall"]
    facts = (await office.get("/v1/rotations/oncall/facts")).json()["items"]
    assert [fact["kind"] for fact in facts] == ["RotationPut"]


@pytest.mark.parametrize(
    ("path", "body", "place", "said"),
    [
        ("groups/risk", {"members": ["zoe"]}, "members[0]", "zoe is nobody known"),
        ("groups/risk", {"members": ["bot"]}, "members[0]", "bot is a machine"),
        ("rotations/r", {**ROTATION, "zone": "Mars/Base"}, "zone", "zone 'Mars/Base' is not known"),
        ("rotations/r", {**ROTATION, "people": ["zoe"]}, "people[0]", "zoe is nobody known"),
        ("rotations/r", {**ROTATION, "starts": "9999-12-31T23:00"}, "starts", "year"),
        ("rotations/r", {**ROTATION, "people": []}, "people", "at least 1"),
        ("people/zed", {"zone": "Mars/Base"}, "zone", "zone 'Mars/Base' is not known"),
        ("people/zed", {"holidays": "XX"}, "holidays", "holidays 'XX' are not known"),
        ("people/zed", {"hours": "17:00-09:00"}, "hours", "ends before it starts"),
        ("people/zed", {"away": [{"from": "2026-03-03T00:00:00Z",
                                  "until": "2026-03-02T00:00:00Z"}]}, "away[0]", "ends before"),
    ],
)  # fmt: skip
async def test_what_cannot_work_is_refused_at_its_place(
    office: House, path: str, body: dict[str, Any], place: str, said: str
) -> None:
    for name in ("ana", "ben"):
        await person(office, name)
    await person(office, "bot", machine=True)
    answer = await office.put(f"/v1/{path}", json=body)
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["errors"]
    assert problem["path"] == place
    assert said in problem["message"]


def days(since: int, until: int, delegate: str | None = None) -> dict[str, Any]:
    start = Clock().now
    return {
        "from": (start + timedelta(days=since)).isoformat(),
        "until": (start + timedelta(days=until)).isoformat(),
        "delegate": delegate,
    }


async def test_people_say_themselves_when_they_are_away(office: House) -> None:
    for name in ("ana", "ben"):
        await person(office, name)
    key = await office.key("owner", person="ana")
    body = {"away": [days(1, 8, "ben")]}
    answer = await office.put("/v1/people/@me/away", json=body, key=key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changed"] is True
    shown = (await office.get("/v1/people/@me/away", key=key)).json()
    assert [one["delegate"] for one in shown["away"]] == ["ben"]
    fact = (await office.get("/v1/people/ana/facts")).json()["items"][-1]["fact"]
    assert fact["by_person"] == "ana"
    # A file that says nothing of it leaves it; one that says there is none takes it away.
    await person(office, "ana", manager="ben")
    assert (await office.get("/v1/people/ana")).json()["away"] == shown["away"]
    await person(office, "ana", manager="ben", away=[])
    assert (await office.get("/v1/people/ana/away")).json()["away"] == []


async def test_nobody_sends_another_away(office: House) -> None:
    for name in ("ana", "ben"):
        await person(office, name)
    key = await office.key("owner", person="ben")
    answer = await office.put("/v1/people/ana/away", json={"away": []}, key=key)
    assert answer.status_code == 403
    assert (await office.get("/v1/people/ana/away", key=key)).status_code == 403
    assert (await office.put("/v1/people/ana/away", json={"away": []})).status_code == 200
    assert (await office.put("/v1/people/@me/away", json={"away": []})).status_code == 403


@pytest.mark.parametrize(
    ("delegate", "said"),
    [
        ("ana", "ana can't stand in for themselves"),
        ("zoe", "zoe is nobody known"),
        ("bot", "bot is a machine"),
        ("gone", "gone has left"),
        ("ben", "ana → ben → ana"),
    ],
)
async def test_who_cannot_stand_in_is_refused(office: House, delegate: str, said: str) -> None:
    await person(office, "ana")
    await person(office, "bot", machine=True)
    await person(office, "gone", left=True)
    await person(office, "ben", away=[days(2, 4, "ana")])
    key = await office.key("owner", person="ana")
    body = {"away": [days(1, 3, delegate)]}
    answer = await office.put("/v1/people/@me/away", json=body, key=key)
    assert answer.status_code == 422, answer.text
    assert any(said in one["message"] for one in answer.json()["errors"]), answer.text


async def test_two_may_stand_in_for_each_other_in_turn(office: House) -> None:
    await person(office, "ana")
    await person(office, "ben", away=[days(3, 4, "ana")])
    key = await office.key("owner", person="ana")
    body = {"away": [days(1, 3, "ben")]}
    assert (await office.put("/v1/people/@me/away", json=body, key=key)).status_code == 200


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        (["group:risk"], "There is no group risk"),
        (["rotation:oncall"], "There is no rotation oncall"),
        (["manager of validator"], "name each other's managers"),
    ],
)
async def test_owners_that_come_to_nobody_are_refused(
    office: House, owners: list[str], said: str
) -> None:
    await lifecycle(office)
    await person(office, "ben")
    answer = await office.put("/v1/models/fraud", json=fraud(owners={"validator": owners}))
    assert answer.status_code == 422
    assert said in answer.text


async def test_a_base_model_is_known_and_no_circle(office: House) -> None:
    await lifecycle(office)
    await person(office, "ben")
    unknown = await office.put("/v1/models/fraud", json=fraud(built_on=["base"]))
    assert "There is no model base" in unknown.text
    assert (await office.put("/v1/models/base", json=fraud(model="base"))).status_code == 200
    assert (await office.put("/v1/models/fraud", json=fraud(built_on=["base"]))).status_code == 200
    circle = await office.put("/v1/models/base", json=fraud(model="base", built_on=["fraud"]))
    assert circle.status_code == 422
    assert "base → fraud → base are built on each other" in circle.text


@pytest.mark.asyncio(loop_scope="session")
async def test_a_group_changes_whom_a_running_version_asks(house: House) -> None:
    await house.describe()  # so that everybody is known
    name = f"crew-{house.composition.clock().timestamp():.0f}"
    assert (await house.put(f"/v1/groups/{name}", json={"members": ["ben"]})).status_code == 200
    model = await house.describe(owners={"validator": [f"group:{name}"]})
    assert (await house.register(model)).status_code == 201
    await house.post(f"/v1/models/{model}/versions/1/requests")
    event = evidence(model, id=f"{model}-e")
    headers = {"content-type": "application/cloudevents+json"}
    key = await house.pipeline(model)
    assert (await house.post("/v1/events", json=event, headers=headers, key=key)).status_code == 202
    assert await asked(house, model) == ["ben"]
    await house.put(f"/v1/groups/{name}", json={"members": ["ben", "cho"]})
    assert await asked(house, model, 2) == ["ben", "cho"]


async def asked(house: House, model: str, least: int = 1) -> list[str]:
    """Give who can decide, once there are so many."""
    found: list[str] = []
    for sequence in range(1, 40):
        parameters = {"model": model}
        listed = await house.get("/v1/signoffs", params=parameters)
        found = [p for one in listed.json()["items"] for p in one["can_decide"]]
        if len(found) >= least:
            break
        # The next list waits until the version has one more fact.
        place = f"/v1/models/{model}/versions/1"
        await house.get(place, params={"at_least": sequence})
    return found
