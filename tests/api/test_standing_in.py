"""Delegates, pauses, questions and conditions, from the key to the view."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from httpx import Response

from tests.api.house import House
from tests.api.test_versions import ask, decide

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def about(
    house: House, signoff: dict[str, Any], verb: str, person: str, **body: Any
) -> Response:
    key = await house.key("owner", person=person)
    return await house.post(
        f"/v1/signoffs/{quote(signoff['id'], safe='')}/{verb}", key=key, json=body
    )


def stage_of(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["view"]["stages"][0])


def soon(**length: float) -> str:
    now = datetime.now(UTC)  # noqa: TID251 - the workflow's clock is the real one here
    return (now + timedelta(**length)).isoformat()


async def test_a_delegate_sees_what_they_may_decide_and_signs_on_behalf(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    dee = await house.key("owner", person="dee")
    before = await house.get("/v1/signoffs", key=dee, params={"owner": "dee", "model": model})

    delegated = await about(house, signoff, "delegations", "ben", to="dee", reason="Travel.")

    assert before.json()["items"] == []
    (given,) = stage_of(delegated)["signoffs"][0]["delegations"]
    assert (given["person"], given["to"], given["reason"]) == ("ben", "dee", "Travel.")
    listed = await house.get("/v1/signoffs", key=dee, params={"owner": "dee", "model": model})
    assert [one["id"] for one in listed.json()["items"]] == [signoff["id"]]
    assert (await house.get(f"/v1/models/{model}/versions/1", key=dee)).status_code == 200
    status, told = await decide(house, signoff, dee)
    assert status == 200, told
    (decision,) = told["view"]["stages"][0]["signoffs"][0]["decisions"]
    assert (decision["person"], decision["right"]) == ("dee", "delegation")
    assert decision["on_behalf_of"] in {"ben", "Ben"}


async def test_a_delegation_is_taken_back_by_naming_nobody(house: House) -> None:
    signoff = await ask(house, await house.describe())
    await about(house, signoff, "delegations", "ben", to="dee")

    back = await about(house, signoff, "delegations", "ben", to=None)

    assert stage_of(back)["signoffs"][0]["delegations"] == []
    status, problem = await decide(house, signoff, await house.key("owner", person="dee"))
    assert (status, problem["type"]) == (403, "urn:undersigned:delegation-ended")


async def test_nobody_delegates_to_a_producer_or_what_is_not_theirs(house: House) -> None:
    signoff = await ask(house, await house.describe())

    to_producer = await about(house, signoff, "delegations", "ben", to="ana")
    not_theirs = await about(house, signoff, "delegations", "cho", to="dee")

    assert to_producer.json()["type"] == "urn:undersigned:producer-may-not-sign"
    assert (not_theirs.status_code, not_theirs.json()["type"]) == (
        403,
        "urn:undersigned:not-an-owner",
    )


async def test_who_is_on_it_or_wants_a_reminder_later_is_shown(house: House) -> None:
    signoff = await ask(house, await house.describe(owners={"validator": ["ben", "cho"]}))

    await about(house, signoff, "acknowledgements", "ben")
    snoozed = await about(house, signoff, "snoozes", "cho", until=soon(hours=4))
    late = await about(house, signoff, "snoozes", "cho", until=soon(days=30))

    asked = {one["person"]: one for one in stage_of(snoozed)["signoffs"][0]["asked"]}
    assert asked["ben"]["has_acknowledged"] is True
    assert asked["cho"]["snoozed_until"] is not None
    assert (late.status_code, late.json()["type"]) == (422, "urn:undersigned:past-deadline")


async def test_a_question_stops_the_clock_until_a_producer_answers(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)

    asked = await about(house, signoff, "questions", "ben", text="Which slice?")

    stage = stage_of(asked)
    (question,) = stage["questions"]
    assert (question["text"], stage["paused_since"] is not None) == ("Which slice?", True)
    path = f"/v1/models/{model}/versions/1/answers"
    body = {"question": question["id"], "text": "The new accounts."}
    cho, ana = [await house.key("owner", person=one) for one in ("cho", "ana")]
    stranger = await house.post(path, key=cho, json=body)
    elsewhere = await house.post(path, key=await house.pipeline("other-*"), json=body)
    unknown = await house.post(path, key=ana, json={**body, "question": "77"})
    answered = await house.post(path, key=ana, json=body)
    assert (stranger.status_code, stranger.json()["type"]) == (
        403,
        "urn:undersigned:may-not-answer",
    )
    assert elsewhere.json()["type"] == "urn:undersigned:forbidden"
    assert (unknown.status_code, unknown.json()["type"]) == (
        404,
        "urn:undersigned:unknown-question",
    )
    (told,) = stage_of(answered)["questions"]
    assert told["answer"] == "The new accounts."
    assert stage_of(answered)["paused_since"] is None


async def test_an_approval_on_a_condition_shows_it_until_it_is_met(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    ben, cho = [await house.key("owner", person=one) for one in ("ben", "cho")]
    given = [{"text": "Drift is watched", "due": soon(days=7)}]

    status, told = await decide(house, signoff, ben, conditions=given)

    assert status == 200, told
    (condition,) = told["view"]["conditions"]
    assert condition["text"] == "Drift is watched"
    path = f"/v1/models/{model}/versions/1/conditions"
    body = {"condition": condition["id"], "comment": "The dashboard is live."}
    assert (await house.post(path, key=cho, json=body)).status_code == 403
    unknown = await house.post(path, key=ben, json={**body, "condition": "77"})
    assert unknown.json()["type"] == "urn:undersigned:unknown-condition"
    met = await house.post(path, key=ben, json=body)
    assert met.status_code == 200, met.text
    assert met.json()["view"]["conditions"] == []


async def test_reasons_are_those_that_the_lifecycle_lists(house: House) -> None:
    model = await house.describe(lifecycle={"reasons": {"bias": "It is unfair to a group."}})
    signoff = await ask(house, model)
    ben = await house.key("owner", person="ben")
    no = {"decision": "request_changes", "comment": "Unfair."}

    other = await decide(house, signoff, ben, **no, reasons=["weather"])
    told = await decide(house, signoff, ben, **no, reasons=["bias"])

    assert (other[0], other[1]["type"]) == (422, "urn:undersigned:reason-required")
    assert told[0] == 200, told


async def test_an_answer_that_is_withdrawn_reopens_what_it_approved(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    assert (await decide(house, signoff, await house.key("owner", person="ben")))[0] == 200

    other = await about(house, signoff, "withdrawals", "dee", reason="Wrong report.")
    withdrawn = await about(house, signoff, "withdrawals", "ben", reason="Wrong report.")

    assert other.status_code in {403, 422}, other.text
    stage = stage_of(withdrawn)
    assert (stage["status"], stage["round"]) == ("asking", 2)
    assert withdrawn.json()["view"]["gates"][0]["allowed"] is False


PAST_THE_CALENDAR = "9999-12-31T23:59:59-14:00"


async def test_a_time_past_the_calendar_is_refused_wherever_it_is_sent(house: House) -> None:
    model = await house.describe()
    signoff = await ask(house, model)
    ben = await house.key("owner", person="ben")
    version, at = f"/v1/models/{model}/versions/1", PAST_THE_CALENDAR
    condition = {"decision": "approve", "revision": signoff["revision"]}
    address = f"/v1/signoffs/{quote(signoff['id'], safe='')}/decisions"

    answers = [
        await about(house, signoff, "snoozes", "ben", until=at),
        await about(house, signoff, "delegations", "ben", to="dee", until=at),
        await house.post(
            address, key=ben, json={**condition, "conditions": [{"text": "x", "due": at}]}
        ),
        await house.post(f"{version}/requests", json={"effective_at": at}),
        await house.post(
            f"{version}/findings", key=ben, json={"title": "t", "severity": "high", "due": at}
        ),
    ]

    assert [answer.status_code for answer in answers] == [422] * 5
    assert all("9999 in UTC" in answer.json()["errors"][0]["message"] for answer in answers)
    kinds = [one["kind"] for one in (await house.get(f"{version}/facts")).json()["items"]]
    assert "CommandQuarantined" not in kinds
