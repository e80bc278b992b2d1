"""The thread under a card in the channel, in a workspace: in order, once, and only there."""

from datetime import timedelta
from typing import Any

import pytest

from integrations.slack.failures import SlackUnavailable
from integrations.slack.sandbox.faults import ReplyLost, ServerError
from lifecycle.state import SignoffStatus
from lifecycle.view import SignoffView
from tests.integrations.slack.examples import (
    NAMES,
    NOON,
    approval,
    dissent,
    notice,
    question,
    signoff,
    version,
)
from tests.integrations.slack.scene import Scene

HOUR = timedelta(hours=1)


def begun(**fields: Any) -> SignoffView:
    """Give a round in which some things happened."""
    known: dict[str, Any] = {
        "needed": 3,
        "questions": (question(at=NOON + HOUR),),
        "dissents": (dissent(at=NOON + 2 * HOUR),),
        "decisions": (approval("ana", at=NOON + 3 * HOUR),),
    }
    return signoff(**{**known, **fields})


def thread(scene: Scene) -> list[str]:
    """Give the first line of each message under the channel's card."""
    card = scene.slack.messages(scene.room)[0]
    assert card.thread_ts is None
    replies = scene.slack.thread(scene.room, card.ts)
    assert len(replies) == len(scene.slack.messages(scene.room)) - 1
    return [each.shown.splitlines()[0] for each in replies]


WHOLE = [
    ":question: Ana Ruiz asks the producers:",
    ":warning: Ben Ode objects as validator; that alone doesn't send it back.",
    ":white_check_mark: Ana Ruiz approved as validator.",
]


async def test_what_happens_is_told_once_and_in_order(scene: Scene) -> None:
    await scene.show(signoff())
    await scene.show(signoff(questions=(question(at=NOON + HOUR),)))
    for _ in range(2):
        await scene.show(begun())
    assert thread(scene) == WHOLE


async def test_a_card_that_comes_late_gets_its_story_in_order(scene: Scene) -> None:
    reminder = notice("reminder", "ana", "ben", at=NOON + 4 * HOUR)
    with scene.slack.faults.outage(), pytest.raises(SlackUnavailable):
        await scene.show(begun(), notices=(reminder,), names=NAMES)
    await scene.show(begun(), notices=(reminder,), names=NAMES)
    assert thread(scene) == [*WHOLE, ":bell: Reminded: Ana Ruiz, Ben Ode."]


@pytest.mark.parametrize("fault", [ReplyLost(), ServerError()])
async def test_trouble_with_one_part_lets_no_later_one_pass(scene: Scene, fault: Any) -> None:
    await scene.show(signoff())
    scene.slack.faults.next("chat.postMessage", fault)
    with pytest.raises(SlackUnavailable):
        await scene.show(begun())
    assert len(thread(scene)) < 2
    await scene.show(begun())
    assert thread(scene) == WHOLE


async def test_a_long_story_that_comes_late_is_a_few_messages(scene: Scene) -> None:
    people = tuple(approval(f"p{n}", name=f"P{n}", at=NOON + n * HOUR) for n in range(12))
    await scene.show(signoff())
    await scene.show(signoff(decisions=people, needed=99))
    first, *others = thread(scene)
    assert "P0 approved" in first
    assert [each.split(" as ")[0] for each in others] == [
        ":white_check_mark: P10 approved",
        ":white_check_mark: P11 approved",
    ]


async def test_an_answered_question_loses_its_button(scene: Scene) -> None:
    await scene.show(signoff(questions=(question(),)))
    asked = scene.slack.messages(scene.room)[1]
    assert asked.actions == ["answer"]
    answered = question(
        answer="May.", answered_by="eve", answered_by_name="Eve Lind", answered_at=NOON + HOUR
    )
    await scene.show(signoff(questions=(answered,)))
    assert asked.actions == []
    assert thread(scene)[1] == ":speech_balloon: Eve Lind answers the question of Ana Ruiz:"


async def test_how_a_round_ended_is_told_under_its_own_card(scene: Scene) -> None:
    await scene.show(signoff())
    refusal = approval("ben", decision="request_changes", comment="It leaks.", at=NOON + HOUR)
    over = signoff(status=SignoffStatus.CHANGES_REQUESTED, decisions=(refusal,), can_decide=())
    await scene.record(version(over))
    for _ in range(2):
        await scene.show(signoff(round=2))
    first, second = (m for m in scene.slack.messages(scene.room) if m.thread_ts is None)
    [told] = scene.slack.thread(scene.room, first.ts)
    assert told.shown.splitlines()[0].endswith("Ben Ode requested changes as validator.")
    assert "It leaks." in str(told.blocks)
    assert scene.slack.thread(scene.room, second.ts) == []


async def test_without_a_card_in_the_channel_nothing_is_told_there(scene: Scene) -> None:
    scene.slack.archive(scene.room)
    await scene.show(begun())
    assert scene.slack.messages(scene.room) == []
    assert scene.slack.messages(scene.people["ana"])[0].actions[0] == "approve"


async def test_what_an_earlier_release_told_is_not_told_again(scene: Scene) -> None:
    await scene.show(signoff())
    card = scene.slack.messages(scene.room)[0]
    row = await scene.row(f"channel:{signoff().id}", "channel")
    said = row.model_copy(
        update={"request_id": "notice:fraud-scorer/14:7", "thread_ts": card.ts, "ts": "1.000001"}
    )
    await scene.note(said)
    await scene.show(signoff(), notices=(notice("reminder", "ana", "ben"),))
    assert thread(scene) == []
