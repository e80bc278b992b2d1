from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.pages import Page
from lifecycle.definition import Lifecycle
from lifecycle.registry import ModelRecord
from lifecycle.roster import ModelFile, PersonFile, Roster


class IdentityTaken(ValueError):  # noqa: N818 - it names what was found
    """An identity, e-mail, alias or Slack account belongs to somebody or something else."""


class StoredLifecycle:
    """See below."""


async def put_lifecycle(
    connection: AsyncConnection, lifecycle: Lifecycle, *, by: str, at: datetime
) -> str:
    """Make a definition the current one of its name; give its digest. Unchanged: no fact."""
    raise NotImplementedError


async def get_lifecycle(
    connection: AsyncConnection, name: str, digest: str | None = None
) -> Lifecycle | None:
    """Give the current definition of a name, or the one of a digest that was applied once."""
    raise NotImplementedError


async def list_lifecycles(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List current definitions by name, as {name, digest, applied_at, applied_by}."""
    raise NotImplementedError


async def put_person(
    connection: AsyncConnection, person: str, file: PersonFile, *, by: str, at: datetime
) -> bool:
    """Describe a person; False when nothing changed. Raises IdentityTaken with a sentence."""
    raise NotImplementedError


async def get_person(connection: AsyncConnection, person: str) -> PersonFile | None:
    """Give a person's description."""
    raise NotImplementedError


async def person_with(connection: AsyncConnection, identity: str) -> str | None:
    """Find whose identity it is: a person's id itself, `email:…`, `git:…`, `key:…`, `slack:t/u`."""
    raise NotImplementedError


async def list_people(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List people by id, as {id, …the file}."""
    raise NotImplementedError


async def link_slack(
    connection: AsyncConnection,
    person: str,
    *,
    enterprise: str | None,
    team: str,
    user: str,
    how: Literal["email", "admin", "code"],
    by: str,
    at: datetime,
) -> bool:
    """Give a Slack account to a person; False when it was theirs already.

    Raises IdentityTaken when it is somebody else's, unless an administrator moves it.
    """
    raise NotImplementedError


async def put_model(
    connection: AsyncConnection, file: ModelFile, *, by: str, by_person: str | None, at: datetime
) -> bool:
    """Describe a model and its owners; False when nothing changed.

    Raises IdentityTaken with a sentence when an alias is another model's.
    """
    raise NotImplementedError


async def get_model(connection: AsyncConnection, model: str) -> ModelRecord | None:
    """Give a model's description and who gave which role."""
    raise NotImplementedError


async def model_known_as(connection: AsyncConnection, source: str, name: str) -> str | None:
    """Find the model that another system knows by this name."""
    raise NotImplementedError


async def list_models(
    connection: AsyncConnection,
    *,
    visible_models: tuple[str, ...] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List models by name, as {…the file, given_by}."""
    raise NotImplementedError


async def models_owned_by(connection: AsyncConnection, person: str) -> tuple[str, ...]:
    """Name the models where a person holds a role: what an owner's key may read."""
    raise NotImplementedError


async def read_roster(
    connection: AsyncConnection, model: str, producers: tuple[str, ...] = ()
) -> Roster | None:
    """Read everybody who matters to a model's versions; None when the model is unknown.

    Owners of every role, managers of those two levels up, and people whose id or identity is
    among the producers.
    """
    raise NotImplementedError


async def models_of_person(
    connection: AsyncConnection, person: str
) -> list[tuple[str, tuple[str, ...]]]:
    """Give the open versions, by model, whose roster a change of this person may concern."""
    raise NotImplementedError
