from datetime import timedelta

from pydantic import SecretStr

from api.auth import ensure_admin_key
from integrations.database.keys import revoke_key
from tests.api.house import Clock, House


def id_of(key: str) -> str:
    return key.split("_")[1]


async def revoke(office: House, key: str) -> None:
    async with office.engine.begin() as connection:
        assert await revoke_key(connection, id_of(key), by="system", at=office.composition.clock())


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


async def test_an_admin_key_of_the_settings_is_accepted_once(office: House) -> None:
    text = "und_first_" + "s" * 43
    async with office.engine.begin() as connection:
        now = office.composition.clock()
        assert await ensure_admin_key(connection, SecretStr(text), at=now)
        assert not await ensure_admin_key(connection, SecretStr(text), at=now)
    assert (await office.get("/v1/keys", key=text)).status_code == 200
