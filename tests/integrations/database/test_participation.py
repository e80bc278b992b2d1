"""Which open versions somebody has to do with."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.participation import open_versions_of
from integrations.database.projection_rows import write_projection
from integrations.database.registry import put_model, put_person
from lifecycle.roster import ModelFile, PersonFile
from lifecycle.state import VersionStatus
from lifecycle.view import Projection
from tests.integrations.slack.examples import NOON, signoff, version


async def write(connection: AsyncConnection, name: str, hours: int, **fields: Any) -> None:
    view = version(signoff(version=name), version=name, registered_at=NOON, **fields)
    later = view.model_copy(update={"registered_at": NOON + timedelta(hours=hours)})
    await write_projection(connection, Projection(version=later))


async def described(connection: AsyncConnection) -> None:
    for person in ("ana", "gus", "zoe"):
        file = PersonFile(name=person.title(), identities=(f"git:{person}",))
        await put_person(connection, person, file, by="key:k", at=NOON)
    model = ModelFile(model="fraud-scorer", lifecycle="review", owners={"validator": ("ana",)})
    await put_model(connection, model, by="key:k", by_person=None, at=NOON)


async def test_the_newest_open_versions_come_first_and_no_more_than_asked_for(
    connection: AsyncConnection,
) -> None:
    await described(connection)
    for hours, name in enumerate(("1", "2", "3", "4")):
        is_over = name == "3"
        status = VersionStatus.RETIRED if is_over else VersionStatus.IN_REVIEW
        await write(connection, name, hours, status=status)
    found = await open_versions_of(connection, "ana", 10)
    assert [one.version for one in found] == ["4", "2", "1"]
    assert {one.status for one in found} == {"in_review"}
    assert [one.version for one in await open_versions_of(connection, "ana", 2)] == ["4", "2"]


async def test_a_producer_has_those_that_they_made_and_others_have_none(
    connection: AsyncConnection,
) -> None:
    await described(connection)
    await write(connection, "1", 1, producers=("git:gus",))
    await write(connection, "2", 2)
    assert [one.version for one in await open_versions_of(connection, "gus", 10)] == ["1"]
    assert await open_versions_of(connection, "zoe", 10) == ()
