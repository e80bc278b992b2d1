import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.ledger import append_registry, lock_registry
from integrations.database.pages import Page, page_size, read_cursor, write_cursor
from integrations.database.rows import table_of
from lifecycle.registry import KeyCreated, KeyRevoked, subject_of
from lifecycle.values import Frozen, Instant

SECRET_BYTES = 32
"""256 random bits: no slow hash is needed to keep such a secret."""
_TEXT = re.compile(r"und_([0-9a-z]{1,32})_([A-Za-z0-9_-]{43,128})")
_key = table_of(tables.ApiKey)


class Key(Frozen):
    """An API key as it is stored; the secret itself is nowhere."""

    id: str
    secret_hash: str
    scopes: tuple[str, ...]
    person: str | None = None
    models: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    created_at: Instant
    created_by: str
    expires_at: Instant | None = None
    revoked_at: Instant | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


async def create_key(
    connection: AsyncConnection,
    *,
    scopes: tuple[str, ...],
    by: str,
    at: datetime,
    person: str | None = None,
    models: tuple[str, ...] = (),
    events: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    expires_at: datetime | None = None,
) -> tuple[str, str]:
    """Issue a key; give its id and its whole text, `und_<id>_<secret>`, which is shown once."""
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
    fact = KeyCreated(
        at=at,
        by=by,
        key=id_,
        secret_hash=_hash(secret),
        scopes=scopes,
        person=person,
        models=models,
        events=events,
        sources=sources,
        expires_at=expires_at,
    )
    await append_registry(connection, subject_of("key", id_), fact)
    return id_, f"und_{id_}_{secret}"


async def install_key(
    connection: AsyncConnection, text: str, *, scopes: tuple[str, ...], by: str, at: datetime
) -> bool:
    """Accept a key whose text an operator chose; False when it was known already.

    Raises ValueError with a sentence when it is not a key, or its id is another one's.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(
            "A key is `und_<id>_<secret>`: an id of up to 32 small letters and digits, and a secret"
            " of at least 43 letters, digits, `-` and `_`."
        )
    id_, secret = match.groups()
    await lock_registry(connection)
    known = await get_key(connection, id_)
    if known is None:
        fact = KeyCreated(at=at, by=by, key=id_, secret_hash=_hash(secret), scopes=scopes)
        await append_registry(connection, subject_of("key", id_), fact)
        return True
    if not hmac.compare_digest(known.secret_hash, _hash(secret)):
        raise ValueError(f"Another key has the id {id_}; choose another id.")
    return False


async def find_key(connection: AsyncConnection, text: str, now: datetime) -> Key | None:
    """Find the live key of a bearer text; None when it is malformed, wrong, expired or revoked."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    given = _hash(match[2])
    key = await get_key(connection, match[1])
    if key is None or not hmac.compare_digest(key.secret_hash, given) or not key.is_live(now):
        return None
    return key


async def get_key(connection: AsyncConnection, id_: str) -> Key | None:
    """Find a key by id, live or not."""
    row = (await connection.execute(select(_key).where(_key.c.id == id_))).first()
    return _read(row) if row else None


async def revoke_key(connection: AsyncConnection, id_: str, *, by: str, at: datetime) -> bool:
    """Stop accepting a key; False when there is none or it was revoked before."""
    await lock_registry(connection)
    key = await get_key(connection, id_)
    if key is None or key.revoked_at is not None:
        return False
    await append_registry(connection, subject_of("key", id_), KeyRevoked(at=at, by=by, key=id_))
    return True


async def list_keys(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List keys by id, live or not, without the hashes of their secrets."""
    size = page_size(limit)
    statement = select(_key).order_by(_key.c.id).limit(size + 1)
    if cursor is not None:
        statement = statement.where(_key.c.id > read_cursor("keys", cursor, 1)[0])
    keys = [_read(row) for row in await connection.execute(statement)]
    items = tuple(key.model_dump(mode="json", exclude={"secret_hash"}) for key in keys[:size])
    return Page(
        items=items, next=write_cursor("keys", [keys[size - 1].id]) if len(keys) > size else None
    )


def _read(row: Any) -> Key:
    return Key.model_validate(dict(row._mapping))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
