"""Who calls: API keys, their scopes, and which models they see."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database import Database
from api.problems import DatabaseUnreachable, Forbidden, Unauthenticated
from integrations.database.keys import Key, find_key, install_key
from integrations.database.visibility import sees
from lifecycle.values import Frozen

Scope: TypeAlias = Literal["pipeline", "gate", "owner", "manager", "auditor", "admin"]
SEE_ALL = frozenset({"manager", "auditor", "admin"})

VERIFIED_FOR = timedelta(seconds=15)
"""How long a key is believed without a look: a revocation counts everywhere within this."""
VERIFIED_FOR_WHILE_AWAY = timedelta(minutes=5)
"""How long a key still decides and asks gates while the database is away."""
AWAY_FOR = timedelta(seconds=2)
"""After a failed look the database is left alone for this long, so that an outage stays fast."""
MOST_KNOWN = 10_000


class Principal(Frozen):
    """The key that a request came with."""

    key: Key

    @property
    def id(self) -> str:
        """The principal as facts name it."""
        return f"key:{self.key.id}"

    @property
    def person(self) -> str | None:
        """Whose key it is."""
        return self.key.person

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the key may do, as rules read it; an admin key is a manager's too."""
        return tuple(sorted({*self.key.scopes, *(("manager",) if self.has("manager") else ())}))

    def has(self, *scopes: Scope) -> bool:
        """Say whether the key has one of the scopes; an admin key is a manager's too.

        An administrator can issue a manager's key at any time, so refusing them protects nothing.
        """
        held = set(self.key.scopes) | ({"manager"} if "admin" in self.key.scopes else set())
        return not held.isdisjoint(scopes)

    @property
    def sees_all(self) -> bool:
        """Whether the key reads every model, and people."""
        return not SEE_ALL.isdisjoint(self.key.scopes)

    def require(self, *scopes: Scope) -> None:
        """Raise Forbidden unless the key has one of the scopes."""
        if not self.has(*scopes):
            raise Forbidden(
                f"This needs a key with the scope {' or '.join(scopes)}; yours has"
                f" {', '.join(self.key.scopes) or 'none'}. Ask an administrator for one."
            )

    def may_speak_for(self, model: str) -> None:
        """Raise Forbidden when a pipeline's key is not for this model."""
        if not self.has("manager") and not sees(self.key.models, model):
            raise Forbidden(
                f"This key does not speak for {model[:100]}; it does for"
                f" {', '.join(self.key.models) or 'no model'}. Ask an administrator for a key with"
                " that model."
            )


@dataclass(frozen=True)
class _Known:
    key: Key
    at: datetime


class KeyRing:
    """Verifies keys, and remembers them for a short while by the hash of their text."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._away_until: datetime | None = None

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer a moment ago."""
        return self._away_until is not None and self._clock() < self._away_until

    async def verify(self, text: str, *, while_away: bool = False) -> Principal:
        """Find whose text this is; raises Unauthenticated, DatabaseUnreachable.

        With `while_away`, a key verified in the last five minutes counts while the database is
        unreachable.
        """
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        now = self._clock()
        known = self._known.get(name)
        if known is None or now - known.at > VERIFIED_FOR:
            known = await self._look_up(text, name, known if while_away else None, now)
        if known is None or not known.key.is_live(now):
            raise unauthenticated("The API key is unknown, wrong, expired or revoked.")
        return Principal(key=known.key)

    async def _look_up(
        self, text: str, name: bytes, stale: _Known | None, now: datetime
    ) -> _Known | None:
        is_fallback = stale is not None and now - stale.at <= VERIFIED_FOR_WHILE_AWAY
        if is_fallback and self.is_away:
            return stale
        try:
            async with self._database.transaction() as connection:
                key = await find_key(connection, text, now)
        except DatabaseUnreachable:
            self._away_until = self._clock() + AWAY_FOR
            if is_fallback:
                return stale
            raise
        self._away_until = None
        if key is None:
            self._known.pop(name, None)
            return None
        self._known[name] = _Known(key, now)
        self._known.move_to_end(name)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return self._known[name]

    def forget(self, id_: str) -> None:
        """Look a key up again before it is believed the next time."""
        for name in [name for name, known in self._known.items() if known.key.id == id_]:
            del self._known[name]


def unauthenticated(why: str) -> Unauthenticated:
    """Say that a live key is needed."""
    return Unauthenticated(
        f"{why} Send `Authorization: Bearer und_<id>_<secret>`; an administrator issues keys with"
        " `undersigned key create`.",
        headers={"www-authenticate": 'Bearer realm="undersigned"'},
    )


async def ensure_admin_key(connection: AsyncConnection, text: SecretStr, *, at: datetime) -> bool:
    """Accept the admin key that the settings name; False when it was known already.

    Raises ValueError with a sentence when it is not a key, or its id is another one's.
    """
    return await install_key(
        connection, text.get_secret_value(), scopes=("admin",), by="system", at=at
    )
