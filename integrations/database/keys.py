from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page
from lifecycle.values import Frozen, Instant


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
    raise NotImplementedError


async def install_key(
    connection: AsyncConnection, text: str, *, scopes: tuple[str, ...], by: str, at: datetime
) -> bool:
    """Accept a key whose text an operator chose; False when it was known already.

    Raises ValueError with a sentence when it is not a key, or its id is taken by another one.
    """
    raise NotImplementedError


async def find_key(connection: AsyncConnection, text: str, now: datetime) -> Key | None:
    """Find the live key of a bearer text; None when it is malformed, wrong, expired or revoked."""
    raise NotImplementedError


async def get_key(connection: AsyncConnection, id_: str) -> Key | None:
    """Find a key by id, live or not."""
    raise NotImplementedError


async def revoke_key(connection: AsyncConnection, id_: str, *, by: str, at: datetime) -> bool:
    """Stop accepting a key; False when there is none or it was revoked before."""
    raise NotImplementedError


async def list_keys(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List keys by id, live or not, without their secrets' hashes."""
    raise NotImplementedError
