from collections.abc import Iterator
from datetime import timedelta

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from integrations.database.rows import json_text

CONNECT_WITHIN = timedelta(seconds=2)
"""Within this a readiness check and the gate still answer in time."""
STATEMENT_WITHIN = timedelta(seconds=5)
"""Every statement here takes milliseconds; one that takes longer holds others up."""
IDLE_IN_TRANSACTION = timedelta(seconds=30)
RECYCLE_AFTER = timedelta(minutes=30)

_UNREACHABLE = (
    OSError,  # refused, reset, no such host or socket, and TimeoutError
    PoolExhausted,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # starting, stopping, statement timeout
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,  # a stand-by, in the middle of a failover
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InternalClientError,
)


def database_url(url: str) -> URL:
    """Read a PostgreSQL URL as people write it, for asyncpg; raises sqlalchemy's ArgumentError."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+asyncpg")
    if "sslmode" in parsed.query:  # libpq's name; asyncpg calls the same thing `ssl`
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return parsed


def open_engine(url: str, *, connections: int = 10) -> AsyncEngine:
    """Open a pool of connections; nothing is connected before the first use.

    Connecting takes at most 2 s and a statement at most 5 s. The caller disposes of the engine.
    """
    return create_async_engine(
        database_url(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=CONNECT_WITHIN.total_seconds(),
        pool_pre_ping=True,  # a connection that a restart of the server killed is replaced unseen
        hide_parameters=True,  # errors are logged, what people wrote is not
        json_serializer=json_text,
        pool_recycle=RECYCLE_AFTER.total_seconds(),
        connect_args={
            "timeout": CONNECT_WITHIN.total_seconds(),
            "server_settings": {
                "application_name": "undersigned",
                "timezone": "UTC",
                "statement_timeout": _milliseconds(STATEMENT_WITHIN),
                "idle_in_transaction_session_timeout": _milliseconds(IDLE_IN_TRANSACTION),
                "jit": "off",  # compiling takes longer than any statement here
            },
        },
    )


def is_unreachable(error: BaseException) -> bool:
    """Say whether an error means that the database can't be used now; others are errors of ours.

    Whatever was in the transaction did not happen, with one exception: when the connection breaks
    during the commit itself, that is unknown. All writes here may therefore be repeated.
    """
    return any(
        isinstance(one, _UNREACHABLE)
        or (isinstance(one, DBAPIError) and one.connection_invalidated)
        or (isinstance(one, asyncpg.InterfaceError) and "closed" in str(one))
        for one in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "orig", None)]


def _milliseconds(length: timedelta) -> str:
    return str(length // timedelta(milliseconds=1))
