"""What is well formed and still no use is the caller's to mend, never a 500."""

import asyncio
import time
from typing import Any

import pytest

from integrations.documents import DocumentError, parse_json_document
from lifecycle.conditions import problem_of
from tests.api.house import PROBLEM, House

in_session = pytest.mark.asyncio(loop_scope="session")


@in_session
@pytest.mark.parametrize(
    "path",
    [
        "/v1/events/%00",
        "/v1/keys/%00",
        "/v1/models/m/versions/%00",
        "/v1/models?at_least=m/%00:1",
        "/v1/signoffs?due_before=0001-01-01T00:00:00%2B14:00",
        "/v1/signoffs?due_before=9999-12-31T23:59:59-14:00",
        "/v1/signoffs/" + "x" * 3000,
    ],
)
async def test_extremes_in_an_address_are_refused(front: House, path: str) -> None:
    response = await front.get(path)

    assert response.status_code in {404, 422}
    assert response.headers["content-type"] == PROBLEM


@in_session
async def test_a_lone_surrogate_in_a_key_is_refused(front: House) -> None:
    response = await front.put(
        "/v1/people/ana",
        content=b'{"\\ud800": 1}',
        headers={"content-type": "application/json"},
    )

    assert response.status_code == 422


def test_many_keys_given_twice_are_found_in_no_time() -> None:
    body = b"{" + b",".join(b'"k%d":1' % (n // 2) for n in range(40_000)) + b"}"
    started = time.process_time()

    with pytest.raises(DocumentError):
        parse_json_document(body)

    assert time.process_time() - started < 5


@in_session
@pytest.mark.parametrize("name", ["1/facts", "1/answers", "1/overrides", "..", ".", "   "])
async def test_a_version_that_no_path_reaches_is_refused(front: House, name: str) -> None:
    body: dict[str, Any] = {"version": name, "artifact": {"uri": "s3://one"}, "producers": ["a"]}

    response = await front.call("POST", "/v1/models/m/versions", json=body)

    assert response.status_code == 422
    assert "can't be reached" in response.text


@in_session
@pytest.mark.parametrize(
    "calendar", [{"zone": "Europe/Paris", "holidays": "ZZ"}, {"zone": "No/Where"}]
)
async def test_a_calendar_that_nobody_knows_is_refused(
    front: House, calendar: dict[str, str]
) -> None:
    stage = {"name": "review", "signoffs": [{"role": "a", "statement": "Yes."}], "due": "2 days"}
    body = {"lifecycle": "odd", "roles": ["a"], "stages": [stage], "calendar": calendar}

    response = await front.put("/v1/lifecycles/odd", json=body)

    assert response.status_code == 422
    assert "known" in response.text


def test_a_loop_inside_a_loop_is_refused() -> None:
    nested = "value.l.map(a, value.l.map(b, value.l)).size() > 0"
    assert "loop inside a loop" in str(problem_of(nested))
    assert problem_of("value.l.all(a, a > 0.0) && value.m.exists(b, b == 'x.map(')") is None


@in_session
async def test_many_decisions_at_once_are_all_answered(house: House) -> None:
    model = await house.describe()
    await house.register(model, "1")
    asked = [house.call("POST", f"/v1/models/{model}/versions/1/requests") for _ in range(60)]

    answers = await asyncio.gather(*asked)

    assert {answer.status_code for answer in answers} <= {200, 201}
