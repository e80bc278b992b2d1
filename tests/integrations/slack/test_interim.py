"""Between a click and its outcome a card says that the answer is being recorded."""

import asyncio
from datetime import timedelta

import pytest

from integrations.database import ledger
from integrations.slack.cards import owner_card, recording
from integrations.slack.clicks import Click, ReplyTo
from integrations.slack.interim import MOST_WAITING, RECORDING, Interim, showing_interim
from integrations.slack.lookups import signoff_loader
from integrations.slack.sandbox.faults import RateLimited
from lifecycle.canonical import Head, append
from lifecycle.commands import Acknowledge, Decide
from lifecycle.recording import Recording, version_subject
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView
from tests.integrations.slack.examples import approval, largest, signoff, version
from tests.integrations.slack.scene import Scene

CARD = f"signoff:{signoff().id}"


def decided() -> SignoffView:
    return signoff(
        status=SignoffStatus.APPROVED, approved=1, decisions=(approval("ana"),), can_decide=()
    )


async def asked(scene: Scene) -> None:
    """Record a request, and let its owners have their cards."""
    await scene.record(version(signoff()))
    await scene.show(signoff())


async def click(scene: Scene, person: str = "ana", name: str = "slack:click") -> Click:
    row = await scene.row(CARD, person)
    command = Decide(
        id=name, by=person, person=person, signoff=signoff().id, decision="approve",
        revision=signoff().revision,
    )  # fmt: skip
    where = ReplyTo(team=scene.team.id, channel=str(row.channel), user="U1", message_ts=str(row.ts))
    return Click(command=command, reply_to=where)


async def led_to(scene: Scene, name: str) -> None:
    """Put on record what a message led to."""
    found = signoff()
    subject = version_subject(found.model, found.version)
    fact = {"kind": "CommandRefused", "cause": name}
    async with scene.engine.begin() as connection:
        entries = (append(subject, Head(), fact),)
        await ledger.record(connection, Recording(subject=subject, entries=entries))


def interim(scene: Scene) -> Interim:
    return Interim(scene.client, scene.engine, signoff_loader(scene.engine))


async def test_the_card_that_was_clicked_says_so_until_the_outcome_is_shown(scene: Scene) -> None:
    await asked(scene)
    await interim(scene).show(await click(scene))
    [card], [other] = scene.dm("ana"), scene.dm("ben")
    assert "Recording…" in card.shown
    assert card.actions == []
    assert "approve" in other.actions
    await scene.show(decided())
    [card] = scene.dm("ana")
    assert "Approved by Ana Ruiz" in card.shown
    assert "Recording…" not in card.shown


async def test_a_refused_click_brings_the_very_same_card_back(scene: Scene) -> None:
    await asked(scene)
    [before] = scene.dm("ana")
    await interim(scene).show(await click(scene))
    await scene.show(signoff())
    [card] = scene.dm("ana")
    assert card.blocks == before.blocks


async def test_an_outcome_that_was_shown_before_stays(scene: Scene) -> None:
    await asked(scene)
    clicked = await click(scene)
    await led_to(scene, clicked.command.id)
    await scene.record(version(decided(), sequence=2))
    await scene.show(decided())
    await interim(scene).show(clicked)
    [card] = scene.dm("ana")
    assert "Approved by Ana Ruiz" in card.shown
    assert "Recording…" not in card.shown
    shown = owner_card(decided(), "ana")
    assert (await scene.row(CARD, "ana")).content_hash == shown.hash


async def test_what_another_click_led_to_is_not_waited_for(scene: Scene) -> None:
    await asked(scene)
    await led_to(scene, "slack:another")
    await interim(scene).show(await click(scene))
    assert "Recording…" in scene.dm("ana")[0].shown
    assert (await scene.row(CARD, "ana")).content_hash == RECORDING


async def test_a_second_click_on_the_same_card_changes_it_no_more(scene: Scene) -> None:
    await asked(scene)
    await interim(scene).show(await click(scene))
    before = len(scene.slack.calls_of("chat.update"))
    await interim(scene).show(await click(scene, name="slack:again"))
    assert len(scene.slack.calls_of("chat.update")) == before


async def test_trouble_in_slack_leaves_the_card_to_its_outcome(scene: Scene) -> None:
    await asked(scene)
    scene.slack.faults.next("chat.update", RateLimited(timedelta(seconds=30)))
    async with showing_interim(scene.client, scene.engine, signoff_loader(scene.engine)) as shown:
        clicked, before = await click(scene), asyncio.all_tasks()
        shown.begin(clicked)
        [task] = asyncio.all_tasks() - before
        await task
    assert "approve" in scene.dm("ana")[0].actions
    await scene.show(decided())
    assert "Approved by Ana Ruiz" in scene.dm("ana")[0].shown


async def test_only_decisions_on_messages_are_shown_and_not_too_many_at_once(scene: Scene) -> None:
    await asked(scene)
    decision = await click(scene)
    on_it = Acknowledge(id="slack:a", by="ana", person="ana", signoff=signoff().id)
    waits = asyncio.Event()

    async def load(_: str) -> SignoffView | None:
        await waits.wait()
        return None

    shown = Interim(scene.client, scene.engine, load)
    shown.begin(Click(command=on_it, reply_to=decision.reply_to))
    shown.begin(decision.model_copy(update={"reply_to": ReplyTo(team="T", channel="", user="U")}))
    assert shown.under_way == 0
    for _ in range(2 * MOST_WAITING):
        shown.begin(decision)
    assert shown.under_way == MOST_WAITING
    await shown.close()


@pytest.mark.parametrize("view", [signoff(), largest()])
def test_nothing_can_be_pressed_on_a_card_that_is_being_recorded(view: SignoffView) -> None:
    card = recording(owner_card(view, "ana"))
    assert [block for block in card.blocks if block["type"] == "actions"] == []
    assert card.text
    assert len(card.blocks) <= 50
