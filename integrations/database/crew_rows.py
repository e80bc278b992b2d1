"""Rows of groups and rotations: crews, as owners name them."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from lifecycle.records import (
    GroupRecord,
    RotationRecord,
    fold_group,
    fold_rotation,
    people_of_rotation,
)
from lifecycle.registry import GroupPut, RotationPut
from lifecycle.roster import GroupFile, RotationFile

_group = table_of(tables.Group)
_rotation = table_of(tables.Rotation)
_member = table_of(tables.CrewMember)


async def apply_group(connection: AsyncConnection, fact: GroupPut, number: int) -> None:
    """Bring a group's rows up to one more fact."""
    record = fold_group(await read_group(connection, fact.group), fact)
    await _write(connection, _group, fact.group, record, number)
    await _write_members(connection, "group", fact.group, fact.file.members)


async def apply_rotation(connection: AsyncConnection, fact: RotationPut, number: int) -> None:
    """Bring a rotation's rows up to one more fact."""
    record = fold_rotation(await read_rotation(connection, fact.rotation), fact)
    await _write(connection, _rotation, fact.rotation, record, number)
    await _write_members(connection, "rotation", fact.rotation, people_of_rotation(fact.file))


async def read_group(connection: AsyncConnection, group: str) -> GroupRecord | None:
    """Give a group's members and who made them members."""
    rows = await connection.execute(
        select(_group.c.file, _group.c.given_by).where(_group.c.name == group)
    )
    row = rows.first()
    if row is None:
        return None
    return GroupRecord(file=GroupFile.model_validate(row.file), given_by=row.given_by)


async def read_rotation(connection: AsyncConnection, rotation: str) -> RotationRecord | None:
    """Give a rotation's description and who put its people in."""
    rows = await connection.execute(
        select(_rotation.c.file, _rotation.c.given_by).where(_rotation.c.name == rotation)
    )
    row = rows.first()
    if row is None:
        return None
    return RotationRecord(file=RotationFile.model_validate(row.file), given_by=row.given_by)


async def _write(
    connection: AsyncConnection,
    table: Table,
    name: str,
    record: GroupRecord | RotationRecord,
    number: int,
) -> None:
    row = {**record.model_dump(mode="json", by_alias=True), "number": number}
    await connection.execute(
        insert(table)
        .values(name=name, **row)
        .on_conflict_do_update(index_elements=["name"], set_=row)
    )


async def _write_members(
    connection: AsyncConnection,
    kind: Literal["group", "rotation"],
    name: str,
    people: Sequence[str],
) -> None:
    crew = f"{kind}:{name}"
    await connection.execute(delete(_member).where(_member.c.crew == crew))
    rows = [{"crew": crew, "person": person} for person in dict.fromkeys(people)]
    if rows:
        await connection.execute(insert(_member), rows)
