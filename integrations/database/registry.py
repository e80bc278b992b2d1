from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.concerned import models_of_person, models_owned_by
from integrations.database.identities import IdentityTaken
from integrations.database.ledger import append_registry, lock_registry
from integrations.database.named_lists import page_by_name
from integrations.database.pages import Page
from integrations.database.registry_rows import read_model, read_person
from integrations.database.roster_reading import NEWEST_NUMBER, read_roster
from integrations.database.rows import table_of
from integrations.database.visibility import is_visible
from lifecycle.definition import Lifecycle
from lifecycle.records import ModelRecord, fold_model, fold_person
from lifecycle.registry import LifecycleApplied, ModelPut, PersonPut, subject_of
from lifecycle.roster import ModelFile, PersonFile

__all__ = [
    "IdentityTaken",
    "UnknownPerson",
    "get_lifecycle",
    "get_model",
    "get_person",
    "list_lifecycles",
    "list_models",
    "list_people",
    "model_known_as",
    "models_of_person",
    "models_owned_by",
    "newest_number",
    "person_with",
    "put_lifecycle",
    "put_model",
    "put_person",
    "read_roster",
    "with_known_absences",
]

_lifecycle = table_of(tables.Lifecycle)
_person = table_of(tables.Person)
_identity = table_of(tables.PersonIdentity)
_model = table_of(tables.Model)
_alias = table_of(tables.ModelAlias)


class UnknownPerson(LookupError):  # noqa: N818 - it names what was found
    """Nobody of this id was ever described."""


async def put_lifecycle(
    connection: AsyncConnection, lifecycle: Lifecycle, *, by: str, at: datetime
) -> str:
    """Make a definition the current one of its name; give its digest. Unchanged: no fact."""
    await lock_registry(connection)
    digest = lifecycle.digest
    current = await connection.scalar(
        select(_lifecycle.c.digest).where(
            _lifecycle.c.name == lifecycle.lifecycle, _lifecycle.c.is_current
        )
    )
    if current != digest:
        fact = LifecycleApplied(at=at, by=by, digest=digest, definition=lifecycle)
        await append_registry(connection, subject_of("lifecycle", lifecycle.lifecycle), fact)
    return digest


async def get_lifecycle(
    connection: AsyncConnection, name: str, digest: str | None = None
) -> Lifecycle | None:
    """Give the current definition of a name, or the one of a digest that was applied once."""
    which = _lifecycle.c.digest == digest if digest else _lifecycle.c.is_current
    found = await connection.scalar(
        select(_lifecycle.c.definition).where(_lifecycle.c.name == name, which)
    )
    return Lifecycle.model_validate(found) if found else None


async def list_lifecycles(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List current definitions by name, as {name, digest, applied_at, applied_by}."""
    name = _lifecycle.c.name
    statement = select(
        name, _lifecycle.c.digest, _lifecycle.c.applied_at, _lifecycle.c.applied_by
    ).where(_lifecycle.c.is_current)
    rows, following = await page_by_name(connection, statement, name, "lifecycles", limit, cursor)
    return Page(items=tuple(dict(row._mapping) for row in rows), next=following)


async def put_person(
    connection: AsyncConnection,
    person: str,
    file: PersonFile,
    *,
    by: str,
    by_person: str | None = None,
    at: datetime,
) -> bool:
    """Describe a person; False when nothing changed.

    Raises IdentityTaken with a sentence; the transaction is then to be rolled back.
    """
    await lock_registry(connection)
    known = await read_person(connection, person)
    fact = PersonPut(at=at, by=by, by_person=by_person, person=person, file=file)
    if known is not None and known == fold_person(known, fact):
        return False
    await append_registry(connection, subject_of("person", person), fact)
    return True


async def with_known_absences(
    connection: AsyncConnection, person: str, file: PersonFile
) -> PersonFile:
    """Keep the away periods that are known where a description says nothing of any."""
    if "away" in file.model_fields_set:
        return file
    await lock_registry(connection)
    known = await read_person(connection, person)
    return file.model_copy(update={"away": known.file.away}) if known else file


async def get_person(connection: AsyncConnection, person: str) -> PersonFile | None:
    """Give a person's description."""
    record = await read_person(connection, person)
    return record.file if record else None


async def person_with(connection: AsyncConnection, identity: str) -> str | None:
    """Find whose identity it is: a person's id itself, `email:…`, `git:…`, `key:…`, `slack:t/u`."""
    by_id = select(_person.c.id).where(_person.c.id == identity)
    by_identity = select(_identity.c.person).where(_identity.c.identity == identity)
    found: str | None = await connection.scalar(by_id.union_all(by_identity).limit(1))
    return found


async def list_people(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List people by id, as {id, …the file}."""
    statement = select(_person.c.id, _person.c.file)
    rows, following = await page_by_name(
        connection, statement, _person.c.id, "people", limit, cursor
    )
    return Page(items=tuple({"id": row.id, **row.file} for row in rows), next=following)


async def put_model(
    connection: AsyncConnection, file: ModelFile, *, by: str, by_person: str | None, at: datetime
) -> bool:
    """Describe a model and its owners; False when nothing changed.

    Raises IdentityTaken with a sentence when an alias is another model's; the transaction is then
    to be rolled back.
    """
    await lock_registry(connection)
    known = await get_model(connection, file.model)
    fact = ModelPut(at=at, by=by, by_person=by_person, file=file)
    if known is not None and known == fold_model(known, fact):
        return False
    await append_registry(connection, subject_of("model", file.model), fact)
    return True


async def get_model(connection: AsyncConnection, model: str) -> ModelRecord | None:
    """Give a model's description and who gave which role."""
    return await read_model(connection, model)


async def model_known_as(connection: AsyncConnection, source: str, name: str) -> str | None:
    """Find the model that another system knows by this name."""
    found: str | None = await connection.scalar(
        select(_alias.c.model).where(_alias.c.source == source, _alias.c.name == name)
    )
    return found


async def newest_number(connection: AsyncConnection) -> int:
    """Give the number of the newest fact that a roster may come from."""
    found: int | None = await connection.scalar(text(NEWEST_NUMBER))
    return found or 0


async def list_models(
    connection: AsyncConnection,
    *,
    visible_models: tuple[str, ...] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """List models by name, as {…the file, given_by}."""
    statement = select(_model.c.name, _model.c.file, _model.c.given_by)
    if visible_models is not None:
        statement = statement.where(is_visible(_model.c.name, visible_models))
    rows, following = await page_by_name(
        connection, statement, _model.c.name, "models", limit, cursor
    )
    items = tuple({**row.file, "given_by": row.given_by} for row in rows)
    return Page(items=items, next=following)
