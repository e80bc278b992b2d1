from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page


async def get_version(
    connection: AsyncConnection, model: str, version: str
) -> dict[str, Any] | None:
    """Give a version's view (VersionView as JSON), or None when it was never recorded."""
    raise NotImplementedError


async def sequence_of(connection: AsyncConnection, model: str, version: str) -> int:
    """Say up to which fact a version's rows are; 0 before the first. `at_least` waits for it."""
    raise NotImplementedError


async def list_versions(
    connection: AsyncConnection,
    model: str | None = None,
    *,
    visible_models: tuple[str, ...] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List versions, newest first, as {model, version, status, sequence, lifecycle, risk, layer,
    digests, registered_at, summary, next_deadline}."""  # fmt: skip
    raise NotImplementedError


async def open_versions(connection: AsyncConnection, model: str) -> list[str]:
    """Name a model's versions whose story has not ended, oldest first."""
    raise NotImplementedError


async def versions_with_digest(
    connection: AsyncConnection, digest: str, model: str | None = None
) -> list[tuple[str, str]]:
    """Find the versions, as (model, version), that have an artifact of these bytes now."""
    raise NotImplementedError


async def signoff(connection: AsyncConnection, id_: str) -> dict[str, Any] | None:
    """Give one role's request in one round (SignoffView as JSON), or None."""
    raise NotImplementedError
