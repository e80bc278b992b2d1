from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.lists import models_to_decide
from integrations.database.overrides import OverrideQuery, count_overrides, list_overrides
from integrations.database.projection_rows import version_row
from integrations.database.rows import insert_rows, write
from lifecycle.state import VersionStatus
from lifecycle.view import Explanation, VersionView
from lifecycle.view_parts import OverrideView
from tests.integrations.database.crowd import fill
from tests.integrations.database.stories import START

NOW = START + timedelta(days=1)


def given(number: int, **more: Any) -> OverrideView:
    fields = {
        "id": str(number), "gate": "production", "person": "eve", "name": "Eve Lind",
        "role": "ciso", "reason": "Fraud wave.", "at": START + timedelta(minutes=number),
        "until": NOW + timedelta(hours=1), **more,
    }  # fmt: skip
    return OverrideView.model_validate(fields)


OVERRIDES: dict[str, tuple[OverrideView, ...]] = {
    "card": (given(1), given(2, gate="staging", is_reviewed=True)),
    "fraud": (given(3, person="fay", until=NOW), given(4, is_over=True, is_reviewed=True)),
    "calm": (),
}


def views() -> Iterator[VersionView]:
    for model, overrides in OVERRIDES.items():
        yield VersionView(
            model=model,
            version="1",
            status=VersionStatus.IN_REVIEW,
            sequence=1,
            registered_at=START,
            explanation=Explanation(summary="It waits."),
            overrides=overrides,
        )


@pytest.fixture
async def written(connection: AsyncConnection) -> AsyncConnection:
    await write(connection, insert_rows(tables.Version), [version_row(one) for one in views()])
    return connection


async def found(connection: AsyncConnection, **query: Any) -> list[str]:
    page = await list_overrides(connection, OverrideQuery(**query), NOW)
    return [f"{one['model']} {one['id']}" for one in page.items]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, ["fraud 4", "fraud 3", "card 2", "card 1"]),
        ({"model": "card"}, ["card 2", "card 1"]),
        ({"gate": "staging"}, ["card 2"]),
        ({"person": "fay"}, ["fraud 3"]),
        ({"open": True}, ["card 2", "card 1"]),
        ({"open": False}, ["fraud 4", "fraud 3"]),
        ({"reviewed": False}, ["fraud 3", "card 1"]),
        ({"reviewed": True, "open": True}, ["card 2"]),
        ({"visible_models": ("fr*",)}, ["fraud 4", "fraud 3"]),
        ({"visible_models": ()}, []),
    ],
)
async def test_overrides_are_found_newest_first(
    written: AsyncConnection, query: dict[str, Any], wanted: list[str]
) -> None:
    assert await found(written, **query) == wanted
    counted = await count_overrides(written, OverrideQuery(**query), NOW)
    assert counted.count == len(wanted)


async def test_what_is_open_and_what_is_unreviewed_is_counted(written: AsyncConnection) -> None:
    counted = await count_overrides(written, OverrideQuery(), NOW)

    assert (counted.count, counted.open, counted.review_owed) == (4, 2, 2)


async def test_pages_follow_each_other_without_gap(written: AsyncConnection) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        query = OverrideQuery(limit=1, cursor=cursor)
        page = await list_overrides(written, query, NOW)
        seen += [f"{one['model']} {one['id']}" for one in page.items]
        cursor = page.next

    assert seen == ["fraud 4", "fraud 3", "card 2", "card 1"]
    assert cursor is None


async def test_a_cursor_of_another_list_is_refused(written: AsyncConnection) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await list_overrides(written, OverrideQuery(cursor="abc"), NOW)


async def test_views_without_overrides_are_not_read(written: AsyncConnection) -> None:
    await written.execute(text("SET LOCAL enable_seqscan = off"))
    plan = await written.execute(
        text(
            "EXPLAIN SELECT 1 FROM version WHERE jsonb_array_length(version.doc -> 'overrides') > 0"
        )
    )

    assert any("version_overridden" in row[0] for row in plan)


async def test_models_are_named_where_somebody_may_still_decide(
    connection: AsyncConnection,
) -> None:
    await fill(connection, 200)
    rows = await connection.execute(
        text("SELECT DISTINCT model FROM signoff WHERE status = 'pending'"
             " AND 'person-03' = ANY (can_decide) ORDER BY model")
    )  # fmt: skip
    wanted = tuple(row.model for row in rows)

    assert wanted
    assert await models_to_decide(connection, "person-03") == wanted
    assert await models_to_decide(connection, "nobody") == ()
