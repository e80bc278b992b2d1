"""Each refusal of Slack by its name: what is done about it, and where a manager sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database.journals import SlackMessage
from integrations.database.rows import table_of
from integrations.database.undelivered import UndeliveredQuery, list_undelivered
from integrations.slack.advice import advice_for
from integrations.slack.copies import OVER
from integrations.slack.sandbox.faults import Refused
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView
from tests.integrations.slack.examples import approval, signoff, version
from tests.integrations.slack.scene import Scene


def changed(number: int = 1) -> SignoffView:
    return signoff(others=(f"security: {number} of Dee Park must sign.",))


async def seen(scene: Scene, **query: Any) -> list[tuple[str | None, str]]:
    """Give what a manager sees: whose card, none for the channel's, and Slack's code."""
    async with scene.engine.connect() as connection:
        page = await list_undelivered(connection, UndeliveredQuery(**query), over=OVER)
    return [(one["person"], one["error"]) for one in page.items]


async def shown(scene: Scene, one: SignoffView, **fields: Any) -> None:
    """Show a version, and record it as its workflow does."""
    await scene.show(one, **fields)
    await scene.record(version(one, **{"sequence": scene.sequence, **fields}))


def nowhere(_: Scene) -> str:
    return "#nowhere"


def archived(scene: Scene) -> str:
    scene.slack.archive(scene.slack.add_channel("closed"))
    return "#closed"


def private(scene: Scene) -> str:
    scene.slack.add_channel("private", is_private=True, invite_bot=False)
    return "#private"


@dataclass(frozen=True)
class Case:
    """A channel that takes no card, and what is said of it."""

    channel: Callable[[Scene], str]
    error: str
    advice: str


@pytest.mark.parametrize(
    "case",
    [
        Case(nowhere, "channel_not_found", "Name another `slack_channel`"),
        Case(archived, "is_archived", "Unarchive the channel"),
        Case(private, "channel_not_found", "invite the app into the private one"),
    ],
    ids=["channel_not_found", "is_archived", "not_in_channel of a private one"],
)
async def test_a_channel_that_takes_no_card_is_seen_and_tried_when_things_change(
    scene: Scene, case: Case
) -> None:
    channel = case.channel(scene)
    await shown(scene, signoff(), slack_channel=channel)
    assert await seen(scene) == [(None, case.error)]
    assert case.advice in advice_for(case.error)
    assert [len(scene.dm(person)) for person in ("ana", "ben")] == [1, 1]
    await shown(scene, signoff(), slack_channel="#model-fraud")
    assert await seen(scene) == []
    assert len(scene.slack.messages(scene.room)) == 1


async def test_not_in_channel_of_a_public_one_the_app_goes_in(scene: Scene) -> None:
    public = scene.slack.add_channel("public", invite_bot=False)
    await shown(scene, signoff(), slack_channel="#public")
    assert await seen(scene) == []
    assert len(scene.slack.messages(public)) == 1


async def test_not_in_channel_where_joining_is_refused_is_seen(scene: Scene) -> None:
    scene.slack.faults.always("chat.postMessage", Refused("not_in_channel"))
    kind = "method_not_supported_for_channel_type"
    scene.slack.faults.always("conversations.join", Refused(kind))
    await shown(scene, signoff())
    assert (None, kind) in await seen(scene)


@pytest.mark.parametrize("code", ["message_not_found", "edit_window_closed"])
async def test_a_card_that_can_not_be_changed_is_posted_anew_while_it_is_open(
    scene: Scene, code: str
) -> None:
    await shown(scene, signoff())
    posts = scene.posts()
    scene.slack.faults.next("chat.update", Refused(code), times=3)
    await shown(scene, changed())
    assert scene.posts() == posts + 3
    assert await seen(scene) == []
    # What is over is needed by nobody: it is written down, and no list shows it.
    done = signoff(status=SignoffStatus.APPROVED, decisions=(approval("ana"),), can_decide=())
    scene.slack.faults.next("chat.update", Refused(code), times=3)
    await shown(scene, done)
    assert [len(scene.dm(person)) for person in ("ana", "ben")] == [2, 2]
    assert (await scene.row(f"signoff:{done.id}", "ana")).error == code
    assert await seen(scene) == []


async def test_a_channel_archived_under_its_card_is_seen_until_the_model_has_another(
    scene: Scene,
) -> None:
    await shown(scene, signoff())
    scene.slack.archive(scene.room)
    await shown(scene, changed(1))
    assert await seen(scene) == [(None, "is_inactive")]  # as Slack says it of changes
    other = scene.slack.add_channel("model-fraud-2")
    await shown(scene, changed(2), slack_channel="#model-fraud-2")
    assert await seen(scene) == []
    [card] = scene.slack.messages(other)
    assert "2 of Dee Park" in card.shown


async def test_people_and_channels_are_listed_in_pages_and_by_model(scene: Scene) -> None:
    await scene.describe("ana", email="nobody@example.com")
    await shown(scene, signoff(), slack_channel="#nowhere")
    everything = [(None, "channel_not_found"), ("ana", "users_not_found")]
    assert await seen(scene) == everything
    assert await seen(scene, model="fraud-scorer") == everything
    assert await seen(scene, model="churn") == []
    async with scene.engine.connect() as connection:
        first = await list_undelivered(connection, UndeliveredQuery(limit=1), over=OVER)
        query = UndeliveredQuery(limit=1, cursor=first.next)
        second = await list_undelivered(connection, query, over=OVER)
        with pytest.raises(ValueError, match="not one that this list gave"):
            await list_undelivered(connection, UndeliveredQuery(cursor="x"), over=OVER)
    assert [one["person"] for one in (*first.items, *second.items)] == [None, "ana"]
    assert second.next is None


async def test_what_was_over_before_it_was_sent_is_no_failure(
    scene: Scene, engine: AsyncEngine
) -> None:
    await scene.describe("ana", email="nobody@example.com")
    await shown(scene, signoff())
    assert await seen(scene) == [("ana", "users_not_found")]
    table = table_of(SlackMessage)
    async with engine.begin() as connection:
        await connection.execute(delete(table).where(table.c.copy_of == "ana"))
    assert await seen(scene) == []
