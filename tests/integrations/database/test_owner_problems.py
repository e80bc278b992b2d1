"""Owners who left, are unknown, away with nobody in their place, or never answer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.crews import put_group
from integrations.database.owner_problems import OwnerQuery, list_owner_problems
from integrations.database.registry import put_model, put_person
from integrations.database.rows import table_of
from lifecycle.roster import GroupFile, PersonFile
from tests.integrations.database.crowd import fill
from tests.integrations.database.organisation import describe, model_file
from tests.integrations.database.stories import START

NOW = START + timedelta(days=40)


async def found(connection: AsyncConnection, **query: Any) -> dict[str, dict[str, Any]]:
    page = await list_owner_problems(connection, OwnerQuery(**query), NOW)
    return {one["person"]: one for one in page.items}


async def person(connection: AsyncConnection, id_: str, **file: Any) -> None:
    described = PersonFile.model_validate(file)
    await put_person(connection, id_, described, by="key:k", at=START)


async def own(connection: AsyncConnection, *refs: str, model: str = "fraud-scorer") -> None:
    owners = {"validator": refs, "business_owner": ("ana",)}
    file = model_file(model).model_copy(update={"owners": owners})
    await put_model(connection, file, by="key:k", by_person=None, at=START)


async def test_owners_who_are_there_and_were_never_asked_are_no_problem(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    assert await found(connection) == {}


async def test_who_left_is_found_with_the_models_and_roles_held(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await put_group(
        connection, "risk", GroupFile(members=("cho",)), by="k", by_person=None, at=START
    )
    await own(connection, "ben", "group:risk")
    await own(connection, "cho", model="churn")
    await person(connection, "cho", left=True)
    listed = await found(connection, problem="left")
    assert list(listed) == ["cho"]
    assert listed["cho"]["problems"] == ["left"]
    assert listed["cho"]["models"] == 2
    assert listed["cho"]["roles"] == [
        {"model": "churn", "role": "validator", "through": ""},
        {"model": "fraud-scorer", "role": "validator", "through": "group:risk"},
    ]
    only = await found(connection, model="churn")
    assert [one["model"] for one in only["cho"]["roles"]] == ["churn"]


async def test_managers_who_left_are_found_through_the_role(connection: AsyncConnection) -> None:
    await describe(connection)
    owners = {"validator": ("ben",), "business_owner": ("manager of validator",)}
    file = model_file().model_copy(update={"owners": owners})
    await put_model(connection, file, by="key:k", by_person=None, at=START)
    await person(connection, "dee", left=True)
    listed = await found(connection)
    assert listed["dee"]["roles"] == [
        {"model": "fraud-scorer", "role": "business_owner", "through": "manager of validator"}
    ]


async def test_who_and_what_is_not_described_is_unknown(connection: AsyncConnection) -> None:
    await describe(connection)
    await own(connection, "zoe", "group:none")
    assert {name: one["problems"] for name, one in (await found(connection)).items()} == {
        "zoe": ["unknown"], "group:none": ["unknown"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("delegate", "is_found"), [(None, True), ("gone", True), ("zoe", True), ("ben", False)]
)
async def test_who_is_away_with_nobody_in_their_place_is_found(
    connection: AsyncConnection, delegate: str | None, is_found: bool
) -> None:  # fmt: skip
    await describe(connection)
    await person(connection, "gone", left=True)
    day = timedelta(days=1)
    away = [{"from": NOW - day, "until": NOW + day, "delegate": delegate}]
    await person(connection, "ana", away=away)
    assert ("ana" in await found(connection, problem="away")) is is_found
    later = await list_owner_problems(connection, OwnerQuery(), NOW + 2 * day)
    assert later.items == ()


async def test_who_was_asked_and_never_answers_is_silent(connection: AsyncConnection) -> None:
    await describe(connection)
    views = await fill(connection, 848)
    asked = {p: [v for v in views if v.asked[0].person == p] for p in ("person-00", "person-01")}
    for name in asked:
        await person(connection, name)
    await own(connection, "person-00", "person-01")
    now = START + timedelta(minutes=900)
    at_once = {p: sum(not v.decisions for v in vs) for p, vs in asked.items()}
    assert all(at_once.values())

    async def silent(days: int, at: Any) -> list[str]:
        query = OwnerQuery(problem="silent", days=days)
        return [one["person"] for one in (await list_owner_problems(connection, query, at)).items]

    # Both answered something within the day; after a month, requests are open and unanswered.
    assert await silent(1, now) == []
    assert await silent(30, now + timedelta(days=31)) == ["person-00", "person-01"]
    listed = await list_owner_problems(connection, OwnerQuery(), now + timedelta(days=31))
    first = listed.items[0]
    assert (first["open"], first["answered"]) == (at_once["person-00"], 0)
    assert first["oldest"] == min(v.asked_at for v in asked["person-00"] if not v.decisions)


@pytest.mark.parametrize("delivery", ["not in Slack", "failed", "sent"])
async def test_whom_an_open_request_did_not_reach_in_slack_is_unreachable(
    connection: AsyncConnection, delivery: Any
) -> None:
    await describe(connection)
    [view] = await fill(connection, 1)
    [asked] = view.asked[:1]
    await person(connection, asked.person)
    await own(connection, asked.person)
    assert await found(connection, problem="unreachable") == {}
    by_mail = "email" if delivery == "sent" else ""
    lost = {"delivery": delivery, "delivered_by": by_mail, "undelivered": "no account"}
    rest = tuple(one.model_copy(update=lost) for one in view.asked)
    doc = view.model_copy(update={"asked": rest}).model_dump(mode="json")
    table = table_of(tables.Signoff)
    await connection.execute(update(table).where(table.c.id == view.id).values(doc=doc))
    listed = await found(connection, problem="unreachable")
    assert list(listed) == [asked.person]
    assert "unreachable" in listed[asked.person]["problems"]


async def test_the_list_comes_in_pages(connection: AsyncConnection) -> None:
    await describe(connection)
    names = [f"gone-{index}" for index in range(5)]
    await own(connection, *names)
    first = await list_owner_problems(connection, OwnerQuery(limit=3), NOW)
    rest = await list_owner_problems(connection, OwnerQuery(limit=3, cursor=first.next), NOW)
    assert [one["person"] for one in (*first.items, *rest.items)] == names
    assert rest.next is None
    with pytest.raises(ValueError, match="cursor"):
        await list_owner_problems(connection, OwnerQuery(cursor="nonsense"), NOW)


async def test_a_page_of_many_owners_is_one_query(connection: AsyncConnection) -> None:
    await describe(connection)
    names = tuple(f"gone{index:02}" for index in range(60))
    for name in names:
        await person(connection, name, left=True)
    await own(connection, *names)
    sent: list[str] = []

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", count)
    page = await list_owner_problems(connection, OwnerQuery(limit=50), NOW)
    rest = await list_owner_problems(connection, OwnerQuery(limit=50, cursor=page.next), NOW)

    assert len(sent) == 2
    listed = [one["person"] for one in (*page.items, *rest.items)]
    assert (listed, rest.next) == (list(names), None)
