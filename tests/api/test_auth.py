from datetime import timedelta

import pytest

from integrations.database.keys import revoke_key
from tests.api.house import PROBLEM, Clock, House


def id_of(key: str) -> str:
    return key.split("_")[1]


async def revoke(office: House, key: str) -> None:
    async with office.engine.begin() as connection:
        assert await revoke_key(connection, id_of(key), by="system", at=office.composition.clock())


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic abc",
        "Bearer",
        "Bearer nonsense",
        "Bearer und_abc_short",
        "Bearer und_0123456789ab_" + "x" * 43,
        "Bearer und_\u00e9\u00e9_" + "x" * 43,
    ],
)
async def test_a_request_without_a_live_key_is_401_and_says_what_to_send(
    office: House, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    answer = await office.http.get("/v1/models", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["www-authenticate"].startswith("Bearer")
    problem = answer.json()
    assert problem["type"] == "urn:undersigned:unauthenticated"
    assert "Authorization: Bearer und_" in problem["detail"]


async def test_a_secret_of_another_key_is_401(office: House) -> None:
    one, other = await office.key("admin"), await office.key("admin")
    mixed = f"und_{id_of(one)}_{other.split('_', 2)[2]}"
    assert (await office.get("/v1/models", key=mixed)).status_code == 401


async def test_an_expired_key_is_401_also_while_it_is_remembered(
    office: House, clock: Clock
) -> None:
    key = await office.key("admin", expires_at=clock.now + timedelta(seconds=5))
    assert (await office.get("/v1/models", key=key)).status_code == 200
    clock.forward(timedelta(seconds=5))
    assert (await office.get("/v1/models", key=key)).status_code == 401


async def test_a_key_revoked_elsewhere_is_believed_for_15_seconds_at_most(
    office: House, clock: Clock
) -> None:
    key = await office.key("auditor")
    assert (await office.get("/v1/models", key=key)).status_code == 200
    await revoke(office, key)
    assert (await office.get("/v1/models", key=key)).status_code == 200
    clock.forward(timedelta(seconds=16))
    assert (await office.get("/v1/models", key=key)).status_code == 401


async def test_a_key_revoked_here_is_refused_at_once(office: House) -> None:
    key = await office.key("auditor")
    assert (await office.get("/v1/models", key=key)).status_code == 200
    revoked = await office.call("DELETE", f"/v1/keys/{id_of(key)}")
    assert revoked.status_code == 204
    assert (await office.get("/v1/models", key=key)).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (("auditor",), "PUT", "/v1/lifecycles/small"),
        (("manager",), "PUT", "/v1/lifecycles/small"),
        (("auditor",), "PUT", "/v1/models/fraud"),
        (("auditor",), "PUT", "/v1/people/ana"),
        (("auditor",), "POST", "/v1/keys"),
        (("manager",), "GET", "/v1/keys"),
        (("auditor",), "POST", "/v1/models/fraud/versions"),
        (("auditor",), "POST", "/v1/models/fraud/versions/1/requests"),
        (("admin",), "POST", "/v1/events"),
        (("admin",), "POST", "/v1/signoffs/fraud:1:validate:1:validator/decisions"),
        (("gate",), "GET", "/v1/models"),
        (("gate",), "GET", "/v1/signoffs"),
        (("pipeline",), "GET", "/v1/people"),
        (("owner",), "GET", "/v1/people"),
        (("pipeline",), "GET", "/v1/waiting?by=owner"),
        (("pipeline",), "GET", "/v1/signoffs?owner=ana"),
        (("pipeline",), "GET", "/v1/models/fraud/facts"),
    ],
)
async def test_a_key_of_the_wrong_scope_is_403(
    office: House, scopes: tuple[str, ...], method: str, path: str
) -> None:
    key = await office.key(*scopes)
    answer = await office.call(method, path, key=key)
    assert answer.status_code == 403, answer.text
    assert answer.headers["content-type"] == PROBLEM


async def test_an_owner_key_that_belongs_to_nobody_decides_nothing(office: House) -> None:
    key = await office.key("owner")
    body = {"decision": "approve", "revision": "r"}
    answer = await office.post("/v1/signoffs/m:1:s:1:r/decisions", key=key, json=body)
    assert answer.status_code == 403
    assert "belongs to nobody" in answer.json()["detail"]


async def test_an_admin_key_of_the_settings_is_accepted_once(office: House) -> None:
    from pydantic import SecretStr

    from api.auth import ensure_admin_key

    text = "und_first_" + "s" * 43
    async with office.engine.begin() as connection:
        now = office.composition.clock()
        assert await ensure_admin_key(connection, SecretStr(text), at=now)
        assert not await ensure_admin_key(connection, SecretStr(text), at=now)
    assert (await office.get("/v1/keys", key=text)).status_code == 200
