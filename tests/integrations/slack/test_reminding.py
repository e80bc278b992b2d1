"""Reminders to one person over many versions: handed over, gathered, sent once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from integrations.slack.delivery import Delivery
from integrations.slack.failures import SlackAuthLost, SlackUnavailable
from integrations.slack.gathering import Gathered, Reminder
from integrations.slack.pace import Pace
from integrations.slack.plan import plan
from integrations.slack.reminding import Reminding
from integrations.slack.sandbox.faults import Cut, Fault, RateLimited, ReplyLost
from integrations.slack.sandbox.records import Message
from lifecycle.state import SignoffStatus
from lifecycle.view import AskedView, SignoffView, VersionView
from tests.integrations.slack.examples import NOON, asked, notice, signoff, version
from tests.integrations.slack.scene import HASTE, Scene

REMINDED = NOON + timedelta(days=1)


@dataclass
class Tray:
    """Keeps what is handed over, or loses the connection."""

    taken: list[tuple[str, Reminder]] = field(default_factory=list)
    is_away: bool = False

    async def take(self, person: str, reminders: Sequence[Reminder]) -> None:
        if self.is_away:
            raise ConnectionError
        self.taken += [(person, each) for each in reminders]


def request(number: int, **fields: Any) -> SignoffView:
    """Give what version `number` asks of Ana; each is due a day before the one before it."""
    due = NOON + timedelta(days=100 - number)
    known = {"version": str(number), "asked": asked("ana"), "can_decide": ("ana",), "due": due}
    return signoff(**{**known, **fields})


def reminding(number: int, **fields: Any) -> VersionView:
    """Give the view of a version that reminds Ana."""
    known = {"version": str(number), "sequence": 2, "slack_channel": None}
    one = request(number, **fields)
    return version(one, **known, notices=(notice("reminder", "ana"),))


def decided(number: int) -> VersionView:
    approved = {"status": SignoffStatus.APPROVED, "approved": 1, "can_decide": ()}
    return reminding(number, **approved)


def acknowledged(number: int) -> VersionView:
    return reminding(number, asked=(theirs(has_acknowledged=True),))


def snoozed(number: int) -> VersionView:
    return reminding(number, asked=(theirs(snoozed_until=REMINDED + timedelta(hours=2)),))


def theirs(**fields: Any) -> AskedView:
    return asked("ana")[0].model_copy(update=fields)


def gathered(*views: VersionView, id_: str = "one") -> Gathered:
    """Give what versions remind Ana of, as the desk has it."""
    reminders = [each.reminder for view in views for each in plan(view, (), ())]
    return Gathered(id=id_, person="ana", reminders=tuple(each for each in reminders if each))


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def delivery(scene: Scene, tray: Tray) -> Delivery:
    return Delivery(scene.client, scene.engine, scene.team, pace=Pace(HASTE), desk=tray)


@pytest.fixture
def desk(scene: Scene) -> Reminding:
    return Reminding(scene.client, scene.engine, scene.team, pace=Pace(HASTE))


async def shown(scene: Scene, delivery: Delivery, *views: VersionView) -> None:
    """Show views, as their workflows do once they are recorded."""
    for view in views:
        await scene.record(view)
        await delivery.show(view)


def said(scene: Scene) -> list[Message]:
    """Give what Ana is reminded of."""
    return [each for each in scene.dm("ana") if "Reminder" in each.shown]


async def test_a_reminder_is_handed_over_once_and_the_card_sent_at_once(
    scene: Scene, delivery: Delivery, tray: Tray
) -> None:
    for _ in range(2):
        await shown(scene, delivery, reminding(14))
    [(person, taken)] = tray.taken
    assert (person, taken.signoffs, taken.at) == ("ana", (request(14).id,), REMINDED)
    assert len(scene.dm("ana")) == 1
    assert (await scene.row(taken.request, "ana")).state == "gathering"


async def test_what_could_not_be_handed_over_is_handed_over_again(
    scene: Scene, delivery: Delivery, tray: Tray
) -> None:
    tray.is_away = True
    with pytest.raises(ConnectionError):
        await shown(scene, delivery, reminding(14))
    tray.is_away = False
    await shown(scene, delivery, reminding(14))
    assert len(tray.taken) == 1


async def test_reminders_are_handed_over_while_slack_is_away(
    scene: Scene, delivery: Delivery, tray: Tray
) -> None:
    with scene.slack.faults.outage(), pytest.raises(SlackUnavailable):
        await shown(scene, delivery, reminding(14))
    assert len(tray.taken) == 1


async def test_one_alone_is_sent_as_ever(scene: Scene, delivery: Delivery, desk: Reminding) -> None:
    view = reminding(14)
    await shown(scene, delivery, view)
    for _ in range(2):
        await desk.send(gathered(view))
    card, reminder = scene.dm("ana")
    assert reminder.thread_ts == card.ts
    assert "waits for your sign-off as validator" in reminder.shown
    row = await scene.row("notice:fraud-scorer/14:7", "ana")
    assert (row.state, row.ts, row.thread_ts) == ("posted", reminder.ts, card.ts)


async def test_several_are_one_message_in_the_order_of_their_deadlines(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15), reminding(16, due=None)]
    await shown(scene, delivery, *views)
    for _ in range(2):
        await desk.send(gathered(*views))
    [digest] = said(scene)
    assert digest.thread_ts is None
    lines = [block["text"]["text"] for block in digest.blocks if "accessory" in block]
    assert [line.split("`")[3] for line in lines] == ["15", "14", "16"]
    assert all("stage `validate`, round 1 · as `validator` · " in line for line in lines)
    assert ["no deadline" in line for line in lines] == [False, False, True]
    cards = [each for each in scene.dm("ana") if each is not digest]
    for line, card in zip(lines, [cards[1], cards[0], cards[2]], strict=True):
        place = f"archives/{card.channel}/p{card.ts.replace('.', '')}"
        assert f"<https://sandbox.slack.com/{place}|answer on the card>" in line
    rows = [await scene.row(f"notice:fraud-scorer/{number}:7", "ana") for number in (14, 15, 16)]
    assert {(row.state, row.ts) for row in rows} == {("posted", digest.ts)}


async def test_a_sent_digest_is_not_handed_over_again(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    await desk.send(gathered(*views))
    await shown(scene, delivery, *(view.model_copy(update={"sequence": 9}) for view in views))
    assert len(tray.taken) == 2


@pytest.mark.parametrize("over", [decided, acknowledged, snoozed])
async def test_what_is_over_meanwhile_is_left_out(
    scene: Scene, delivery: Delivery, desk: Reminding, over: Any
) -> None:
    views = [reminding(14), reminding(15), reminding(16)]
    await shown(scene, delivery, *views)
    await scene.record(over(15).model_copy(update={"sequence": 3}))
    await desk.send(gathered(*views))
    [digest] = said(scene)
    assert "version `15`" not in digest.shown
    assert "2 sign-offs wait for you" in digest.shown
    row = await scene.row("notice:fraud-scorer/15:7", "ana")
    assert (row.state, row.error) == ("failed", "over before it was sent")


async def test_when_all_but_one_is_over_that_one_is_sent_as_ever(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    await scene.record(decided(15).model_copy(update={"sequence": 3}))
    await desk.send(gathered(*views))
    [reminder] = said(scene)
    assert reminder.thread_ts == scene.dm("ana")[0].ts


async def test_when_all_is_over_nothing_is_sent(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    for number in (14, 15):
        await scene.record(decided(number).model_copy(update={"sequence": 3}))
    await desk.send(gathered(*views))
    assert said(scene) == []


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("fault", [ReplyLost(), Cut(), RateLimited()])
async def test_after_a_lost_reply_there_is_still_one_message(
    scene: Scene, delivery: Delivery, desk: Reminding, number: int, fault: Fault
) -> None:
    views = [reminding(14 + each) for each in range(number)]
    await shown(scene, delivery, *views)
    scene.slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackUnavailable):
        await desk.send(gathered(*views))
    await desk.send(gathered(*views))
    assert len(said(scene)) == 1


async def test_after_a_lost_reply_what_is_decided_meanwhile_makes_no_second_message(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    scene.slack.faults.next("chat.postMessage", ReplyLost())
    with pytest.raises(SlackUnavailable):
        await desk.send(gathered(*views))
    for number in (14, 15):
        await scene.record(decided(number).model_copy(update={"sequence": 3}))
        await desk.send(gathered(*views))
    [digest] = said(scene)
    row = await scene.row("notice:fraud-scorer/15:7", "ana")
    assert (row.state, row.ts) == ("posted", digest.ts)


async def test_one_that_may_be_sent_alone_already_is_not_said_again_with_others(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, views[0])
    await shown(scene, delivery, decided(15))
    scene.slack.faults.next("chat.postMessage", ReplyLost())
    with pytest.raises(SlackUnavailable):
        await desk.send(gathered(*views))
    await scene.record(reminding(15).model_copy(update={"sequence": 3}))  # the answer is taken back
    await desk.send(gathered(*views))
    first, second = said(scene)
    assert "version `14`" in first.shown
    assert "version `15`" in second.shown
    assert "version `14`" not in second.shown


async def test_a_revoked_token_and_a_busy_slack_are_told_apart(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    scene.slack.faults.next("chat.postMessage", RateLimited(timedelta(seconds=7)))
    with pytest.raises(SlackUnavailable) as caught:
        await desk.send(gathered(*views))
    assert caught.value.retry_after == timedelta(seconds=7)
    scene.slack.revoke_token()
    with pytest.raises(SlackAuthLost):
        await desk.send(gathered(*views))


@pytest.mark.parametrize("number", [1, 2])
async def test_who_is_not_in_slack_is_written_down_and_not_handed_over_again(
    scene: Scene, delivery: Delivery, desk: Reminding, tray: Tray, number: int
) -> None:
    await scene.describe("ana", email=None)
    views = [reminding(14 + each) for each in range(number)]
    await shown(scene, delivery, *views)
    await desk.send(gathered(*views))
    await shown(scene, delivery, *(view.model_copy(update={"sequence": 9}) for view in views))
    assert len(tray.taken) == number
    assert (await scene.row("notice:fraud-scorer/14:7", "ana")).state == "not in Slack"


async def test_a_notice_that_the_version_no_longer_keeps_is_said_from_the_request(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    view = reminding(14)
    await shown(scene, delivery, view)
    await scene.record(view.model_copy(update={"notices": (), "sequence": 3}))
    await desk.send(gathered(view))
    [reminder] = said(scene)
    assert "one sign-off waits for you" in reminder.shown


async def test_a_hundred_are_one_message_that_says_how_many_more(
    scene: Scene, desk: Reminding
) -> None:
    views = [reminding(number) for number in range(100)]
    for view in views:
        await scene.record(view)
    await desk.send(gathered(*views))
    [digest] = said(scene)
    assert "100 sign-offs wait for you" in digest.text
    assert "…and 55 more" in digest.shown
    assert "version `99`" in digest.shown
    assert "version `0`" not in digest.shown
    assert scene.posts() == 1


async def test_each_listed_request_has_its_details(
    scene: Scene, delivery: Delivery, desk: Reminding
) -> None:
    views = [reminding(14), reminding(15)]
    await shown(scene, delivery, *views)
    await desk.send(gathered(*views))
    [digest] = said(scene)
    assert digest.actions == ["details", "details"]
