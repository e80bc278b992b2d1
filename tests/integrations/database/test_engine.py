import asyncio
import socket

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database.engine import database_url, is_unreachable, open_engine


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h/d?sslmode=require", "postgres://u:p@h/d?sslmode=require"]
)
def test_urls_are_read_as_people_write_them(url: str) -> None:
    read = database_url(url)
    assert read.drivername == "postgresql+asyncpg"
    assert dict(read.query) == {"ssl": "require"}


@pytest.mark.parametrize("url", ["postgresql://u@127.0.0.1:1/d", "postgresql://u@/d?host=/nowhere"])
async def test_a_server_that_is_not_there_is_unreachable(url: str) -> None:
    engine = open_engine(url)
    with pytest.raises((OSError, DBAPIError)) as caught:
        async with engine.connect():
            pass
    assert is_unreachable(caught.value)
    await engine.dispose()


async def test_a_server_that_does_not_answer_is_given_up_in_two_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = open_engine(f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/d?ssl=disable")
        async with asyncio.timeout(4):
            with pytest.raises((OSError, DBAPIError)) as caught:
                async with engine.connect():
                    pass
    assert is_unreachable(caught.value)
    await engine.dispose()


async def test_a_statement_that_takes_too_long_is_ended(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = 50"))
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text("SELECT pg_sleep(5)"))
    assert is_unreachable(caught.value)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "5s"
        assert await connection.scalar(text("SHOW timezone")) == "UTC"


async def test_a_connection_that_was_ended_is_replaced(engine: AsyncEngine) -> None:
    ending = open_engine(engine.url.render_as_string(hide_password=False))
    async with engine.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        async with ending.connect() as other:
            await other.execute(text(f"SELECT pg_terminate_backend({pid})"))
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text("SELECT 1"))
        assert is_unreachable(caught.value)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await ending.dispose()


async def test_a_wrong_statement_is_not_unreachable(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text("SELECT nothing"))
    assert not is_unreachable(caught.value)
    assert not is_unreachable(ValueError("x"))
