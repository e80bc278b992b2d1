"""Bad input: each is a problem document that says what was wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from api.app import create_app
from integrations.documents import MAX_BODY_BYTES
from tests.api.house import PROBLEM, SMALL, House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/signoffs/m:1:s:1:r/questions", 404, "not-found"),
        ("DELETE", "/v1/models/m/versions/1/overrides", 405, "method-not-allowed"),
        ("DELETE", "/v1/models", 405, "method-not-allowed"),
        ("GET", "/v1/models?limit=0", 422, "invalid-request"),
        ("GET", "/v1/models?limit=201", 422, "invalid-request"),
        ("GET", "/v1/models?limits=5", 422, "invalid-request"),
        ("GET", "/v1/models?cursor=nonsense", 422, "invalid-request"),
        ("GET", "/v1/signoffs?status=open", 422, "invalid-request"),
        ("GET", "/v1/signoffs?due_before=2026-01-01T00:00:00", 422, "invalid-request"),
        ("GET", "/v1/waiting?by=moon", 422, "invalid-request"),
        ("GET", "/v1/waiting", 422, "invalid-request"),
        ("GET", "/v1/gate?digest=sha256:abc&for=production", 422, "invalid-request"),
        ("GET", "/v1/models/unknown", 404, "not-found"),
        ("GET", "/v1/models/UPPER", 422, "invalid-request"),
        ("GET", "/v1/models/unknown/versions/1", 404, "not-found"),
        ("GET", "/v1/models/unknown/versions/1/facts", 404, "not-found"),
        ("GET", "/v1/signoffs/not-an-id", 404, "not-found"),
        ("GET", "/v1/signoffs/m:1:s:1:r", 404, "not-found"),
        ("GET", "/v1/people/nobody", 404, "not-found"),
        ("GET", "/v1/lifecycles/none", 404, "not-found"),
        ("GET", "/v1/keys/none/facts", 404, "not-found"),
        ("DELETE", "/v1/keys/none", 404, "not-found"),
        ("GET", "/v1/events/none", 404, "not-found"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem_document(
    front: House, method: str, path: str, status: int, kind: str
) -> None:
    answer = await front.call(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    problem = answer.json()
    assert problem["type"] == f"urn:undersigned:{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "mapping"),
        (b'{"name": "a", "name": "b"}', "given twice"),
        (b'{"nam": "a"}', "did you mean `name`"),
        (b'{"name": NaN}', "finite"),
        (b'{"name": 9007199254740992}', "2^53"),
        (b'{"name": "a\\u0000"}', "U+0000"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"machine": "yes please"}', "true or false"),
        (b'{"identities": ["no colon"]}', "identities[0]"),
    ],
)
async def test_a_body_that_cannot_be_used_is_422_with_what_is_wrong(
    front: House, body: bytes, said: str
) -> None:
    headers = {"content-type": "application/json"}
    answer = await front.put("/v1/people/ana", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert any(said in f"{e['path']} {e['message']}" for e in answer.json()["errors"]), answer.text
    assert (await front.get("/v1/people")).json()["items"] == []


async def test_a_body_nested_too_deep_is_422(front: House) -> None:
    answer = await front.put("/v1/people/ana", json={"name": nested(40)})
    assert answer.status_code == 422
    assert "deeper than 32" in answer.json()["errors"][0]["message"]


async def test_a_body_nested_thousands_deep_is_422_and_not_a_crash(front: House) -> None:
    body = b"[" * 100_000
    headers = {"content-type": "application/json"}
    answer = await front.put("/v1/people/ana", content=body, headers=headers)
    assert answer.status_code == 422


async def test_a_body_over_1_mib_is_413_when_its_length_is_stated(front: House) -> None:
    answer = await front.put("/v1/people/ana", content=b" " * (MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


async def test_a_body_over_1_mib_is_413_when_it_comes_in_pieces(front: House) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * (MAX_BODY_BYTES // 16)

    answer = await front.put("/v1/people/ana", content=pieces())
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


async def test_another_content_type_is_415(front: House) -> None:
    headers = {"content-type": "text/csv"}
    answer = await front.put("/v1/people/ana", content=b"a,b", headers=headers)
    assert answer.status_code == 415


async def test_yaml_errors_have_line_and_column(front: House) -> None:
    body = b"lifecycle: small\nroles: [validator]\nstagess: []\n"
    headers = {"content-type": "application/yaml"}
    answer = await front.put("/v1/lifecycles/small", content=body, headers=headers)
    assert answer.status_code == 422
    unknown = next(e for e in answer.json()["errors"] if "stagess" in e["message"])
    assert (unknown["line"], unknown["column"]) == (3, 1)
    assert "did you mean `stages`" in unknown["message"]


async def test_an_address_and_a_body_that_disagree_are_422(front: House) -> None:
    answer = await front.put("/v1/lifecycles/other", json=SMALL)
    assert answer.status_code == 422
    assert "agree" in answer.json()["detail"]


async def test_an_unexpected_error_is_a_problem_without_its_words(
    front: House, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> datetime:
        raise RuntimeError("secret words")

    app = create_app(replace(front.composition, clock=broken))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://broken.test") as http:
        answer = await http.get("/v1/models", headers={"authorization": "Bearer und_a_b"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret words" not in answer.text
    assert answer.json()["instance"] in caplog.text


async def test_no_answer_is_kept_by_caches(front: House) -> None:
    answer = await front.get("/v1/models")
    assert answer.headers["cache-control"] == "no-store"
