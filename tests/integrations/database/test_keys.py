from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.keys import (
    create_key,
    find_key,
    get_key,
    install_key,
    list_keys,
    revoke_key,
)
from integrations.database.ledger import read_entries
from tests.integrations.database.stories import START

ADMIN = "und_first_" + "s" * 43


async def test_a_key_is_found_by_its_whole_text_only(connection: AsyncConnection) -> None:
    id_, key = await create_key(
        connection, scopes=("pipeline", "gate"), models=("fraud-*",), by="key:a", at=START
    )
    found = await find_key(connection, key, START)
    assert found is not None
    assert (found.id, found.scopes, found.models) == (id_, ("pipeline", "gate"), ("fraud-*",))
    other, _ = await create_key(connection, scopes=(), by="key:a", at=START)
    secret = key.split("_", 2)[2]
    last = "A" if key[-1] != "A" else "B"
    for wrong in ("", "und", key[:-1] + last, key + "A", f"und_{other}_{secret}", key.upper(),
                  f"und_{id_}_", "und_x_" + "é" * 43, f"{key}\n", f" {key}"):  # fmt: skip
        assert await find_key(connection, wrong, START) is None, wrong


async def test_the_secret_is_nowhere_in_the_database(connection: AsyncConnection) -> None:
    _, key = await create_key(connection, scopes=("admin",), by="key:a", at=START)
    secret = key.split("_", 2)[2]
    for table in ("fact", "api_key"):
        rows = await connection.execute(text(f"SELECT t::text FROM {table} AS t"))
        stored = rows.scalars().all()
        assert stored
        assert not any(secret in row for row in stored)


async def test_secrets_have_256_random_bits(connection: AsyncConnection) -> None:
    keys = [(await create_key(connection, scopes=(), by="a", at=START))[1] for _ in range(20)]
    secrets = {key.split("_", 2)[2] for key in keys}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {43}


async def test_a_revoked_or_expired_key_is_not_accepted(connection: AsyncConnection) -> None:
    later = START + timedelta(hours=1)
    id_, key = await create_key(connection, scopes=(), by="a", at=START, expires_at=later)
    assert await find_key(connection, key, later - timedelta(seconds=1)) is not None
    assert await find_key(connection, key, later) is None
    assert await revoke_key(connection, id_, by="a", at=START)
    assert not await revoke_key(connection, id_, by="a", at=START)
    assert not await revoke_key(connection, "unknown", by="a", at=START)
    assert await find_key(connection, key, START) is None
    kept = await get_key(connection, id_)
    assert kept is not None
    assert kept.revoked_at == START
    assert len(await read_entries(connection, f"key/{id_}")) == 2


async def test_an_operators_key_is_installed_once(connection: AsyncConnection) -> None:
    assert await install_key(connection, ADMIN, scopes=("admin",), by="system", at=START)
    assert not await install_key(connection, ADMIN, scopes=("admin",), by="system", at=START)
    assert await find_key(connection, ADMIN, START) is not None
    with pytest.raises(ValueError, match="Another key has the id first"):
        await install_key(connection, ADMIN[:-1] + "x", scopes=("admin",), by="system", at=START)
    with pytest.raises(ValueError, match="A key is `und_<id>_<secret>`") as refused:
        await install_key(connection, "hunter2", scopes=("admin",), by="system", at=START)
    assert "hunter2" not in str(refused.value)


async def test_lists_show_no_hashes(connection: AsyncConnection) -> None:
    ids = [(await create_key(connection, scopes=(), by="a", at=START))[0] for _ in range(3)]
    page = await list_keys(connection, limit=2)
    rest = await list_keys(connection, limit=2, cursor=page.next)
    items = (*page.items, *rest.items)
    assert [item["id"] for item in items] == sorted(ids)
    assert all("secret_hash" not in item for item in items)
