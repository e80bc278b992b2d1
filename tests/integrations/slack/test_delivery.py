import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import slack_store
from integrations.slack.clicks import ReplyTo
from integrations.slack.failures import SlackAuthLost, SlackUnavailable
from integrations.slack.pace import Pace
from integrations.slack.sandbox.faults import (
    Cut,
    Fault,
    RateLimited,
    Refused,
    ReplyLost,
    ServerError,
)
from lifecycle.receipts import Receipt
from lifecycle.state import NoticePart, SignoffStatus
from lifecycle.view import SignoffView, VersionView
from tests.integrations.slack.examples import (
    approval,
    asked,
    notice,
    signoff,
    version,
)
from tests.integrations.slack.scene import Scene

CARD = f"signoff:{signoff().id}"
ROOM = f"channel:{signoff().id}"


def decided() -> SignoffView:
    return signoff(
        status=SignoffStatus.APPROVED, approved=1, decisions=(approval("ana"),), can_decide=()
    )


async def test_owners_and_channel_get_a_card_and_all_copies_change_in_place(scene: Scene) -> None:
    await scene.show(signoff())
    cards = [scene.dm("ana"), scene.dm("ben"), scene.slack.messages(scene.room)]
    assert [len(copies) for copies in cards] == [1, 1, 1]
    assert all("approve" in card.actions for [card] in cards)
    await scene.show(decided())
    for [card] in cards:
        assert card.actions == ["details"]
        assert "Approved by Ana Ruiz" in card.shown
        assert card.text
    assert scene.posts() == 4  # the cards, and who approved under the channel's


async def test_the_same_view_again_sends_nothing(scene: Scene) -> None:
    await scene.show(signoff())
    before = len(scene.slack.calls)
    await scene.show(signoff())
    assert len(scene.slack.calls) == before


async def test_an_older_view_does_not_overwrite_a_newer_one(scene: Scene) -> None:
    await scene.show(signoff(), sequence=4)
    await scene.show(decided(), sequence=9)
    await scene.show(signoff(), sequence=8)
    assert scene.dm("ana")[0].actions == ["details"]


async def test_an_account_is_found_by_email_once_and_proposed(
    scene: Scene, engine: AsyncEngine
) -> None:
    shown = await scene.show(signoff())
    team = scene.slack.team_id
    assert {(each.person, each.team, each.user) for each in shown.linked} == {
        ("ana", team, scene.people["ana"].id),
        ("ben", team, scene.people["ben"].id),
    }
    async with engine.connect() as connection:
        assert await slack_store.slack_of_person(connection, "ana", team) == scene.people["ana"].id
        whose = await slack_store.person_of_slack(connection, None, team, scene.people["ana"].id)
    assert whose is None  # it is proposed, and waits to be confirmed
    # Somebody else takes the address over; the stored account stays.
    scene.people["ana"].email = "old@example.com"
    scene.slack.add_person("Mallory", "ana@example.com")
    again = await scene.show(signoff(round=2, stage="release"))
    assert again.linked == ()
    assert len(scene.slack.calls_of("users.lookupByEmail")) == 2
    assert len(scene.dm("ana")) == 2


async def test_an_account_that_is_somebody_elses_is_not_used(scene: Scene) -> None:
    await scene.show(signoff(asked=asked("ana"), can_decide=("ana",)))
    await scene.describe("ana", email="ana.ruiz@example.com")
    await scene.describe("cho", email="ana@example.com")
    shown = await scene.show(signoff(asked=asked("cho"), can_decide=("cho",)))
    assert [each.copy_of for each in shown.undelivered] == ["cho"]
    assert (await scene.row(CARD, "cho")).state == "not in Slack"


@pytest.mark.parametrize(
    "fields", [{"email": None}, {"email": "nobody@example.com"}, {"machine": True}]
)
async def test_who_is_not_in_slack_is_written_down_and_the_others_go_on(
    scene: Scene, fields: dict[str, Any]
) -> None:
    await scene.describe("ana", **fields)
    shown = await scene.show(signoff())
    assert [(each.request_id, each.copy_of) for each in shown.undelivered] == [(CARD, "ana")]
    assert len(scene.dm("ben")) == 1
    row = await scene.row(CARD, "ana")
    assert row.state == "not in Slack"
    assert row.error
    again = await scene.show(signoff())
    assert again.undelivered == ()


async def test_a_guest_is_not_written_to(scene: Scene) -> None:
    scene.people["ana"].is_restricted = True
    shown = await scene.show(signoff())
    assert "no member's" in shown.undelivered[0].error


@pytest.mark.parametrize("channel", ["#nowhere", "#closed", "#private"])
async def test_a_channel_that_refuses_is_written_down_and_owners_get_their_cards(
    scene: Scene, channel: str
) -> None:
    scene.slack.archive(scene.slack.add_channel("closed"))
    scene.slack.add_channel("private", is_private=True, invite_bot=False)
    shown = await scene.show(signoff(), slack_channel=channel)
    assert [each.copy_of for each in shown.undelivered] == ["channel"]
    assert (await scene.row(ROOM, "channel")).state == "failed"
    assert len(scene.dm("ana")) == 1


async def test_a_channel_that_lets_the_app_in_later_gets_its_card(scene: Scene) -> None:
    private = scene.slack.add_channel("private", is_private=True, invite_bot=False)
    await scene.show(signoff(), slack_channel="#private")
    scene.slack.invite(private, scene.slack.bot)
    await scene.show(signoff(), slack_channel="#private")
    assert len(scene.slack.messages(private)) == 1
    assert (await scene.row(ROOM, "channel")).error == ""


async def test_the_app_goes_into_a_public_channel_by_itself(scene: Scene) -> None:
    public = scene.slack.add_channel("public", invite_bot=False)
    shown = await scene.show(signoff(), slack_channel="#public")
    assert shown.undelivered == ()
    assert len(scene.slack.messages(public)) == 1


@pytest.mark.parametrize("fault", [ReplyLost(), Cut(), ServerError(), RateLimited()])
async def test_after_a_lost_reply_there_is_still_one_card(scene: Scene, fault: Fault) -> None:
    scene.slack.faults.next("chat.postMessage", fault)
    view = version(signoff(), sequence=1)
    with pytest.raises(SlackUnavailable):
        await scene.delivery.show(view)
    await scene.delivery.show(view)
    cards = [scene.dm("ana"), scene.dm("ben"), scene.slack.messages(scene.room)]
    assert [len(copies) for copies in cards] == [1, 1, 1]


async def test_a_lost_reply_in_a_thread_makes_no_second_reminder(scene: Scene) -> None:
    await scene.show(signoff())
    reminded = {"notices": (notice("reminder", "ana", "ben"),), "sequence": 5}
    scene.slack.faults.next("chat.postMessage", ReplyLost(), times=3)
    with pytest.raises(SlackUnavailable):
        await scene.show(signoff(), **reminded)
    await scene.show(signoff(), **reminded)
    assert [len(scene.dm("ana")), len(scene.slack.messages(scene.room))] == [2, 2]


async def test_a_card_found_again_is_brought_up_to_date(scene: Scene) -> None:
    scene.slack.faults.next("chat.postMessage", ReplyLost(), times=3)
    with pytest.raises(SlackUnavailable):
        await scene.show(signoff())
    await scene.show(decided())
    [card] = scene.dm("ana")
    assert card.actions == ["details"]


async def test_what_was_never_posted_and_is_over_is_not_posted_late(scene: Scene) -> None:
    with scene.slack.faults.outage(), pytest.raises(SlackUnavailable):
        await scene.show(signoff())
    await scene.show(decided())
    before = len(scene.slack.calls)
    await scene.show(decided())
    assert scene.posts() == 0
    assert len(scene.slack.calls) == before


async def test_trouble_with_one_copy_does_not_hold_up_the_others(scene: Scene) -> None:
    scene.slack.faults.next("chat.postMessage", RateLimited(timedelta(seconds=7)))
    with pytest.raises(SlackUnavailable) as caught:
        await scene.show(signoff())
    assert caught.value.retry_after == timedelta(seconds=7)
    assert scene.posts() == 2


async def test_a_revoked_token_is_one_loud_state(scene: Scene) -> None:
    await scene.show(signoff())
    scene.slack.revoke_token()
    with pytest.raises(SlackAuthLost):
        await scene.show(decided())
    assert (await scene.row(CARD, "ana")).state == "posted"


async def test_a_deleted_card_of_an_open_request_is_posted_anew(scene: Scene) -> None:
    await scene.show(signoff())
    scene.dm("ana")[0].is_deleted = True
    await scene.show(signoff(others=("security: Dee Park must sign.",)))
    [card] = scene.dm("ana")
    assert "approve" in card.actions
    scene.dm("ana")[0].is_deleted = True
    shown = await scene.show(decided())
    assert scene.dm("ana") == []
    assert [each.error for each in shown.undelivered] == ["message_not_found"]


async def test_a_card_that_can_not_be_changed_is_written_down(scene: Scene) -> None:
    await scene.show(signoff())
    scene.slack.faults.next("chat.update", Refused("edit_window_closed"), times=3)
    shown = await scene.show(decided())
    assert {each.error for each in shown.undelivered} == {"edit_window_closed"}


async def test_a_reminder_is_posted_once_under_each_card(scene: Scene) -> None:
    await scene.show(signoff())
    for _ in range(2):
        await scene.show(signoff(), notices=(notice("reminder", "ana", "ben"),))
    for place in (scene.people["ana"], scene.people["ben"], scene.room):
        card, reminder = scene.slack.messages(place)
        assert reminder.thread_ts == card.ts
        own = place is not scene.room
        assert ("waits for your sign-off" if own else "Reminded: ana") in reminder.shown


async def test_who_is_told_gets_no_buttons_and_who_is_asked_does(scene: Scene) -> None:
    await scene.show(signoff())
    people = asked("ana", "ben") + asked("dee", right="escalation")
    escalated = signoff(asked=people, can_decide=("ana", "ben", "dee"))
    notices = (notice("told", "cho"), notice("asked", "dee", id="8"))
    await scene.show(escalated, notices=notices)
    assert scene.dm("cho")[0].actions == ["details"]
    offered = ["approve", "approve_with", "request_changes", "more"]
    assert scene.dm("dee")[0].actions == offered
    assert len(scene.dm("dee")) == 1
    await scene.show(decided().model_copy(update={"asked": people}), notices=notices)
    assert "Approved by Ana Ruiz" in scene.dm("cho")[0].shown
    assert scene.dm("dee")[0].actions == ["details"]


async def test_a_late_pipeline_is_told_at_the_top_of_the_channel(scene: Scene) -> None:
    over = signoff(status=SignoffStatus.VOID, can_decide=())
    late = notice("late", "ana", roles=(), text="The evaluation is late.")
    await scene.show(over, stage_status="collecting", notices=(late,))
    [told] = scene.slack.messages(scene.room)
    assert told.thread_ts is None
    assert "The evaluation is late." in scene.dm("ana")[0].shown


async def test_cards_of_an_earlier_round_lose_their_buttons(scene: Scene) -> None:
    await scene.show(signoff())
    await scene.record(version(signoff()))
    await scene.show(signoff(round=2))
    first, second = scene.dm("ana")
    assert first.actions == ["details"]
    assert "Round 2 of this stage has begun" in first.shown
    assert "approve" in second.actions


async def test_hostile_names_ping_nobody(scene: Scene) -> None:
    await scene.show(signoff(role="<!channel>", others=("<!here> <@U1>",)))
    for place in (scene.people["ana"], scene.room):
        assert scene.slack.messages(place)[0].pings == set()


async def test_an_answer_goes_to_the_one_who_clicked(scene: Scene) -> None:
    await scene.show(signoff())
    card = scene.dm("ana")[0]
    where = ReplyTo(team=scene.slack.team_id, channel=card.channel, user=scene.people["ana"].id)
    await scene.delivery.answer(where, "You already signed; <!channel> counts once.")
    [answer] = scene.slack.ephemerals(scene.people["ana"])
    assert answer.text == "You already signed; &lt;!channel&gt; counts once."


async def test_an_answer_where_the_person_is_not_goes_to_them_directly(scene: Scene) -> None:
    where = ReplyTo(team=scene.slack.team_id, channel=scene.room.id, user=scene.people["ana"].id)
    await scene.delivery.answer(where, "You are not an owner.")
    [answer] = scene.slack.ephemerals(scene.people["ana"])
    assert answer.channel != scene.room.id


async def test_a_slack_that_is_down_is_not_asked_for_every_owner(scene: Scene) -> None:
    crowd = await people(scene, 30)
    view = version(signoff(asked=asked(*crowd), can_decide=crowd), sequence=1)
    scene.slack.faults.always("chat.postMessage", RateLimited(timedelta(seconds=9)))
    with pytest.raises(SlackUnavailable):
        await scene.delivery.show(view)
    async with scene.engine.connect() as connection:
        rows = await slack_store.messages_of(connection, [CARD])
    assert len(rows) < 20
    scene.slack.faults.clear()
    await scene.delivery.show(view)
    assert scene.posts() == 31


async def people(scene: Scene, number: int) -> tuple[str, ...]:
    crowd = tuple(f"p{each}" for each in range(number))
    for person in crowd:
        await scene.describe(person)
        scene.slack.add_person(person, f"{person}@example.com")
    return crowd


async def test_a_channel_gets_one_message_after_the_other_and_others_do_not_wait() -> None:
    pace = Pace(timedelta(milliseconds=60))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(pace.turn(f"C{number}") for number in range(100)))
    assert loop.time() - started < 0.05
    await asyncio.gather(*(pace.turn("C0") for _ in range(2)))
    assert loop.time() - started >= 0.12


def test_views_survive_json() -> None:
    view = version(signoff(), notices=(notice("told", "dee"),))
    assert VersionView.model_validate_json(view.model_dump_json()) == view


async def test_a_channel_that_the_lifecycle_names_is_told_once_beside_the_models_own(
    scene: Scene,
) -> None:
    told = notice("channel", channel="#ml-oncall", text="Ben Ode did not answer yet.")
    oncall = scene.slack.add_channel("ml-oncall", members=[])
    await scene.show(signoff(), notices=(told,))
    await scene.show(signoff(), notices=(told,))
    [posted] = scene.slack.messages(oncall)
    assert "Ben Ode did not answer yet." in posted.shown
    card, under = scene.slack.messages(scene.room)
    assert under.thread_ts == card.ts
    assert under.shown.startswith(":mega: Told in #ml-oncall: ")


async def test_a_named_channel_that_is_not_there_is_written_down_and_the_others_go_on(
    scene: Scene,
) -> None:
    shown = await scene.show(signoff(), notices=(notice("channel", channel="#nowhere"),))
    assert [each.copy_of for each in shown.undelivered] == ["#nowhere"]
    assert len(scene.dm("ana")) == 1


async def test_what_one_tick_says_to_one_person_is_one_message(scene: Scene) -> None:
    other = NoticePart(
        stage="release", round=1, people=("ana",), roles=("validator",), text="Also release waits."
    )
    release = signoff(stage="release")
    await scene.show(signoff(), release, notices=(notice("reminder", "ana", "ben", more=(other,)),))
    [reminder] = [m for m in scene.dm("ana") if "waits for your sign-off" in m.shown]
    assert "Also release waits." in reminder.shown
    assert not any("Also release waits." in message.shown for message in scene.dm("ben"))


def receipt(outcome: Any, *people: str, why: str = "") -> Receipt:
    return Receipt(
        stage="validate", round=1, role="validator", outcome=outcome, why=why, people=people
    )


async def test_a_showing_says_whom_the_open_requests_reached_and_why_not(scene: Scene) -> None:
    await scene.describe("ana", email="nobody@example.com")
    first = await scene.show(signoff())
    expected = (receipt("not in Slack", "ana", why="users_not_found"), receipt("sent", "ben"))
    assert first.receipts == expected
    # Also what an earlier showing found, so that nothing is lost with a worker.
    assert (await scene.show(signoff())).receipts == expected
    assert (await scene.show(decided())).receipts == ()


async def test_a_message_that_slack_refuses_is_a_receipt_with_its_code(scene: Scene) -> None:
    scene.slack.faults.next("chat.postMessage", Refused("user_disabled"), times=2)
    shown = await scene.show(signoff(), slack_channel=None)
    assert shown.receipts == (receipt("failed", "ana", "ben", why="user_disabled"),)


async def test_a_card_that_slack_no_longer_changes_has_reached_its_reader(scene: Scene) -> None:
    await scene.show(signoff())
    scene.slack.faults.next("chat.update", Refused("edit_window_closed"), times=3)
    late = signoff(others=("security: Dee Park must sign.",))
    shown = await scene.show(late)
    assert shown.receipts == (receipt("sent", "ana", "ben"),)


async def test_cards_change_for_who_is_not_reached_and_not_for_who_is(scene: Scene) -> None:
    await scene.show(signoff())
    calls = len(scene.slack.calls)
    sent = {"delivery": "sent", "delivered_by": "slack"}
    reached = tuple(one.model_copy(update=sent) for one in asked("ana", "ben"))
    await scene.show(signoff(asked=reached))
    assert len(scene.slack.calls) == calls
    missing = {"delivery": "not in Slack", "undelivered": "no account with <!channel>"}
    lost = (reached[0], reached[1].model_copy(update=missing))
    await scene.show(signoff(asked=lost))
    [card] = scene.slack.messages(scene.room)
    assert "Ben Ode (not reached: no account with &lt;!channel&gt;)" in card.shown
    assert card.pings == set()
    by_mail = {"delivery": "sent", "delivered_by": "email"}
    await scene.show(signoff(asked=(reached[0], lost[1].model_copy(update=by_mail))))
    assert "Ben Ode (by e-mail)" in scene.slack.messages(scene.room)[0].shown


async def test_of_whom_a_request_can_not_reach_others_hear_until_it_does(scene: Scene) -> None:
    lost = {"delivery": "not in Slack", "undelivered": "no account with ben@example.com"}
    reached, missing = asked("ana", "ben")
    unreached = signoff(asked=(reached, missing.model_copy(update=lost)))
    words = "Ben Ode can't be reached in Slack (no account with <!channel>)."
    told = notice("unreached", "dee", text=words)
    await scene.show(unreached, notices=(told,))
    await scene.show(unreached, notices=(told,))
    [message] = scene.dm("dee")
    assert "Ben Ode can't be reached in Slack" in message.shown
    assert message.pings == set()
    assert message.actions == []
    # Who hears of it only when it is over hears nothing.
    late = told.model_copy(update={"id": "9", "people": ("cho",)})
    await scene.show(signoff(), notices=(late,))
    assert scene.dm("cho") == []
