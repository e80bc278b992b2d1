from typing import Any

import pytest

from integrations.slack.plan import CHANNEL, Key, Wanted, plan
from lifecycle.state import SignoffStatus, StageStatus
from lifecycle.view import VersionView
from tests.integrations.slack.examples import approval, asked, notice, signoff, version

CARD = f"signoff:{signoff().id}"
ROOM = f"channel:{signoff().id}"
THREAD = f"thread:{signoff().id}:"
NOTICE = "notice:fraud-scorer/14:7"


STAMP = round(approval("ana").at.timestamp() * 1_000_000)


def wanted(view: VersionView, *known: Key, earlier: Any = ()) -> dict[Key, Wanted]:
    return {each.key: each for each in plan(view, earlier, known)}


def buttons(found: Wanted) -> int:
    return sum(
        len(block["elements"]) for block in found.message.blocks if block["type"] == "actions"
    )


def test_each_owner_and_the_channel_get_a_card() -> None:
    found = wanted(version(signoff()))
    assert set(found) == {(CARD, "ana"), (CARD, "ben"), (ROOM, CHANNEL)}
    assert all(each.is_new for each in found.values())


def test_without_a_channel_only_owners_get_cards() -> None:
    assert set(wanted(version(signoff(), slack_channel=None))) == {(CARD, "ana"), (CARD, "ben")}


def test_a_request_decided_before_it_was_ever_shown_is_not_shown() -> None:
    over = signoff(status=SignoffStatus.APPROVED, can_decide=())
    assert wanted(version(over)) == {}


def test_after_a_decision_every_copy_there_is_changes() -> None:
    over = signoff(status=SignoffStatus.APPROVED, can_decide=(), decisions=(approval("ana"),))
    keys = [(CARD, "ana"), (CARD, "ben"), (ROOM, CHANNEL)]
    found = wanted(version(over), *keys)
    assert set(found) == {*keys, (f"{THREAD}approve:ana:{STAMP}", CHANNEL)}
    assert all(buttons(found[key]) == 1 and not found[key].is_new for key in keys)


def test_who_left_the_role_keeps_a_card_without_buttons() -> None:
    view = version(signoff(asked=asked("ben"), can_decide=("ben",)))
    found = wanted(view, (CARD, "ana"), (CARD, "ben"))
    assert buttons(found[CARD, "ana"]) == 1
    assert "no longer asked" in str(found[CARD, "ana"].message.blocks)


def test_who_is_asked_by_escalation_gets_a_card_and_no_second_message() -> None:
    people = asked("ana", "ben") + asked("dee", right="escalation")
    request = signoff(asked=people, can_decide=("ana", "ben", "dee"))
    view = version(request, notices=(notice("asked", "dee"),))
    found = wanted(view)
    assert buttons(found[CARD, "dee"]) == 4
    assert (NOTICE, "dee") not in found
    assert found[f"{THREAD}notice:7:0", CHANNEL].under == (ROOM, CHANNEL)


def test_a_reminder_goes_under_the_card_of_each_who_is_silent_and_of_the_channel() -> None:
    request = signoff(needed=2, can_decide=("ben",), decisions=(approval("ana"),))
    view = version(request, notices=(notice("reminder", "ana", "ben"),))
    found = wanted(view)
    assert found[NOTICE, "ben"].under == (CARD, "ben")
    assert found[f"{THREAD}notice:7:0", CHANNEL].under == (ROOM, CHANNEL)
    assert (NOTICE, "ana") not in found


def test_who_is_told_gets_the_request_without_buttons_and_it_changes_later() -> None:
    view = version(signoff(), notices=(notice("told", "dee"),))
    told = wanted(view)[NOTICE, "dee"]
    assert buttons(told) == 1
    assert not told.is_once
    over = signoff(status=SignoffStatus.APPROVED, can_decide=(), decisions=(approval("ana"),))
    later = wanted(version(over, notices=(notice("told", "dee"),)), (NOTICE, "dee"))
    assert "Approved by Ana Ruiz" in str(later[NOTICE, "dee"].message.blocks)


@pytest.mark.parametrize("kind", ["reminder", "told", "asked"])
def test_nobody_is_reminded_late_of_what_is_decided(kind: str) -> None:
    over = signoff(status=SignoffStatus.APPROVED, can_decide=())
    assert wanted(version(over, notices=(notice(kind, "dee"),))) == {}


def test_a_notice_of_an_earlier_round_is_not_posted_late() -> None:
    view = version(signoff(round=2), notices=(notice("reminder", "ana"),))
    assert not any(request == NOTICE for request, _ in wanted(view))


@pytest.mark.parametrize(
    ("kind", "status", "is_posted"),
    [
        ("late", StageStatus.COLLECTING, True),
        ("late", StageStatus.ASKING, False),
        ("unowned", StageStatus.UNOWNED, True),
        ("unowned", StageStatus.ASKING, False),
        ("sent_back", StageStatus.SENT_BACK, True),
        ("sent_back", StageStatus.ASKING, False),
        ("held", StageStatus.HELD, True),
        ("held", StageStatus.ASKING, False),
        ("expired", StageStatus.EXPIRED, True),
        ("expired", StageStatus.COLLECTING, False),
        ("question", StageStatus.ASKING, True),
        ("question", StageStatus.SENT_BACK, False),
        ("answered", StageStatus.APPROVED, False),
        ("of_another_release", StageStatus.ASKING, True),
        ("of_another_release", StageStatus.APPROVED, False),
    ],
)
def test_other_notices_are_posted_while_their_stage_is_so(
    kind: str, status: StageStatus, is_posted: bool
) -> None:
    over = signoff(status=SignoffStatus.VOID, can_decide=())
    view = version(over, stage_status=status, notices=(notice(kind, "dee"),))
    found = wanted(view)
    assert ((NOTICE, "dee") in found) is is_posted
    is_told_by_the_thread = kind == "question"
    assert ((NOTICE, CHANNEL) in found) is (is_posted and not is_told_by_the_thread)


def test_a_notice_about_the_whole_version_is_posted_whatever_its_stages_do() -> None:
    view = version(signoff(), notices=(notice("base_voided", "dee", stage="", round=0, roles=()),))
    assert (NOTICE, "dee") in wanted(view)


def test_a_channel_that_is_the_models_own_is_told_under_the_card() -> None:
    view = version(signoff(), notices=(notice("channel", channel="#model-fraud"),))
    assert wanted(view)[f"{THREAD}notice:7:0", CHANNEL].under == (ROOM, CHANNEL)


def test_cards_of_an_earlier_round_are_closed() -> None:
    earlier = (signoff(),)
    keys = [(CARD, "ana"), (ROOM, CHANNEL)]
    found = wanted(version(signoff(round=2)), *keys, earlier=earlier)
    for key in keys:
        assert buttons(found[key]) == 1
        assert "Round 2 of this stage has begun" in str(found[key].message.blocks)
        assert not found[key].is_new


def test_a_recorded_end_of_an_earlier_round_is_shown_as_it_was() -> None:
    earlier = (signoff(status=SignoffStatus.VOID, why="the bytes of model changed"),)
    found = wanted(version(signoff(round=2)), (CARD, "ana"), earlier=earlier)
    assert "the bytes of model changed" in str(found[CARD, "ana"].message.blocks)
