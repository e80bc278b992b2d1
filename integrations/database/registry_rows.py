"""How the facts of the registry become rows; recording and rebuilding both come through here."""

from collections.abc import Iterable
from typing import Any, assert_never

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.crew_rows import apply_group, apply_rotation
from integrations.database.handover_rows import apply_offer, end_offer
from integrations.database.identities import IdentityTaken, give, touch
from integrations.database.rows import table_of
from integrations.database.slack_account_rows import apply_account
from lifecycle.records import ModelRecord, PersonRecord, fold_handover, fold_model, fold_person
from lifecycle.registry import (
    AnyRegistryFact,
    GroupPut,
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverWithdrawn,
    KeyCreated,
    KeyRevoked,
    LifecycleApplied,
    ModelPut,
    PersonPut,
    RotationPut,
    SlackBarred,
    SlackConfirmed,
    SlackInstalled,
    SlackLinked,
    SlackProposed,
    SlackRemoved,
    SlackUninstalled,
)
from lifecycle.roster import ModelFile, PersonFile

_lifecycle = table_of(tables.Lifecycle)
_person = table_of(tables.Person)
_model = table_of(tables.Model)
_owner = table_of(tables.ModelOwner)
_alias = table_of(tables.ModelAlias)
_key = table_of(tables.ApiKey)


async def apply_fact(  # noqa: C901 - one case for each kind of fact
    connection: AsyncConnection, fact: AnyRegistryFact, number: int
) -> None:
    """Bring the rows up to one more fact; raises IdentityTaken."""
    match fact:
        case LifecycleApplied():
            await _apply_lifecycle(connection, fact)
        case PersonPut():
            await _apply_person(connection, fact, number)
        case SlackLinked() | SlackProposed() | SlackConfirmed() | SlackRemoved() | SlackBarred():
            await apply_account(connection, fact, number)
        case ModelPut():
            await _apply_model(connection, fact, number)
        case KeyCreated():
            await _apply_key(connection, fact, number)
        case KeyRevoked():
            await connection.execute(
                update(_key).where(_key.c.id == fact.key).values(revoked_at=fact.at)
            )
        case GroupPut():
            await apply_group(connection, fact, number)
        case RotationPut():
            await apply_rotation(connection, fact, number)
        case HandoverOffered():
            await apply_offer(connection, fact)
        case HandoverAccepted():
            await end_offer(connection, fact)
            await _apply_handover(connection, fact, number)
        case HandoverDeclined() | HandoverWithdrawn():
            await end_offer(connection, fact)
        case SlackInstalled() | SlackUninstalled():
            pass  # first-hand rows, since a token can't be made again from facts
        case _:
            assert_never(fact)


async def _apply_lifecycle(connection: AsyncConnection, fact: LifecycleApplied) -> None:
    name = fact.definition.lifecycle
    await connection.execute(
        update(_lifecycle)
        .where(_lifecycle.c.name == name, _lifecycle.c.is_current)
        .values(is_current=False)
    )
    row = {
        "is_current": True,
        "definition": fact.definition.model_dump(mode="json", by_alias=True),
        "applied_at": fact.at,
        "applied_by": fact.by,
    }
    await connection.execute(
        insert(_lifecycle)
        .values(name=name, digest=fact.digest, **row)
        .on_conflict_do_update(index_elements=["name", "digest"], set_=row)
    )


async def _apply_person(connection: AsyncConnection, fact: PersonPut, number: int) -> None:
    known = await read_person(connection, fact.person)
    record = fold_person(known, fact)
    row = {
        "manager": fact.file.manager,
        "delegates": list(dict.fromkeys(one.delegate for one in fact.file.away if one.delegate)),
        **record.model_dump(mode="json", by_alias=True),
        "number": number,
    }
    await connection.execute(
        insert(_person)
        .values(id=fact.person, **row)
        .on_conflict_do_update(index_elements=["id"], set_=row)
    )
    await give(connection, fact.person, identities_of(fact.file), origin="file")


async def read_person(connection: AsyncConnection, person: str) -> PersonRecord | None:
    """Give a person's description and who named their manager and delegates."""
    rows = await connection.execute(
        select(_person.c.file, _person.c.given_by).where(_person.c.id == person)
    )
    row = rows.first()
    if row is None:
        return None
    return PersonRecord(file=PersonFile.model_validate(row.file), given_by=row.given_by)


def identities_of(file: PersonFile) -> tuple[str, ...]:
    """Give the identities that a person's file names, the e-mail among them."""
    email = (f"email:{file.email}",) if file.email else ()
    return tuple(dict.fromkeys((*email, *file.identities)))


async def _apply_model(connection: AsyncConnection, fact: ModelPut, number: int) -> None:
    known = await read_model(connection, fact.file.model)
    await _write_model(connection, fold_model(known, fact), number)


async def _apply_handover(connection: AsyncConnection, fact: HandoverAccepted, number: int) -> None:
    known = await read_model(connection, fact.model)
    if known is not None:
        await _write_model(connection, fold_handover(known, fact), number)


async def _write_model(connection: AsyncConnection, record: ModelRecord, number: int) -> None:
    name = record.file.model
    row = {**record.model_dump(mode="json", by_alias=True), "number": number}
    await connection.execute(
        insert(_model)
        .values(name=name, **row)
        .on_conflict_do_update(index_elements=["name"], set_=row)
    )
    owners = (
        {"model": name, "role": role, "person": person}
        for role, people in record.file.owners.items()
        for person in dict.fromkeys(people)
    )
    await connection.execute(delete(_owner).where(_owner.c.model == name))
    await _insert_many(connection, _owner, owners)
    await _apply_aliases(connection, record.file)


async def read_model(connection: AsyncConnection, model: str) -> ModelRecord | None:
    """Give a model's description and who gave which role."""
    rows = await connection.execute(
        select(_model.c.file, _model.c.given_by).where(_model.c.name == model)
    )
    row = rows.first()
    return model_record(row) if row else None


def model_record(row: Any) -> ModelRecord:
    """Read a row of `model` with its `file` and `given_by`."""
    return ModelRecord(file=ModelFile.model_validate(row.file), given_by=row.given_by)


async def _apply_aliases(connection: AsyncConnection, file: ModelFile) -> None:
    await connection.execute(delete(_alias).where(_alias.c.model == file.model))
    for alias in file.known_as:
        wanted = insert(_alias).values(source=alias.source, name=alias.name, model=file.model)
        stated = wanted.on_conflict_do_update(  # so that the row comes back, whosever it is
            index_elements=["source", "name"], set_={"model": _alias.c.model}
        ).returning(_alias.c.model)
        holder = (await connection.execute(stated)).scalar_one()
        if holder != file.model:
            raise IdentityTaken(
                f"{alias.source} knows {holder} as {alias.name!r}; {file.model} can't have the"
                " name too. Take it from one of them."
            )


async def _apply_key(connection: AsyncConnection, fact: KeyCreated, number: int) -> None:
    await connection.execute(
        insert(_key).values(
            id=fact.key,
            secret_hash=fact.secret_hash,
            scopes=list(fact.scopes),
            person=fact.person,
            models=list(fact.models),
            events=list(fact.events),
            sources=list(fact.sources),
            created_at=fact.at,
            created_by=fact.by,
            expires_at=fact.expires_at,
        )
    )
    if fact.person:
        await give(connection, fact.person, (f"key:{fact.key}",), origin="key")
        await touch(connection, fact.person, number)


async def _insert_many(
    connection: AsyncConnection, table: Any, rows: Iterable[dict[str, Any]]
) -> None:
    values = list(rows)
    if values:
        await connection.execute(insert(table), values)
