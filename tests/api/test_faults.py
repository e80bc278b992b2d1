"""The database or Temporal away: nothing accepted is lost, nothing uncertain is a yes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from sqlalchemy import URL

from api.auth import KeyRing
from api.database import Database
from api.problems import DatabaseUnreachable
from integrations.database.engine import open_engine
from integrations.database.keys import create_key
from integrations.database.migrate import migrate
from integrations.embedded.postgres_server import PostgresServer
from integrations.embedded.servers import throwaway_directory
from integrations.embedded.temporal_server import TemporalServer
from integrations.search_attributes import SEARCH_ATTRIBUTES
from tests.api.conftest import new_database
from tests.api.house import (
    BYTES,
    PROBLEM,
    STRUCTURED,
    Clock,
    House,
    client_of,
    evidence,
    open_house,
    worker_of,
)
from tests.integrations.database.conftest import administer


async def test_what_cannot_be_reached_is_named_by_readyz_without_its_address(
    office: House,
) -> None:
    answer = await office.http.get("/readyz")
    assert answer.status_code == 503
    found = answer.json()["components"]
    assert found == {"database": "ok", "temporal": "unreachable", "worker": "unreachable"}
    assert (await office.http.get("/healthz")).status_code == 200


@pytest_asyncio.fixture
async def deserted(postgres: URL) -> AsyncIterator[House]:
    """Open the application beside a Temporal that answered once and is gone."""
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            client = await client_of(server.address)
    async with new_database(postgres) as engine, open_house(engine, client) as house:
        yield house


async def test_without_temporal_writes_are_503_nothing_sent_and_gates_are_a_no(
    deserted: House,
) -> None:
    model = await deserted.describe()
    registered = await deserted.register(model)
    assert registered.status_code == 503
    assert registered.json()["type"] == "urn:undersigned:nothing-sent"
    owner = await deserted.key("owner", person="ben")
    decided = await deserted.post(
        f"/v1/signoffs/{model}:1:validate:1:validator/decisions",
        key=owner,
        json={"decision": "approve", "revision": "r"},
    )
    assert (decided.status_code, decided.headers["content-type"]) == (503, PROBLEM)
    sent = await deserted.post(
        "/v1/events", key=await deserted.pipeline(model), json=evidence(model), headers=STRUCTURED
    )
    assert sent.status_code == 503
    question = {"digest": BYTES, "for": "production", "model": model, "version": "1"}
    said = await deserted.get("/v1/gate", params=question)
    assert said.status_code == 200
    assert (said.json()["allowed"], said.json()["certain"]) == (False, False)


@pytest_asyncio.fixture
async def temporal() -> AsyncIterator[str]:
    with throwaway_directory() as directory:
        async with TemporalServer(directory, SEARCH_ATTRIBUTES) as server:
            yield server.address


async def asking(house: House) -> tuple[str, dict[str, Any]]:
    """Bring a version to where Ben is asked."""
    model = await house.describe()
    assert (await house.register(model)).status_code == 201
    key = await house.pipeline(model)
    sent = await house.post("/v1/events", key=key, json=evidence(model), headers=STRUCTURED)
    assert sent.status_code == 202
    asked = await house.post(f"/v1/models/{model}/versions/1/requests")
    (signoff,) = asked.json()["view"]["stages"][0]["signoffs"]
    return model, signoff


def decision(signoff: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    path = f"/v1/signoffs/{quote(signoff['id'], safe='')}/decisions"
    return path, {"decision": "approve", "revision": signoff["revision"]}


async def test_without_the_database_owners_still_decide_and_everything_else_says_so(
    temporal: str,
) -> None:
    client = await client_of(temporal)
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(throwaway_directory())
        server = await stack.enter_async_context(PostgresServer(directory, {"fsync": "off"}))
        engine = open_engine(server.url)
        stack.push_async_callback(engine.dispose)
        await migrate(engine)
        await stack.enter_async_context(worker_of(client, engine))
        house = await stack.enter_async_context(open_house(engine, client))
        model, signoff = await asking(house)
        ben, gate = await house.key("owner", person="ben"), await house.key("gate")
        question = {"digest": BYTES, "for": "production", "model": model, "version": "1"}
        for key in (ben, gate):
            await house.get("/v1/gate", params=question, key=key)
        await server.__aexit__(None, None, None)
        listed = await house.get("/v1/models", key=ben)
        assert (listed.status_code, listed.headers["content-type"]) == (503, PROBLEM)
        ready = await house.http.get("/readyz")
        assert ready.json()["components"]["database"] == "unreachable"
        path, body = decision(signoff)
        headers = {"idempotency-key": "in-the-dark"}
        decided = await house.post(path, key=ben, json=body, headers=headers)
        assert decided.status_code == 200, decided.text
        assert decided.json()["recorded"] is False
        unrecorded = (await house.get("/v1/gate", params=question, key=gate)).json()
        assert (unrecorded["allowed"], unrecorded["certain"]) == (False, False)
        unnamed = {"digest": BYTES, "for": "production"}
        unsure = (await house.get("/v1/gate", params=unnamed, key=gate)).json()
        assert (unsure["allowed"], unsure["certain"]) == (False, False)
        await server.__aenter__()
        async with asyncio.timeout(30):
            while True:
                found = await house.get(f"/v1/models/{model}/versions/1")
                if found.status_code == 200 and found.json()["status"] == "approved":
                    break
                await asyncio.sleep(0.1)
        recorded = (await house.get("/v1/gate", params=question, key=gate)).json()
        assert (recorded["allowed"], recorded["certain"]) == (True, True)


async def test_a_key_verified_lately_still_decides_and_opens_gates_in_an_outage(
    clock: Clock,
) -> None:
    with throwaway_directory() as directory:
        async with PostgresServer(directory, {"fsync": "off"}) as server:
            engine = open_engine(server.url)
            await migrate(engine)
            keys = KeyRing(Database(engine), clock)
            async with engine.begin() as connection:
                id_, text = await create_key(connection, scopes=("gate",), by="system", at=clock())
                _, fresh = await create_key(connection, scopes=("gate",), by="system", at=clock())
            await keys.verify(text)
        clock.forward(timedelta(seconds=16))
        with pytest.raises(DatabaseUnreachable):
            await keys.verify(text)
        assert (await keys.verify(text, while_away=True)).key.id == id_
        with pytest.raises(DatabaseUnreachable):
            await keys.verify(fresh, while_away=True)
        clock.forward(timedelta(minutes=5))
        with pytest.raises(DatabaseUnreachable):
            await keys.verify(text, while_away=True)
        await engine.dispose()


async def test_without_a_worker_a_decision_is_504_and_its_repeat_counts_once(
    postgres: URL, temporal: str
) -> None:
    name = "workerless"
    await administer(postgres, f"CREATE DATABASE {name} TEMPLATE blank")
    engine = open_engine(postgres.set(database=name).render_as_string(hide_password=False))
    client = await client_of(temporal)
    async with open_house(engine, client, decision_wait=timedelta(seconds=1)) as house:
        async with worker_of(client, engine):
            model, signoff = await asking(house)
        ben = await house.key("owner", person="ben")
        path, body = decision(signoff)
        headers = {"idempotency-key": "patience"}
        silent = await house.post(path, key=ben, json=body, headers=headers)
        assert silent.status_code == 504, silent.text
        assert silent.json()["type"] == "urn:undersigned:outcome-unknown"
        async with worker_of(client, engine):
            async with asyncio.timeout(20):
                while True:
                    answer = await house.post(path, key=ben, json=body, headers=headers)
                    if answer.status_code == 200:
                        break
            view = answer.json()["view"]
            (done,) = view["stages"][0]["signoffs"]
            assert [one["person"] for one in done["decisions"]] == ["ben"]
            assert model == view["model"]
    await engine.dispose()
