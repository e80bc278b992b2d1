"""Reminders that wait for the next morning's digest, with the real database and a workspace."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.database.slack_store import SlackMessage, save_message
from integrations.mornings import Mornings
from integrations.slack.gathering import Gathered, Said
from integrations.slack.pace import Pace
from integrations.slack.postponing import Postponing
from integrations.slack.reminding import Reminding
from lifecycle.view import Upcoming, VersionView
from tests.integrations.slack.examples import NOON, asked
from tests.integrations.slack.scene import HASTE, Scene
from tests.integrations.slack.test_reminding import gathered, reminding, said

NOW = NOON + timedelta(days=1)
"""A Tuesday, when the reminders were written."""
MORNING = NOW.replace(hour=9) + timedelta(days=1)
FAR = NOON + timedelta(days=9)


@pytest.fixture
def desk(scene: Scene) -> Reminding:
    return made(scene, NOW)


def made(scene: Scene, now: datetime) -> Reminding:
    postponing = Postponing(scene.engine, Mornings(), clock=lambda: now)
    return Reminding(
        scene.client, scene.engine, scene.team, pace=Pace(HASTE), postponing=postponing
    )


def far(number: int, **fields: Any) -> VersionView:
    """Give a version that reminds Ana days before anything else happens."""
    return reminding(number, **{"due": FAR, "upcoming": None, **fields})


async def sent(scene: Scene, desk: Reminding, *views: VersionView) -> Said:
    for view in views:
        await scene.record(view)
    return await desk.send(gathered(*views))


async def test_reminders_wait_for_the_next_morning_where_several_requests_wait(
    scene: Scene, desk: Reminding
) -> None:
    views = [far(14), far(15)]
    left = await sent(scene, desk, *views)
    assert set(left.left) == {one.request for one in gathered(*views).reminders}
    assert left.again_at == MORNING + timedelta(hours=1)
    assert scene.posts() == 0


async def test_the_only_one_that_waits_is_said_soon(scene: Scene, desk: Reminding) -> None:
    assert await sent(scene, desk, far(14)) == Said()
    assert len(said(scene)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"due": MORNING + timedelta(minutes=30)},
        {"upcoming": Upcoming(at=MORNING, what="Dee Park is told.")},
        {"asked": (asked("ana")[0].model_copy(update={"snoozed_until": NOW}),)},
    ],
)
async def test_what_can_not_wait_is_said_soon_though_the_others_wait(
    scene: Scene, desk: Reminding, fields: dict[str, Any]
) -> None:
    left = await sent(scene, desk, far(14), far(15, **fields))
    assert len(left.left) == 1
    [alone] = said(scene)
    assert "version `15`" in alone.shown


async def test_what_a_digest_did_not_say_is_said_by_itself(scene: Scene, desk: Reminding) -> None:
    views = [far(14), far(15)]
    await sent(scene, desk, *views)
    again = [one.model_copy(update={"was_left": True}) for one in gathered(*views).reminders]
    late = made(scene, MORNING + timedelta(hours=1))
    assert await late.send(Gathered(id="late", person="ana", reminders=tuple(again))) == Said()
    [together] = said(scene)
    assert "2 sign-offs wait for you" in together.text


async def test_a_digest_that_is_about_to_come_is_waited_for_and_one_that_was_sent_is_not(
    scene: Scene,
) -> None:
    desk = made(scene, MORNING + timedelta(minutes=4))
    assert (await sent(scene, desk, far(14), far(15))).again_at == MORNING + timedelta(hours=1)
    row = SlackMessage(request_id=f"daily:{MORNING.date()}:ana", copy_of="ana", ts="1.0")
    async with scene.engine.begin() as connection:
        await save_message(connection, row)
    tomorrow = MORNING + timedelta(days=1, hours=1)
    assert (await sent(scene, desk, far(14), far(15))).again_at == tomorrow


async def test_without_digests_nothing_waits(scene: Scene) -> None:
    desk = Reminding(scene.client, scene.engine, scene.team, pace=Pace(HASTE))
    assert await sent(scene, desk, far(14), far(15)) == Said()
    assert len(said(scene)) == 1
