from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from integrations.database.ledger import record
from integrations.database.lists import SignoffQuery, WaitingBy, list_signoffs, waiting_by
from integrations.database.pages import read_cursor, write_cursor
from integrations.database.registry import put_person
from integrations.database.versions import (
    list_versions,
    open_versions,
    versions_with_digest,
)
from integrations.database.visibility import sees
from lifecycle.roster import PersonFile
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView
from tests.integrations.database.crowd import fill
from tests.integrations.database.organisation import describe
from tests.integrations.database.stories import START, Story

NOW = START + timedelta(hours=24)
PENDING = SignoffStatus.PENDING
Wanted = Callable[[SignoffView], bool]


def overdue(one: SignoffView) -> bool:
    return one.due is not None and one.due < NOW


def by_due(one: SignoffView) -> tuple[datetime, str]:
    return one.due or datetime.max.replace(tzinfo=UTC), one.id


def by_age(one: SignoffView) -> tuple[datetime, str]:
    return one.asked_at, one.id


FILTERS: list[tuple[dict[str, Any], Wanted]] = [
    ({}, lambda one: one.status == PENDING),
    ({"sort": "-age"}, lambda one: one.status == PENDING),
    ({"status": SignoffStatus.APPROVED}, lambda one: one.status == "approved"),
    ({"status": SignoffStatus.APPROVED, "sort": "-age"}, lambda one: one.status == "approved"),
    ({"owner": "person-03"}, lambda one: "person-03" in one.can_decide),
    ({"manager": "manager-3"}, lambda one: "manager-3" in one.managers),
    ({"model": "model-09"}, lambda one: one.status == PENDING and one.model == "model-09"),
    ({"role": "nobody's"}, lambda _: False),
    ({"stage": "validate", "risk": "high"},
     lambda one: one.status == PENDING and one.risk == "high"),
    ({"overdue": True}, lambda one: one.status == PENDING and overdue(one)),
    ({"overdue": False}, lambda one: one.status == PENDING and not overdue(one)),
    ({"due_before": START + timedelta(hours=3)},
     lambda one: one.status == PENDING and bool(one.due and one.due < START + timedelta(hours=3))),
    ({"visible_models": ("model-1*", "model-02")},
     lambda one: (one.status == PENDING and one.model[:7] == "model-1") or
     (one.status == PENDING and one.model == "model-02")),
    ({"visible_models": ()}, lambda _: False),
    ({"visible_models": ("model_02", "%")}, lambda _: False),
]  # fmt: skip


async def pages(connection: AsyncConnection, query: SignoffQuery) -> list[SignoffView]:
    found: list[SignoffView] = []
    while True:
        page = await list_signoffs(connection, query, NOW)
        found += [SignoffView.model_validate(item) for item in page.items]
        if page.next is None:
            return found
        assert len(page.items) == query.limit
        query = query.model_copy(update={"cursor": page.next})


async def test_pages_hold_each_match_once_and_in_order(connection: AsyncConnection) -> None:
    views = await fill(connection, 1200)
    for filters, wanted in FILTERS:
        query = SignoffQuery(**filters, limit=23)
        order = by_due if query.sort == "due" else by_age
        expected = [one.id for one in sorted(filter(wanted, views), key=order)]
        assert [one.id for one in await pages(connection, query)] == expected, filters


async def plan_of(engine: AsyncEngine, connection: AsyncConnection, query: SignoffQuery) -> str:
    """Have a list read, and explain the statement that did it."""
    seen: list[tuple[str, Any]] = []

    def notice(*details: Any) -> None:
        seen.append((details[2], details[3]))

    event.listen(engine.sync_engine, "before_cursor_execute", notice)
    await list_signoffs(connection, query, NOW)
    event.remove(engine.sync_engine, "before_cursor_execute", notice)
    ((statement, parameters),) = seen
    rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", tuple(parameters))
    return "\n".join(row[0] for row in rows)


async def test_no_list_reads_all_signoffs(engine: AsyncEngine, connection: AsyncConnection) -> None:
    await fill(connection, 6000)
    cursor = write_cursor("signoffs pending due", [NOW.isoformat(), "model-01:1:validate:1:x"])
    for filters, _ in [*FILTERS, ({"cursor": cursor}, None)]:
        plan = await plan_of(engine, connection, SignoffQuery(**filters))
        assert "Seq Scan" not in plan, f"{filters}\n{plan}"
    assert "signoff_pending_due" in await plan_of(engine, connection, SignoffQuery(cursor=cursor))
    owner = await plan_of(engine, connection, SignoffQuery(owner="person-03"))
    assert "signoff_pending_people" in owner


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "!!!", "AAAA", "bnVsbA", "W10",
     write_cursor("signoffs pending -age", [NOW.isoformat(), "x"]),
     write_cursor("signoffs pending due", ["yesterday", "x"]),
     write_cursor("signoffs pending due", ["2026-01-01T00:00:00", "x"]),
     write_cursor("signoffs pending due", ["never"]),
     write_cursor("signoffs pending due", ["never", "\0"])],
)  # fmt: skip
async def test_a_cursor_of_another_list_is_refused(
    connection: AsyncConnection, cursor: str
) -> None:
    with pytest.raises(ValueError, match=r"^The cursor .*\.$"):
        await list_signoffs(connection, SignoffQuery(cursor=cursor), NOW)


async def test_page_sizes_are_bounded(connection: AsyncConnection) -> None:
    for limit in (0, 201, -1):
        with pytest.raises(ValueError, match="from 1 to 200"):
            await list_signoffs(connection, SignoffQuery(limit=limit), NOW)


def test_cursors_are_safe_in_urls() -> None:
    cursor = write_cursor("models", ["é?/&=+" * 5])
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert read_cursor("models", cursor, 1) == ["é?/&=+" * 5]


def test_globs_know_two_signs_only() -> None:
    assert sees(None, "anything")
    assert sees(("fraud-*",), "fraud-scorer")
    assert sees(("m?",), "m1")
    assert not sees(("m?",), "m12")
    assert not sees(("m.1", "m_1", "[a-z]1", "%"), "mx1")
    assert not sees((), "m")


async def test_waiting_is_counted_by_owner(connection: AsyncConnection) -> None:
    views = await fill(connection, 2000)
    rows = {row.key: row for row in await waiting_by(connection, "owner", NOW)}
    theirs = [one for one in views if "person-03" in one.can_decide]
    row = rows["person-03"]
    assert (row.count, row.versions_blocked, row.name) == (len(theirs), len(theirs), "Person-03")
    assert row.oldest == min(one.asked_at for one in theirs)
    assert row.overdue == sum(overdue(one) for one in theirs)
    took = sorted(
        (one.decided_at - one.asked_at).total_seconds()
        for one in views
        if one.decided_at and one.decisions[0].person == "person-03"
    )
    assert row.p50 == pytest.approx(took[len(took) // 2], abs=60)
    assert row.p90 is not None
    assert took[0] <= row.p90 <= took[-1]
    assert list(rows) == sorted(rows, key=lambda key: (-rows[key].count, rows[key].oldest, key))


async def test_waiting_is_counted_by_stage_role_and_manager(connection: AsyncConnection) -> None:
    views = await fill(connection, 400)
    for index in range(53):
        file = PersonFile(manager="dee" if index < 10 else None)
        await put_person(connection, f"person-{index:02}", file, by="key:a", at=START)
    await put_person(connection, "dee", PersonFile(name="Dee Park"), by="key:a", at=START)
    pending = [one for one in views if one.status == PENDING]
    for by, key in (("stage", "validate"), ("role", "validator")):
        (row,) = await waiting_by(connection, by, NOW)  # type: ignore[arg-type]  # a literal of the loop
        assert (row.key, row.count, row.versions_blocked) == (key, len(pending), len(pending))
        assert row.p50 is not None
    (dee,) = await waiting_by(connection, "manager", NOW)
    below = [one for one in pending if one.can_decide[0] < "person-10"]
    assert (dee.key, dee.name, dee.count) == ("dee", "Dee Park", len(below))
    assert dee.p50 is not None
    assert await waiting_by(connection, "pipeline", NOW) == []


async def test_pipelines_and_asked_owners_are_waited_for(connection: AsyncConnection) -> None:
    story = Story(await describe(connection))
    story.begin()
    await record(connection, story.recording())
    (row,) = await waiting_by(connection, "pipeline", NOW)
    assert (row.key, row.count, row.versions_blocked, row.p50) == ("evaluation", 1, 1, None)
    assert await waiting_by(connection, "owner", NOW) == []
    story.attach(0.95)
    await record(connection, story.recording())
    assert await waiting_by(connection, "pipeline", NOW) == []
    owners = await waiting_by(connection, "owner", NOW)
    assert [(one.key, one.name, one.count) for one in owners] == [
        ("ben", "Ben Ito", 1),
        ("cho", "Cho Park", 1),
    ]
    # One sign-off, however many were asked.
    for by, key in (("role", "validator"), ("stage", "validate"), ("manager", "dee")):
        (row,) = await waiting_by(connection, by, NOW)  # type: ignore[arg-type]  # a literal of the loop
        assert (row.key, row.count, row.versions_blocked) == (key, 1, 1)
    listed = await list_signoffs(connection, SignoffQuery(owner="cho", manager="dee"), NOW)
    assert [item["id"] for item in listed.items] == ["fraud-scorer:1:validate:1:validator"]


async def test_old_decisions_say_nothing_of_today(connection: AsyncConnection) -> None:
    await fill(connection, 60)
    rows = await waiting_by(connection, "role", NOW + timedelta(days=120))
    assert [(row.p50, row.p90) for row in rows] == [(None, None)]


@pytest.mark.parametrize("by", ["owner", "role", "stage", "manager", "pipeline"])
async def test_waiting_shows_only_models_that_may_be_seen(
    connection: AsyncConnection, by: WaitingBy
) -> None:
    views = await fill(connection, 330)
    shown = [one for one in views if one.status == PENDING and one.model == "model-00"]
    assert await waiting_by(connection, by, NOW, ()) == []
    rows = await waiting_by(connection, by, NOW, ("model-00",))
    wanted = 0 if by in {"manager", "pipeline"} else len(shown)  # no such rows in the crowd
    assert sum(row.count for row in rows) == wanted


async def test_versions_are_listed_newest_first(connection: AsyncConnection) -> None:
    views = await fill(connection, 90)
    found: list[tuple[str, str]] = []
    cursor = None
    while True:
        page = await list_versions(connection, limit=40, cursor=cursor)
        found += [(item["model"], item["version"]) for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == [(one.model, one.version) for one in reversed(views)]
    of_model = await list_versions(connection, "model-03")
    assert [item["version"] for item in of_model.items] == ["2", "1", "0"]
    assert await open_versions(connection, "model-03") == ["0", "1", "2"]
    assert (await list_versions(connection, visible_models=("x",))).items == ()
    assert await versions_with_digest(connection, "sha256:" + "1" * 64) == []
