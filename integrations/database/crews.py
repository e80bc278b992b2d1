"""Groups and rotations: crews that owners may name."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.crew_rows import read_group, read_rotation
from integrations.database.ledger import append_registry, lock_registry
from integrations.database.named_lists import page_by_name
from integrations.database.pages import Page
from integrations.database.rows import any_in, table_of
from lifecycle.ownership import GROUP, ROTATION
from lifecycle.records import GroupRecord, RotationRecord, fold_group, fold_rotation
from lifecycle.registry import GroupPut, RotationPut, subject_of
from lifecycle.roster import GroupFile, RotationFile

_group = table_of(tables.Group)
_rotation = table_of(tables.Rotation)


async def put_group(
    connection: AsyncConnection,
    group: str,
    file: GroupFile,
    *,
    by: str,
    by_person: str | None,
    at: datetime,
) -> bool:
    """Describe a group; False when nothing changed."""
    await lock_registry(connection)
    known = await read_group(connection, group)
    fact = GroupPut(at=at, by=by, by_person=by_person, group=group, file=file)
    if known is not None and known == fold_group(known, fact):
        return False
    await append_registry(connection, subject_of("group", group), fact)
    return True


async def put_rotation(
    connection: AsyncConnection,
    rotation: str,
    file: RotationFile,
    *,
    by: str,
    by_person: str | None,
    at: datetime,
) -> bool:
    """Describe a rotation; False when nothing changed."""
    await lock_registry(connection)
    known = await read_rotation(connection, rotation)
    fact = RotationPut(at=at, by=by, by_person=by_person, rotation=rotation, file=file)
    if known is not None and known == fold_rotation(known, fact):
        return False
    await append_registry(connection, subject_of("rotation", rotation), fact)
    return True


async def get_group(connection: AsyncConnection, group: str) -> GroupRecord | None:
    """Give a group's description and who made whom a member."""
    return await read_group(connection, group)


async def get_rotation(connection: AsyncConnection, rotation: str) -> RotationRecord | None:
    """Give a rotation's description and who put whom in."""
    return await read_rotation(connection, rotation)


async def list_groups(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List groups by name, as {id, …the file, given_by}."""
    statement = select(_group.c.name, _group.c.file, _group.c.given_by)
    rows, following = await page_by_name(
        connection, statement, _group.c.name, "groups", limit, cursor
    )
    items = tuple({"id": row.name, **row.file, "given_by": row.given_by} for row in rows)
    return Page(items=items, next=following)


async def list_rotations(
    connection: AsyncConnection, limit: int = 50, cursor: str | None = None
) -> Page:
    """List rotations by name, as {id, …the file, given_by}."""
    statement = select(_rotation.c.name, _rotation.c.file, _rotation.c.given_by)
    rows, following = await page_by_name(
        connection, statement, _rotation.c.name, "rotations", limit, cursor
    )
    items = tuple({"id": row.name, **row.file, "given_by": row.given_by} for row in rows)
    return Page(items=items, next=following)


async def crews_named(
    connection: AsyncConnection, refs: Iterable[str]
) -> tuple[dict[str, GroupFile], dict[str, RotationFile]]:
    """Give the groups and rotations among what owners name; who is not known is left out."""
    named = [ref for ref in refs if ref.startswith((GROUP, ROTATION))]
    if not named:
        return {}, {}
    groups = await connection.execute(
        select(_group.c.name, _group.c.file).where(
            _group.c.name == any_in(ref.removeprefix(GROUP) for ref in named)
        )
    )
    rotations = await connection.execute(
        select(_rotation.c.name, _rotation.c.file).where(
            _rotation.c.name == any_in(ref.removeprefix(ROTATION) for ref in named)
        )
    )
    return (
        {row.name: GroupFile.model_validate(row.file) for row in groups},
        {row.name: RotationFile.model_validate(row.file) for row in rotations},
    )
