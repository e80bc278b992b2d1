"""What the ingress asks the database: whose account it is, and a sign-off for its details."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store, versions
from lifecycle.view import SignoffView


def person_finder(engine: AsyncEngine) -> Callable[[str | None, str, str], Awaitable[str | None]]:
    """Find persons by (enterprise, team, user)."""

    async def find(enterprise: str | None, team: str, user: str) -> str | None:
        async with engine.connect() as connection:
            return await slack_store.person_of_slack(connection, enterprise, team, user)

    return find


def signoff_loader(engine: AsyncEngine) -> Callable[[str], Awaitable[SignoffView | None]]:
    """Load sign-offs by id, as they were last recorded."""

    async def load(signoff: str) -> SignoffView | None:
        async with engine.connect() as connection:
            found = await versions.signoff(connection, signoff)
        return SignoffView.model_validate(found) if found else None

    return load
