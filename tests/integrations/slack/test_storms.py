"""A thousand deadlines in one minute, with the real database and a workspace that counts."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from integrations.database.lists import SignoffQuery, list_signoffs
from integrations.database.person_overview import person_overview
from integrations.slack.bursts import TO_A_CHANNEL, TO_A_PERSON, Allowance, Bursts
from integrations.slack.delivery import Delivery
from integrations.slack.digests import Entry, channel_message, storm_message
from integrations.slack.failures import SlackUnavailable
from integrations.slack.gathering import Gathered, Reminder
from integrations.slack.leaving import LONGEST_TEXT
from integrations.slack.pace import Pace
from integrations.slack.reminding import Reminding
from integrations.slack.sandbox.faults import ReplyLost
from integrations.slack.sandbox.records import Message
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView, VersionView
from tests.integrations.slack.examples import NOON, WORST, asked, notice, signoff, version
from tests.integrations.slack.scene import HASTE, Scene
from tests.integrations.slack.test_cards import accept, formatted
from tests.integrations.slack.test_home import requested
from tests.integrations.slack.test_reminding import Tray

STATES = text(
    """
    SELECT state, count(*) FROM slack_message
    WHERE request_id NOT LIKE 'digest:%' AND request_id NOT LIKE 'thread:%' GROUP BY state
    """
)
FEW = Allowance(2, timedelta(hours=1))


def request(number: int, **fields: Any) -> SignoffView:
    """Give what version `number` asked of Ana, and now of Dee, by escalation."""
    everybody = (*asked("ana"), *asked("dee", right="escalation"))
    known = {"version": str(number), "asked": everybody, "can_decide": ("ana", "dee")}
    return signoff(**{**known, **fields})


def deadline(number: int, **fields: Any) -> VersionView:
    """Give a version at a deadline: Ana is reminded, Ben told, Dee asked, the channel all."""
    told = f"fraud-scorer {number}, stage validate: Ana Ruiz did not answer yet. You are told."
    notices = (
        notice("reminder", "ana", id="7"),
        notice("told", "ben", id="8", text=told),
        notice("asked", "dee", id="9"),
    )
    return version(request(number, **fields), version=str(number), sequence=2, notices=notices)


@pytest.fixture
def tray() -> Tray:
    return Tray()


def gathered(tray: Tray) -> list[Gathered]:
    """Give what the tray took, as the workflows of each conversation hand it on."""
    theirs: dict[str, dict[str, Reminder]] = defaultdict(dict)
    for person, one in tray.taken:
        theirs[person].setdefault(one.request, one)
    return [
        Gathered(id=f"storm-{person}", person=person, reminders=tuple(known.values()))
        for person, known in theirs.items()
    ]


async def show_all(scene: Scene, delivery: Delivery, views: Sequence[VersionView]) -> None:
    gate = asyncio.Semaphore(20)

    async def show(view: VersionView) -> None:
        async with gate:
            await scene.record(view)
            await delivery.show(view)

    async with asyncio.TaskGroup() as group:
        for view in views:
            group.create_task(show(view))


def posts(scene: Scene) -> dict[str, list[datetime]]:
    """Give when something was posted, by channel."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for call in scene.slack.calls_of("chat.postMessage"):
        assert call.ok, call.answer  # no 429: none was faster than one a second
        found[call.answer["channel"]].append(call.at)
    return found


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.parametrize("many", [300, pytest.param(1_000, marks=pytest.mark.long)])
async def test_a_thousand_deadlines_in_a_minute_are_a_few_messages_to_each(
    scene: Scene, tray: Tray, many: int
) -> None:
    pace = Pace()  # as Slack wants it; the workspace answers 429 to what is faster
    delivery = Delivery(scene.client, scene.engine, scene.team, pace=pace, desk=tray)
    desk = Reminding(scene.client, scene.engine, scene.team, pace=pace)
    began = asyncio.get_running_loop().time()
    await show_all(scene, delivery, [deadline(number) for number in range(many)])
    for one in gathered(tray):
        await desk.send(one)
    seconds = asyncio.get_running_loop().time() - began

    by_channel = posts(scene)
    singly = int(seconds / TO_A_PERSON.every.total_seconds()) + TO_A_PERSON.burst
    said = {person: len(scene.dm(person)) for person in ("ana", "ben", "dee")}
    assert all(count <= singly + 1 for count in said.values()), said
    room = int(seconds / TO_A_CHANNEL.every.total_seconds()) + TO_A_CHANNEL.burst + 1
    assert len(scene.slack.messages(scene.room)) <= room
    for person in ("ana", "dee"):
        async with scene.engine.connect() as connection:
            found = await person_overview(connection, person, NOON)
            assert found is not None
            assert found.total == many  # all can be decided at Home
            page = await list_signoffs(
                connection, SignoffQuery(owner=person, limit=200), NOON + timedelta(days=9)
            )
        assert (len(page.items), page.next is None) == (200, False)
    states = await states_of(scene)
    assert set(states) == {"posted", "listed"}
    assert sum(states.values()) == 5 * many  # nothing is left over or forgotten
    assert sum(map(len, by_channel.values())) < 100


async def states_of(scene: Scene) -> Counter[str]:
    async with scene.engine.connect() as connection:
        rows = await connection.execute(STATES)
        return Counter({row.state: row.count for row in rows})


@pytest.fixture
def delivery(scene: Scene, tray: Tray) -> Delivery:
    bursts = Bursts(FEW, FEW)
    return Delivery(
        scene.client, scene.engine, scene.team, pace=Pace(HASTE), desk=tray, bursts=bursts
    )


@pytest.fixture
def desk(scene: Scene) -> Reminding:
    return Reminding(scene.client, scene.engine, scene.team, pace=Pace(HASTE))


def asking(number: int, **fields: Any) -> VersionView:
    """Give the view of a version that asks Ana, without a channel."""
    known = {"version": str(number), "asked": asked("ana"), "can_decide": ("ana",), **fields}
    return version(signoff(**known), version=str(number), slack_channel=None)


async def stormed(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray, views: Sequence[VersionView]
) -> None:
    for view in views:
        await scene.record(view)
        await delivery.show(view)
    for one in gathered(tray):
        await desk.send(one)


def text_of(message: Message) -> str:
    return message.shown


async def test_cards_past_a_burst_are_listed_in_one_message_and_stay_as_they_are(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    views = [asking(number) for number in range(6)]
    await stormed(scene, delivery, desk, tray, views)
    await stormed(scene, delivery, desk, tray, [])  # again, as after a crash
    first, second, digest = scene.dm("ana")
    assert first.actions[0] == second.actions[0] == "approve"
    assert "4 sign-offs wait for you" in digest.text
    listed = [number for number in range(6) if f"version `{number}`" in digest.shown]
    assert listed == [2, 3, 4, 5]
    row = await scene.row(f"signoff:{request(5).id}", "ana")
    assert (row.state, row.ts, row.error) == ("listed", None, "")
    # Decided elsewhere: nothing of the digest is overwritten, and nothing is posted.
    done = {"status": SignoffStatus.APPROVED, "can_decide": (), "approved": 1}
    await delivery.show(asking(5, **done).model_copy(update={"sequence": 3}))
    assert text_of(scene.dm("ana")[2]) == text_of(digest)
    assert len(scene.dm("ana")) == 3


async def test_who_is_listed_counts_as_reached(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    views = [asking(number) for number in range(4)]
    await stormed(scene, delivery, desk, tray, views)
    shown = await delivery.show(views[3].model_copy(update={"sequence": 3}))
    assert [(one.outcome, one.people) for one in shown.receipts] == [("sent", ("ana",))]


async def test_one_alone_past_a_burst_is_its_card_after_all(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    await stormed(scene, delivery, desk, tray, [asking(number) for number in range(3)])
    cards = scene.dm("ana")
    assert [card.actions[0] for card in cards] == ["approve"] * 3
    row = await scene.row(f"signoff:{request(2).id}", "ana")
    assert (row.state, row.ts) == ("posted", cards[2].ts)


async def test_what_is_decided_before_it_is_said_is_left_out(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    for number in range(6):
        await scene.record(asking(number))
        await delivery.show(asking(number))
    done = {"status": SignoffStatus.APPROVED, "can_decide": ()}
    await scene.record(asking(5, **done).model_copy(update={"sequence": 3}))
    await stormed(scene, delivery, desk, tray, [])
    digest = scene.dm("ana")[-1]
    assert "3 sign-offs wait for you" in digest.text
    row = await scene.row(f"signoff:{request(5).id}", "ana")
    assert (row.state, row.error) == ("failed", "over before it was sent")


async def test_whom_slack_does_not_know_is_written_down_at_once(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    await scene.describe("ana", email=None)
    await stormed(scene, delivery, desk, tray, [asking(number) for number in range(4)])
    assert tray.taken == []
    row = await scene.row(f"signoff:{request(3).id}", "ana")
    assert row.state == "not in Slack"


async def test_a_channel_gets_one_message_for_what_is_past_its_burst(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    views = [deadline(number) for number in range(5)]
    await stormed(scene, delivery, desk, tray, views)
    *_, digest = scene.slack.messages(scene.room)
    assert len(scene.slack.messages(scene.room)) == 3
    assert "4 sign-offs wait for their owners and there is news of 2 more" in digest.text
    assert "fraud-scorer 0: Told that nobody answered" in digest.shown
    told = scene.dm("ben")
    assert len(told) == 3
    assert "You are told of 3 things" in told[-1].text


async def test_after_a_lost_reply_a_storm_is_still_one_message(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    for number in range(6):
        await scene.record(asking(number))
        await delivery.show(asking(number))
    [pile] = gathered(tray)
    scene.slack.faults.next("chat.postMessage", ReplyLost())
    with pytest.raises(SlackUnavailable):
        await desk.send(pile)
    await desk.send(pile)
    assert len(scene.dm("ana")) == 3
    assert (await scene.row(f"signoff:{request(5).id}", "ana")).state == "listed"


async def test_turns_come_back_with_time() -> None:
    soon = Allowance(2, timedelta(milliseconds=40))
    bursts = Bursts(soon, soon)
    assert [bursts.admits("ana") for _ in range(3)] == [True, True, False]
    assert bursts.admits("ben")
    assert bursts.admits("#ana")
    while not bursts.admits("ana"):  # noqa: ASYNC110 - time alone brings it
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("make", [storm_message, channel_message])
@pytest.mark.parametrize(("entries", "told"), [(1_000, 1_000), (0, 1_000), (1_000, 0)])
def test_the_largest_storm_is_taken_by_slack(make: Any, entries: int, told: int) -> None:
    hard = requested(model="m" * 100, version="&" * 100, stage="s" * 100, role="r" * 100)
    entry = Entry(hard, "https://sandbox.slack.com/" + "a" * 300)
    texts = [(WORST * 20)[:LONGEST_TEXT]] * told
    message = make([entry] * entries, texts)
    accept(message)
    assert not any("<!channel>" in one for one in formatted(list(message.blocks)))
