"""Transactions, with an unreachable database told apart from a fault of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.problems import DatabaseUnreachable, Problem
from integrations.database.engine import is_unreachable


class Database:
    """Opens transactions on one pool of connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that commits at the end; raises DatabaseUnreachable."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except Problem:
            raise
        except Exception as error:
            if is_unreachable(error):
                raise DatabaseUnreachable(
                    "Repeat the request soon, with the same Idempotency-Key if it had one: what was"
                    " done already is not done twice.",
                    headers={"retry-after": "2"},
                ) from error
            raise
