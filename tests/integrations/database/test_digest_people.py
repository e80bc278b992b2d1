"""Who gets a digest in a slot, and what a manager's week holds."""

from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.digest_people import (
    hours_of,
    kinds_of_hours,
    managers_to_tell,
    owners_to_tell,
)
from integrations.database.manager_week import manager_week
from integrations.database.projection_rows import write_projection
from integrations.database.registry import put_model, put_person
from integrations.database.slack_store import SlackMessage, save_message
from integrations.mornings import Hours
from lifecycle.roster import Away, PersonFile
from lifecycle.state import SignoffStatus, StageStatus
from lifecycle.view import Projection, SignoffView
from tests.integrations.database.organisation import describe, model_file
from tests.integrations.database.stories import START
from tests.integrations.slack.examples import NOON, approval, signoff, version

DAY = timedelta(days=1)
MADRID = Hours(zone="Europe/Madrid")


async def enrol(connection: AsyncConnection, person: str, **fields: object) -> None:
    file = PersonFile.model_validate({"name": person.title(), **fields})
    await put_person(connection, person, file, by="key:admin", at=START)


async def record(connection: AsyncConnection, one: SignoffView, **fields: object) -> None:
    view = version(one, model=one.model, version=one.version, **fields)
    await write_projection(connection, Projection(version=view, signoffs={one.id: one}))


async def test_people_at_work_for_whom_something_waits_are_told(
    connection: AsyncConnection,
) -> None:
    away = (Away.model_validate({"from": NOON - DAY, "until": NOON + DAY}),)
    over = (Away.model_validate({"from": NOON - 3 * DAY, "until": NOON - DAY}),)
    await enrol(connection, "ana", zone="Europe/Madrid")
    await enrol(connection, "back", zone="Europe/Madrid", away=over)
    await enrol(connection, "elsewhere", zone="Asia/Tokyo")
    await enrol(connection, "gone", zone="Europe/Madrid", left=True)
    await enrol(connection, "idle", zone="Europe/Madrid")
    await enrol(connection, "resting", zone="Europe/Madrid", away=away)
    everybody = ("ana", "back", "elsewhere", "gone", "resting")
    await record(connection, signoff(can_decide=everybody))
    done = {"status": SignoffStatus.APPROVED, "can_decide": ()}
    await record(connection, signoff(version="15", **done))

    assert await kinds_of_hours(connection) == (Hours(zone="Asia/Tokyo"), MADRID)
    told = await owners_to_tell(connection, [MADRID], NOON, "", 10)
    assert [one.person for one in told] == ["ana", "back"]
    assert {one.hours for one in told} == {MADRID}
    assert await owners_to_tell(connection, [], NOON, "", 10) == ()
    assert await hours_of(connection, "elsewhere") == Hours(zone="Asia/Tokyo")
    assert await hours_of(connection, "nobody") is None


async def test_pages_follow_each_other_by_one_query_each(connection: AsyncConnection) -> None:
    people = [f"person-{number:03}" for number in range(25)]
    for person in people:
        await enrol(connection, person, manager="boss", zone="Europe/Madrid")
    await enrol(connection, "boss", zone="Europe/Madrid")
    for number, person in enumerate(people):
        await record(connection, signoff(version=str(number), can_decide=(person,)))
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(connection.sync_connection, "before_cursor_execute", count)
    found: list[str] = []
    after = ""
    while page := await owners_to_tell(connection, [MADRID], NOON, after, 10):
        found += [one.person for one in page]
        after = found[-1]
    assert (found, asked) == (people, 4)
    managers = await managers_to_tell(connection, [MADRID], NOON, "", 10)
    assert [one.person for one in managers] == ["boss"]


async def test_a_managers_week_counts_what_waits_stands_failed_and_was_decided(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    for person in ("ana", "ben"):
        await enrol(connection, person, manager="dee")
    await enrol(connection, "dee")
    await put_model(connection, model_file("churn"), by="k", by_person=None, at=START)
    old = signoff(version="1", asked_at=NOON - 9 * DAY, due=NOON - DAY, managers=("dee",))
    new = signoff(version="2", can_decide=("ana",), managers=("dee",))
    others = signoff(version="3", can_decide=("cho",), managers=("eve",))
    for one in (new, old, others):
        await record(connection, one)
    decided = signoff(
        version="4", status=SignoffStatus.APPROVED, can_decide=(), decided_at=NOON - DAY,
        asked_at=NOON - 2 * DAY, decisions=(approval("ana"),),
    )  # fmt: skip
    long_ago = decided.model_copy(update={"version": "5", "id": "5", "decided_at": NOON - 8 * DAY})
    for one in (decided, long_ago):
        await record(connection, one)
    held = signoff(model="churn", version="9", can_decide=(), status=SignoffStatus.VOID)
    await record(connection, held, stage_status=StageStatus.HELD)
    await save_message(
        connection,
        SlackMessage(request_id=f"signoff:{old.id}", copy_of="ben", state="not in Slack",
                     error="users_not_found"),
    )  # fmt: skip

    found = await manager_week(connection, "dee", NOON)

    assert [(one.version, one.people) for one in found.longest] == [
        ("1", ("Ana", "Ben")), ("2", ("Ana",)),
    ]  # fmt: skip
    assert (found.waiting, found.overdue) == (2, 1)
    assert {one.person: one.waiting for one in found.reports} == {"ana": 2, "ben": 1}
    assert [(one.model, one.status) for one in found.standing] == [("churn", "held")]
    assert [(one.person, one.requests) for one in found.unreached] == [("ben", 1)]
    assert (found.approved, found.changes_requested, found.median) == (1, 0, 86_400.0)


async def test_nobodys_manager_has_an_empty_week(connection: AsyncConnection) -> None:
    await describe(connection)
    assert (await manager_week(connection, "nobody", NOON)).is_empty
