"""Which models a key sees."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import Principal
from integrations.database.lists import models_to_decide
from integrations.database.registry import models_owned_by


async def visible_models(
    connection: AsyncConnection, principal: Principal
) -> tuple[str, ...] | None:
    """Give the names and globs of the models that a key sees; None for all.

    An owner sees the models they own and those where they may decide, a pipeline those its key
    names. A key that only asks gates sees those it names, or all when it names none.
    """
    if principal.sees_all:
        return None
    scopes = set(principal.key.scopes)
    if scopes == {"gate"}:
        return principal.key.models or None
    seen = principal.key.models if scopes & {"pipeline", "gate"} else ()
    if "owner" in scopes and principal.person is not None:
        seen += await seen_by(connection, principal.person)
    return seen


async def seen_by(connection: AsyncConnection, person: str) -> tuple[str, ...]:
    """Give the models that a person sees: those they own and those where they may decide."""
    owned = await models_owned_by(connection, person)
    return owned + await models_to_decide(connection, person)
