"""The story of a round under its card: what it says, in which order, and what Slack takes."""

from datetime import timedelta
from typing import Any

import pytest

from integrations.slack.asking_modals import answer
from integrations.slack.clicks import QuestionRef, ReplyTo
from integrations.slack.notices import question_message
from integrations.slack.sandbox.content import refuse_blocks, refuse_text_of_update
from integrations.slack.sandbox.view_rules import check_view
from integrations.slack.story import Entry, story
from integrations.slack.text import Json
from integrations.slack.threads import MOST_APART, Part, digest_message, parts
from lifecycle.state import Notice, SignoffStatus
from lifecycle.view import SignoffView
from lifecycle.view_parts import WithdrawnView
from tests.integrations.slack.examples import (
    NAMES,
    NOON,
    WORST,
    approval,
    condition,
    dissent,
    largest,
    notice,
    question,
    signoff,
    version,
)

HOUR = timedelta(hours=1)


def told(view: SignoffView, *notices: Notice) -> tuple[Entry, ...]:
    return story(view, notices, NAMES)


def sentences(view: SignoffView, *notices: Notice) -> list[str]:
    return [each.sentence for each in told(view, *notices)]


def posted(view: SignoffView, *known: str, notices: tuple[Notice, ...] = ()) -> list[Part]:
    return list(parts(view, told(view, *notices), known))


def words(found: Part) -> str:
    return str(found.message.blocks)


def buttons(found: Part) -> list[Json]:
    actions = (block for block in found.message.blocks if block["type"] == "actions")
    return [element for block in actions for element in block["elements"]]


def approvals(count: int) -> SignoffView:
    people = [
        approval(f"p{number}", name=f"P{number}", at=NOON + number * HOUR)
        for number in range(count)
    ]
    return signoff(decisions=tuple(people), needed=count + 1)


def test_everything_is_told_in_the_order_in_which_it_happened() -> None:
    taken = WithdrawnView(person="ana", name="Ana Ruiz", at=NOON + 5 * HOUR, reason="Too soon.")
    asked = question(
        at=NOON + 2 * HOUR,
        answer="May and June.",
        answered_by="eve",
        answered_by_name="Eve Lind",
        answered_at=NOON + 4 * HOUR,
    )
    view = signoff(
        status=SignoffStatus.VOID,
        why="The bytes of model changed.",
        decided_at=NOON + 9 * HOUR,
        decisions=(approval("cho", at=NOON + 6 * HOUR, on_behalf_of="ben"),),
        dissents=(dissent(at=NOON + HOUR),),
        withdrawn=(taken,),
        questions=(asked,),
    )
    reminder = notice("reminder", "ana", "ben", at=NOON + 3 * HOUR)
    manager = notice("told", "dee", at=NOON + 8 * HOUR, id="8")
    assert sentences(view, manager, reminder) == [
        "Ben Ode objects as validator; that alone doesn't send it back.",
        "Ana Ruiz asks the producers:",
        "Reminded: Ana Ruiz, Ben Ode.",
        "Eve Lind answers the question of Ana Ruiz:",
        "Ana Ruiz took their approval back.",
        "Cho Min on behalf of Ben Ode approved as validator.",
        "Told that nobody answered: Dee Park.",
        "The round is over: The bytes of model changed.",
    ]


def test_a_decision_says_in_which_right_and_why_and_on_what_condition() -> None:
    decision = approval(
        "ana", right="escalation", comment="Checked\ntwice.", conditions=(condition(),)
    )
    [found] = posted(signoff(decisions=(decision,)))
    assert "The right to sign comes from the escalation." in words(found)
    assert "Checked\\ntwice." in words(found)
    assert "Repeat the fairness test, by <!date" in words(found)


def test_approvals_of_before_are_told_as_such() -> None:
    kept = approval("ana", round=1)
    carried = approval("ben", round=2, carried_from="fraud-scorer:13:validate:1:validator")
    assert sentences(signoff(round=2, decisions=(kept, carried))) == [
        "Ana Ruiz approved as validator in round 1; the approval stands.",
        "Ben Ode approved an earlier version as validator; the approval stands here.",
    ]


@pytest.mark.parametrize(
    "fields", [{"round": 2}, {"stage": "release"}, {"roles": ("security",)}, {"kind": "late"}]
)
def test_what_others_are_told_is_not_told_here(fields: dict[str, Any]) -> None:
    kind = fields.pop("kind", "reminder")
    assert sentences(signoff(), notice(kind, "ana", **fields)) == []


def test_questions_of_an_earlier_round_are_not_told_again() -> None:
    assert sentences(signoff(round=2, questions=(question(),))) == []


def test_an_open_question_is_answered_there_until_it_is_answered() -> None:
    open_ = posted(signoff(questions=(question(),)))
    [button] = buttons(open_[0])
    assert button["value"] == f"{signoff().id}|5"
    assert not open_[0].is_once
    answered = question(answer="May.", answered_by="eve", answered_at=NOON + HOUR)
    asked, answer = posted(signoff(questions=(answered,)), "question:5")
    assert (asked.name, buttons(asked)) == ("question:5", [])
    assert (answer.name, answer.is_once) == ("answer:5", True)


def test_a_few_parts_are_posted_one_by_one() -> None:
    assert [each.name[:10] for each in posted(approvals(MOST_APART))] == [
        f"approve:p{number}" for number in range(MOST_APART)
    ]


def test_a_long_story_that_comes_late_is_said_together_and_never_twice() -> None:
    view = approvals(9)
    names = [each.name for each in told(view)]
    first = posted(view)
    assert [each.name for each in first] == [names[6], names[7], names[8]]
    assert all(f"P{number} approved" in words(first[0]) for number in range(7))
    # The same again after a crash behind the first of them, and behind all of them.
    for known in (names[6:7], names[6:]):
        again = posted(view, *known)
        assert [each.message for each in again] == [each.message for each in first]


def test_a_question_is_never_said_together_with_others() -> None:
    view = approvals(9).model_copy(update={"questions": (question(at=NOON + 5 * HOUR),)})
    found = posted(view)
    names = [each.name.split(":")[0] for each in found]
    assert names == ["approve"] * 3 + ["question"] + ["approve"] * 3
    assert len(buttons(found[3])) == 1
    again = posted(view, *(each.name for each in found))
    assert [each.message for each in again] == [each.message for each in found]


def test_what_no_longer_fits_is_counted() -> None:
    found = digest_message(told(approvals(500)))
    assert "earlier" in found.blocks[0]["text"]["text"].splitlines()[0]
    assert "P499 approved" in found.blocks[0]["text"]["text"].splitlines()[-1]
    accept(found.text, list(found.blocks))


def test_text_from_outside_neither_pings_nor_formats() -> None:
    hostile = "<!channel> *now* <@U1> \u202e\u200b"
    asked = question(name=hostile, text=hostile)
    [found] = posted(signoff(questions=(asked,)))
    for block in found.message.blocks[:1]:
        assert "<" not in block["text"]["text"]
        assert "*" not in block["text"]["text"]
    [written] = found.message.blocks[1]["elements"][0]["elements"]
    assert written == {"type": "text", "text": "<!channel> *now* <@U1>"}


@pytest.mark.parametrize("status", list(SignoffStatus))
def test_the_largest_story_is_one_that_slack_takes(status: SignoffStatus) -> None:
    why = (WORST * 99)[:1000]
    view = largest().model_copy(update={"status": status, "why": why, "decided_at": NOON})
    crowd = view.can_decide
    part = {"stage": view.stage, "round": view.round, "roles": (), "text": (WORST * 300)[:2000]}
    notices = tuple(
        notice(kind, *crowd, **part, id=kind)
        for kind in ("reminder", "told", "asked", "channel", "delegated")
    )
    names = dict.fromkeys(crowd, "&" * 200)
    entries = story(view, notices, names)
    assert len(entries) > 150
    for each in (*parts(view, entries, ()), *parts(view, entries, {e.name for e in entries})):
        accept(each.message.text, list(each.message.blocks))


@pytest.mark.parametrize("answered_at", [None, NOON])
def test_the_largest_question_is_one_that_slack_takes_directly_too(answered_at: Any) -> None:
    view = largest()
    asked = question(
        role=view.role,
        name="&" * 200,
        text="&" * 1000,
        round=view.round,
        answer="&" * 1000,
        answered_by="&" * 200,
        answered_at=answered_at,
    )
    told_of = notice("question", "eve", stage=view.stage, round=view.round, question="5")
    seen = version(view).model_copy(update={"model": view.model, "version": view.version})
    message = question_message(told_of, seen, asked)
    assert [block["type"] for block in message.blocks].count("actions") == (not answered_at)
    accept(message.text, list(message.blocks))


def test_the_window_of_an_answer_is_one_that_slack_takes() -> None:
    where = ReplyTo(team="T" * 20, channel="C" * 20, user="U" * 20, thread_ts="1" * 20)
    ref = QuestionRef(signoff=largest().id, question="9" * 10)
    check_view(answer(ref, "&" * 1000, where), "modal")
    assert QuestionRef.parse(ref.value()) == ref


def accept(text: str, blocks: list[Json]) -> None:
    refuse_blocks(blocks)
    refuse_text_of_update(text)
