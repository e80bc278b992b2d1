"""What one person's home shows, however much there is of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.crews import put_group
from integrations.database.handovers import offer_handover
from integrations.database.person_overview import PersonOverview, person_overview
from integrations.database.projection_rows import write_projection
from integrations.database.registry import put_model, put_person
from lifecycle.handover import Offer
from lifecycle.roster import Away, GroupFile, PersonFile
from lifecycle.state import SignoffStatus, StageStatus
from lifecycle.view import AskedView, Explanation, Projection, SignoffView, StageView
from lifecycle.view_parts import DelegationView
from tests.integrations.database.crowd import fill
from tests.integrations.database.organisation import PEOPLE, describe, model_file
from tests.integrations.database.stories import START
from tests.integrations.slack.examples import NOON, approval, signoff, version

DAY = timedelta(days=1)


async def overview(connection: AsyncConnection, person: str = "ben", **more: Any) -> PersonOverview:
    found = await person_overview(connection, person, NOON, **more)
    assert found is not None
    return found


async def record(connection: AsyncConnection, one: SignoffView, *behind: str) -> None:
    """Write a version with this sign-off, and stages that each need the one before."""
    names = [one.stage, *behind]
    stages = tuple(
        StageView(
            name=name,
            status=StageStatus.ASKING if name == one.stage else StageStatus.WAITING,
            round=1,
            needs=tuple(names[:place][-1:]),
            signoffs=(one,) if name == one.stage else (),
            explanation=Explanation(summary=""),
        )
        for place, name in enumerate(names)
    )
    view = version(model=one.model, version=one.version, stages=stages)
    await write_projection(connection, Projection(version=view, signoffs={one.id: one}))


def to_ben(version: str, **fields: Any) -> SignoffView:
    return signoff(**{"version": version, "can_decide": ("ben",), **fields})


async def test_nobody_of_that_name_has_no_overview(connection: AsyncConnection) -> None:
    assert await person_overview(connection, "nobody", NOON) is None


async def test_requests_come_by_days_left_and_within_a_day_by_what_they_block(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    await record(connection, to_ben("never", due=None), "release", "retire")
    await record(connection, to_ben("late", due=NOON - DAY))
    await record(connection, to_ben("later", due=NOON + 3 * DAY), "release", "retire", "more")
    await record(connection, to_ben("soon", due=NOON + DAY / 4))
    await record(connection, to_ben("soon-blocking", due=NOON + DAY / 2), "release", "retire")
    await record(connection, to_ben("advice", due=NOON + DAY / 8, advisory=True), "release")
    await record(connection, to_ben("not-his", can_decide=("ana",)))

    found = await overview(connection)

    order = [one.version for one in found.requests]
    assert order == ["late", "soon-blocking", "advice", "soon", "later", "never"]
    assert {one.version: one.blocks for one in found.requests} == {
        "late": 0, "soon-blocking": 2, "advice": 0, "soon": 0, "later": 3, "never": 2,
    }  # fmt: skip
    assert (found.total, found.overdue) == (6, 1)
    assert [one.place for one in found.requests] == list(range(6))


async def test_stages_that_are_approved_are_not_blocked(connection: AsyncConnection) -> None:
    await describe(connection)
    one = to_ben("1")
    await record(connection, one, "release", "retire")
    await connection.execute(
        text("UPDATE version SET doc = jsonb_set(doc, '{stages,1,status}', '\"approved\"')")
    )
    [request] = (await overview(connection)).requests
    assert request.blocks == 0


async def test_pages_follow_each_other_and_past_the_end_is_the_first(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    for number in range(5):
        await record(connection, to_ben(str(number), due=NOON + number * DAY))
    pages = [await overview(connection, start=start, limit=2) for start in (0, 2, 4, 6)]
    shown = [[one.version for one in page.requests] for page in pages]
    assert shown == [["0", "1"], ["2", "3"], ["4"], ["0", "1"]]
    assert {page.total for page in pages} == {5}


async def test_what_was_delegated_waits_no_more_and_is_listed(connection: AsyncConnection) -> None:
    await describe(connection)
    given = DelegationView(person="ben", name="Ben Ito", to="cho", to_name="Cho Park")
    delegated = to_ben("1", can_decide=("ben", "cho"), delegations=(given,))
    await record(connection, delegated)

    ben, cho = await overview(connection), await overview(connection, "cho")

    assert (ben.requests, [one.id for one in ben.delegated]) == ((), [delegated.id])
    assert ben.delegated[0].given.to_name == "Cho Park"
    assert [one.id for one in cho.requests] == [delegated.id]
    assert cho.delegated == ()


async def test_a_request_says_how_it_is_asked_and_what_is_unmet(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    asked = AskedView(person="ben", name="Ben Ito", right="delegation", on_behalf_of="ana")
    one = to_ben(
        "1",
        asked=(asked,),
        comment_required=True,
        reasons={"bias": "It is biased."},
        changed_since={"ben": ("artifact model changed",), "cho": ("other",)},
    )
    await record(connection, one)
    [request] = (await overview(connection)).requests
    assert request.asked == asked
    assert (request.is_confirmed, request.reasons) == (True, ("bias",))
    assert (request.evidence, request.unmet) == (1, 0)
    assert request.changed == ("artifact model changed",)
    assert (request.statement, request.revision) == (one.statement, one.revision)


async def test_roles_are_found_in_person_through_crews_and_as_manager(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    members = GroupFile(members=("ben",))
    await put_group(connection, "risk", members, by="k", by_person=None, at=START)
    for model, owners in {
        "churn": {"validator": ("group:risk",), "ciso": ("manager of validator",)},
        "other": {"validator": ("cho",)},
    }.items():
        file = model_file(model).model_copy(update={"owners": owners})
        await put_model(connection, file, by="key:k", by_person=None, at=START)
    offer = Offer(role="validator", giver="cho", receiver="ben", offered_by="cho")
    await offer_handover(connection, "other", offer, by="key:k", at=START)

    ben, dee = await overview(connection), await overview(connection, "dee")

    def held(found: PersonOverview) -> list[tuple[str, str, str]]:
        return [(one.model, role.role, role.through) for one in found.owned for role in one.roles]

    assert held(ben) == [
        ("churn", "validator", "group:risk"), ("fraud-scorer", "validator", ""),
    ]  # fmt: skip
    assert held(dee) == [("churn", "ciso", "manager of validator")]
    assert (ben.owned_in_all, dee.owned_in_all) == (2, 1)
    assert [(one.model, one.role, one.giver) for one in ben.offered] == [
        ("other", "validator", "cho")
    ]


async def test_decisions_are_the_newest_first_also_of_an_unmet_quorum(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    first = approval("ben", at=NOON - 2 * DAY)
    second = approval("ben", at=NOON - DAY, decision="request_changes")
    ended = {"can_decide": (), "status": SignoffStatus.APPROVED}
    await record(connection, to_ben("1", decisions=(first,), decided_at=first.at, **ended))
    await record(connection, to_ben("2", can_decide=("cho",), decisions=(second,), needed=2))
    old = approval("ben", at=NOON - 60 * DAY)
    await record(connection, to_ben("3", decisions=(old,), decided_at=old.at, **ended))
    found = (await overview(connection)).decided
    assert [(one.version, one.decision, one.status) for one in found] == [
        ("2", "request_changes", "pending"), ("1", "approve", "approved"),
    ]  # fmt: skip


async def test_a_manager_sees_what_waits_for_each_of_their_people(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    managed = {"managers": ("dee",)}
    await record(connection, to_ben("1", due=NOON - DAY, **managed))
    await record(connection, to_ben("2", can_decide=("ben", "cho"), **managed))
    dee, ben = await overview(connection, "dee"), await overview(connection)
    listed = [(one.person, one.name, one.waiting, one.overdue) for one in dee.reports]
    assert listed == [("ben", "Ben Ito", 2, 1), ("cho", "Cho Park", 1, 0)]
    assert (dee.is_manager, ben.is_manager, ben.reports) == (True, False, ())


async def test_away_periods_that_are_not_over_come_with_who_stands_in(
    connection: AsyncConnection,
) -> None:
    await describe(connection)
    over = Away.model_validate({"from": NOON - 3 * DAY, "until": NOON - DAY})
    coming = Away.model_validate({"from": NOON + DAY, "until": NOON + 2 * DAY, "delegate": "cho"})
    file = PEOPLE["ben"].model_copy(update={"away": (over, coming)})
    await put_person(connection, "ben", file, by="key:k", at=START)
    found = await overview(connection)
    assert (found.away, found.names) == ((coming,), {"cho": "Cho Park"})


async def test_the_number_of_queries_does_not_depend_on_how_much_there_is(
    connection: AsyncConnection,
) -> None:
    views = await fill(connection, 4_000)
    person = PersonFile(name="One", manager="manager-1")
    await put_person(connection, "person-01", person, by="key:k", at=START)
    await put_person(connection, "manager-1", PersonFile(name="M"), by="key:k", at=START)
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    sync = connection.sync_connection
    assert sync is not None
    event.listen(sync, "before_cursor_execute", note)
    for name in ("person-01", "manager-1"):
        sent.clear()
        assert await person_overview(connection, name, NOON) is not None
        assert len(sent) <= 7
    event.remove(sync, "before_cursor_execute", note)
    found = await overview(connection, "person-01")
    mine = [one for one in views if one.can_decide == ("person-01",)]
    assert (found.total, len(found.requests)) == (len(mine), min(30, len(mine)))
    assert isinstance(found.requests[0].place, int)
