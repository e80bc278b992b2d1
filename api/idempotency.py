"""Writes that a client may repeat: the same Idempotency-Key and body get the same answer."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import JSONResponse

from api.auth import Principal
from api.deps import Composition
from api.problems import DatabaseUnreachable, KeyReused
from integrations.database import idempotency
from lifecycle.canonical import digest_of
from lifecycle.values import Frozen

LOOKED_UP_WITHIN = timedelta(milliseconds=300)
"""A decision doesn't wait longer for the database; the workflow knows a repeat by itself."""


class Written(Frozen):
    """What a write answers, and what of it is kept for repeats when that is less."""

    body: dict[str, Any]
    kept: dict[str, Any] | None = None
    """The answer without its secret."""


class Request(Frozen):
    """One write: who asks, under which key, for what."""

    principal: Principal
    key: str | None
    """The Idempotency-Key."""
    path: str
    body: Any
    status: int = 200

    @property
    def digest(self) -> str:
        """What a repeat must be equal to."""
        return digest_of([self.path, self.body])

    @property
    def update_id(self) -> str:
        """The name of the command that carries it: `<key id>:<Idempotency-Key>`."""
        return f"{self.principal.key.id}:{self.key or uuid4().hex}"


Write = Callable[[AsyncConnection], Awaitable[Written]]


async def write_once(composition: Composition, request: Request, write: Write) -> JSONResponse:
    """Write in one transaction with the key, or give the answer of the first time again.

    Raises KeyReused when the key came with another body.
    """
    async with composition.database.transaction() as connection:
        stored = await _claim(connection, composition, request)
        if stored is not None:
            return stored
        written = await write(connection)
        if request.key is not None:
            kept = written.body if written.kept is None else written.kept
            await _keep(connection, request, kept)
    return JSONResponse(written.body, request.status)


async def ask_once(
    composition: Composition, request: Request, ask: Callable[[], Awaitable[dict[str, Any]]]
) -> JSONResponse:
    """Ask a workflow, or give the answer of the first time again; raises KeyReused.

    An answer that never came is asked for again: the workflow knows the update by its id.
    """
    if request.key is None:
        return JSONResponse(await ask(), request.status)
    async with composition.database.transaction() as connection:
        stored = await _claim(connection, composition, request)
    if stored is not None:
        return stored
    body = await ask()
    async with composition.database.transaction() as connection:
        await _keep(connection, request, body)
    return JSONResponse(body, request.status)


async def refuse_reuse(composition: Composition, request: Request) -> None:
    """Raise KeyReused when the key is known to have come with another body.

    For decisions, which must not wait for the database: while it is away nothing is checked, and
    the workflow answers a repeated key with what it did the first time.
    """
    if request.key is None or composition.keys.is_away:
        return
    try:
        async with asyncio.timeout(LOOKED_UP_WITHIN.total_seconds()):
            async with composition.database.transaction() as connection:
                await _claim(connection, composition, request)
    except (DatabaseUnreachable, TimeoutError):
        return


async def _claim(
    connection: AsyncConnection, composition: Composition, request: Request
) -> JSONResponse | None:
    if request.key is None:
        return None
    claim = await idempotency.claim(
        connection,
        principal=request.principal.id,
        key=request.key,
        body_digest=request.digest,
        now=composition.clock(),
    )
    if claim.state == "conflict":
        raise KeyReused(
            "This Idempotency-Key came with another request in the last 24 hours; nothing was"
            " done. Use a new key for a new request."
        )
    if claim.state == "repeat" and claim.status is not None:
        return JSONResponse(claim.body, claim.status, {"idempotent-replay": "true"})
    return None


async def _keep(connection: AsyncConnection, request: Request, body: dict[str, Any]) -> None:
    assert request.key is not None
    await idempotency.answer(
        connection,
        principal=request.principal.id,
        key=request.key,
        status=request.status,
        body=body,
    )
