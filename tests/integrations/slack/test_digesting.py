"""Digests as they are sent, against the real database and a workspace."""

from datetime import datetime, timedelta

import pytest

from integrations.database.registry import put_person
from integrations.slack.digesting import LASTS, Digesting
from integrations.slack.failures import SlackAuthLost, SlackUnavailable
from integrations.slack.gathering import DigestDue, DigestKind, DigestOrder, Reminder
from integrations.slack.pace import Pace
from integrations.slack.plan import plan
from integrations.slack.sandbox.faults import Cut, Fault, RateLimited, ReplyLost
from integrations.slack.sandbox.records import Message
from lifecycle.roster import PersonFile
from lifecycle.view import VersionView
from tests.integrations.slack.examples import NOON
from tests.integrations.slack.scene import HASTE, Scene
from tests.integrations.slack.test_reminding import acknowledged, decided, reminding

MORNING = NOON + timedelta(days=2)


class Clock:
    now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(scene: Scene, clock: Clock) -> Digesting:
    return Digesting(scene.client, scene.engine, scene.team, pace=Pace(HASTE), clock=clock)


def order(*views: VersionView, kind: DigestKind = "daily", person: str = "ana") -> DigestOrder:
    """Ask for a digest in which these versions' reminders are said."""
    due = DigestDue(kind=kind, day="2026-03-04", at=MORNING)
    return DigestOrder(person=person, due=due, reminders=tuple(map(reminder, views)))


def reminder(view: VersionView) -> Reminder:
    [found] = [one.reminder for one in plan(view, (), ()) if one.reminder]
    return found


def digests(scene: Scene, person: str = "ana") -> list[Message]:
    return [one for one in scene.dm(person) if "for you" in one.shown or "people" in one.shown]


async def test_a_digest_links_the_cards_marks_reminders_and_is_sent_once(
    scene: Scene, desk: Digesting
) -> None:
    views = [reminding(14), reminding(15)]
    for view in views:
        await scene.record(view)
        await scene.delivery.show(view.model_copy(update={"notices": ()}))
    for _ in range(2):
        assert await desk.send(order(views[0]))
    [digest] = digests(scene)
    assert "2 sign-offs wait for you" in digest.text
    marked = [line for line in digest.shown.splitlines() if ":bell: reminder" in line]
    assert ["version `14`" in line for line in marked] == [True]
    assert digest.shown.count("|answer on the card>") == 2
    row = await scene.row("notice:fraud-scorer/14:7", "ana")
    assert (row.state, row.ts) == ("posted", digest.ts)


async def test_who_is_on_it_is_not_reminded_though_it_is_listed(
    scene: Scene, desk: Digesting
) -> None:
    await scene.record(acknowledged(14))
    await desk.send(order(reminding(14)))
    [digest] = digests(scene)
    assert "version `14`" in digest.shown
    assert ":bell: reminder" not in digest.shown


async def test_nothing_is_sent_where_nothing_waits_any_more(scene: Scene, desk: Digesting) -> None:
    await scene.record(decided(14))
    assert await desk.send(order(reminding(14)))
    assert scene.posts() == 0
    row = await scene.row("notice:fraud-scorer/14:7", "ana")
    assert (row.state, row.error) == ("failed", "over before it was sent")


async def test_a_digest_whose_time_is_over_leaves_its_reminders(
    scene: Scene, desk: Digesting, clock: Clock
) -> None:
    await scene.record(reminding(14))
    clock.now = MORNING + LASTS + timedelta(seconds=1)
    assert not await desk.send(order(reminding(14)))
    assert scene.posts() == 0


@pytest.mark.parametrize("fault", [ReplyLost(), Cut(), RateLimited()])
async def test_after_a_lost_reply_there_is_one_message_however_late_it_is_found(
    scene: Scene, desk: Digesting, clock: Clock, fault: Fault
) -> None:
    await scene.record(reminding(14))
    scene.slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackUnavailable):
        await desk.send(order(reminding(14)))
    clock.now = MORNING + LASTS + timedelta(hours=1)
    assert await desk.send(order(reminding(14)))
    assert len(digests(scene)) == 1


async def test_a_revoked_token_is_told_apart(scene: Scene, desk: Digesting) -> None:
    await scene.record(reminding(14))
    scene.slack.revoke_token()
    with pytest.raises(SlackAuthLost):
        await desk.send(order())


async def test_who_is_not_in_slack_is_written_down(scene: Scene, desk: Digesting) -> None:
    await scene.describe("ana", email=None)
    await scene.record(reminding(14))
    assert await desk.send(order(reminding(14)))
    assert (await scene.row("daily:2026-03-04:ana", "ana")).state == "not in Slack"
    assert (await scene.row("notice:fraud-scorer/14:7", "ana")).state == "not in Slack"


async def test_a_manager_gets_a_week_with_links_to_the_channels_cards(
    scene: Scene, desk: Digesting
) -> None:
    file = PersonFile(name="Ana", email="ana@example.com", manager="dee")
    async with scene.engine.begin() as connection:
        await put_person(connection, "ana", file, by="key:k", at=NOON)
    view = reminding(14, managers=("dee",)).model_copy(
        update={"notices": (), "slack_channel": "#model-fraud"}
    )
    await scene.record(view)
    await scene.delivery.show(view)
    for _ in range(2):
        await desk.send(order(kind="weekly", person="dee"))
    [digest] = digests(scene, "dee")
    assert "One sign-off waits for your people" in digest.text
    assert "|card>" in digest.shown
    await desk.send(order(kind="weekly", person="ben"))
    assert digests(scene, "ben") == []


async def test_nobody_of_that_name_gets_nothing(scene: Scene, desk: Digesting) -> None:
    assert await desk.send(order(person="nobody"))
    assert scene.posts() == 0
