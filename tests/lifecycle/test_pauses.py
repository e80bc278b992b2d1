"""Questions to the producers: the clock stands until they answer, and loses nothing by it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lifecycle.asked import Refused
from lifecycle.commands import AnswerQuestion, AskQuestion, Prepare, Snooze
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.pausing import MOST_QUESTIONS
from lifecycle.projecting import view
from lifecycle.signoff_facts import QuestionAnswered, QuestionAsked
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION, one_stage
from tests.lifecycle.working_hours import hours
from tests.lifecycle.world import START, World, kinds

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CHAIN = [
    {"after": "50%", "remind": "owners"},
    {"after": "100%", "tell": "manager"},
    {"after": "200%", "expire": True},
]


def waiting(*signoffs: dict[str, Any], due: str = "10 hours", **options: Any) -> World:
    stage = {"due": due, "escalate": "standard"}
    options.setdefault("producers", ("git:gus",))
    return World(one_stage(*signoffs, stage=stage, escalations={"standard": CHAIN}), **options)


def in_business_time(due: str = "2 business days") -> World:
    stage = {"due": due, "escalate": "standard"}
    calendar = {"zone": "UTC", "hours": "08:00-16:00"}
    rules = one_stage(stage=stage, escalations={"standard": CHAIN}, calendar=calendar)
    world = World(rules, producers=("git:gus",), is_requested=False)
    world.do(Prepare(working=hours("08:00-16:00")))
    world.request()
    return world


def ask(
    world: World, person: str = "ben", text: str = "Which data?", role: str = "validator"
) -> list[AnyFact]:
    signoff = signoff_id(MODEL, VERSION, "review", world.stage("review").round, role)
    return world.do(
        AskQuestion(id=world._id(), by=person, person=person, signoff=signoff, text=text)
    )


def answer(world: World, person: str = "gus", question: str = "1", **given: Any) -> list[AnyFact]:
    fields = {"id": world._id(), "by": person, "person": person, **given}
    return world.do(AnswerQuestion(question=question, text="Those of May.", **fields))


def refused(world: World, *given: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        answer(world, *given, **named)
    return caught.value


def instants(world: World) -> list[datetime]:
    stage = world.stage("review")
    assert stage.due is not None
    return [stage.due, *(step.at for step in stage.steps)]


def test_while_a_question_is_open_no_step_fires_and_no_deadline_passes() -> None:
    world = waiting()
    world.now += 2 * HOUR
    [asked] = ask(world)
    assert isinstance(asked, QuestionAsked)
    assert (asked.question, world.stage("review").paused_since) == ("1", START + 2 * HOUR)
    assert next_deadline(world.state) is None
    assert world.wait(30 * DAY) == []
    [stage] = view(world.state).stages
    assert (stage.due, stage.paused_since) == (None, START + 2 * HOUR)
    assert (stage.signoffs[0].due, stage.signoffs[0].paused_since) == (None, START + 2 * HOUR)
    assert [q.text for q in stage.questions] == ["Which data?"]


def test_the_explanation_says_since_when_the_clock_stands_and_whom_it_waits_for() -> None:
    world = waiting()
    world.now += 2 * HOUR
    ask(world)
    found = explain(world.state)
    said = "The clock stands since 2026-03-02 11:00 UTC while Gus Ruiz is asked: Which data?"
    assert found.summary == f"review: {said} validator: 1 more of Ben Ruiz and Cho Ruiz must sign."
    assert next((w.kind, w.who, w.why) for w in found.waiting) == ("producer", "gus", said)
    assert found.upcoming is None
    notice = world.state.notices[-1]
    assert (notice.kind, notice.people) == ("question", ("gus",))
    assert notice.text.endswith("Ben Ruiz asks: Which data? The clock stands until you answer.")


def test_after_the_answer_everything_comes_as_much_later_as_the_clock_stood() -> None:
    world = waiting()
    before = instants(world)
    world.now += 2 * HOUR
    ask(world)
    world.now += 3 * DAY
    [answered] = answer(world)
    assert isinstance(answered, QuestionAnswered)
    assert instants(world) == [instant + 3 * DAY for instant in before]
    assert world.stage("review").paused_since is None
    facts = world.tick_until(START + 30 * DAY)
    assert [f.at - 3 * DAY for f in facts] == before[1:]
    assert world.state.notices[0].kind == "question"
    assert (world.state.notices[1].kind, world.state.notices[1].people) == ("answered", ("ben",))


def test_business_deadlines_keep_the_working_time_that_was_left() -> None:
    world = in_business_time()
    assert world.stage("review").due == START + 2 * DAY  # Wednesday 09:00
    world.now = START + 6 * HOUR  # Monday 15:00; one hour of the day is left, and 9 of the due
    ask(world)
    world.now = START + 4 * DAY + 8 * HOUR  # Friday evening
    answer(world)
    monday = START + 7 * DAY - HOUR
    assert world.stage("review").due == monday + DAY + 2 * HOUR
    reminder, told, expired = world.stage("review").steps
    assert (reminder.at, told.at) == (monday + 2 * HOUR, monday + DAY + 2 * HOUR)
    assert expired.at == monday + 3 * DAY + 2 * HOUR


def test_what_was_past_at_the_pause_stays_past_and_fires_when_the_clock_goes_on() -> None:
    world = waiting()
    world.now += 11 * HOUR  # the reminder and the notice to the manager are late
    due = world.stage("review").due
    ask(world)
    assert world.wait(DAY) == []
    answer(world)
    assert world.stage("review").due == due
    assert kinds(world.wait(timedelta())) == ["OwnersReminded", "EscalationTold"]
    assert next_deadline(world.state) == START + 20 * HOUR + DAY


def test_the_clock_goes_on_only_after_the_last_answer_and_stood_since_the_first_question() -> None:
    world = waiting()
    before = instants(world)
    ask(world)
    world.now += DAY
    ask(world, "cho", "And the labels?")
    world.now += DAY
    first = answer(world, question="2")[0]
    assert isinstance(first, QuestionAnswered)
    assert (first.due, first.steps) == (None, ())
    assert world.stage("review").paused_since == START
    world.now += DAY
    answer(world, question="1")
    assert instants(world) == [instant + 3 * DAY for instant in before]


def test_a_later_question_lets_the_clock_stand_again() -> None:
    world = waiting()
    before = instants(world)
    for number in ("1", "2", "3"):
        world.now += HOUR
        ask(world)
        world.now += DAY
        answer(world, question=number)
    assert instants(world) == [instant + 3 * DAY for instant in before]


def test_a_decision_is_taken_while_the_clock_stands_and_then_none_is_needed() -> None:
    world = waiting()
    ask(world)
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))
    assert world.stage("review").paused_since is None
    assert next_deadline(world.state) is None
    assert kinds(answer(world)) == ["QuestionAnswered"]
    assert world.status("review") == "approved"
    assert world.stage("review").steps == ()
    [question] = world.stage("review").questions
    assert (question.answer, question.answered_by) == ("Those of May.", "gus")


def test_an_answer_to_a_round_that_is_over_moves_nothing_in_the_next() -> None:
    world = waiting()
    ask(world)
    world.decline("review", "validator", "cho")
    world.request()
    before = instants(world)
    world.now += HOUR
    assert kinds(answer(world)) == ["QuestionAnswered"]
    assert instants(world) == before
    assert world.stage("review").paused_since is None


@pytest.mark.parametrize(
    ("person", "may"),
    [("gus", True), ("eve", True), ("ben", True), ("cho", True), ("fay", False), ("hal", False)],
)
def test_producers_requesters_the_accountable_and_the_asker_answer(person: str, may: bool) -> None:
    world = waiting(requester="eve")
    ask(world)
    if may:
        assert kinds(answer(world, person)) == ["QuestionAnswered"]
        return
    refusal = refused(world, person)
    assert refusal.code == "may-not-answer"
    assert refusal.reason == (
        "Gus Ruiz, Eve Ruiz, Ben Ruiz and Cho Ruiz may answer this; ask one of them."
    )


def test_the_pipeline_that_asked_for_review_answers_by_its_key_and_no_other_does() -> None:
    world = waiting()
    ask(world)
    assert refused(world, "", by="key:other").code == "may-not-answer"
    [answered] = answer(world, "", by="key:ci")
    assert isinstance(answered, QuestionAnswered)
    assert answered.by == "key:ci"


def test_when_machines_produced_it_who_answers_for_the_stage_is_asked() -> None:
    world = waiting(producers=("git:trainer",))
    ask(world, "ben")
    assert world.state.notices[-1].people == ("ben", "cho")
    world = waiting(producers=("git:trainer",), requester="eve")
    ask(world, "ben")
    assert world.state.notices[-1].people == ("eve",)


@pytest.mark.parametrize(("question", "code"), [("2", "unknown-question"), ("1", "answered")])
def test_an_answer_names_an_open_question(question: str, code: str) -> None:
    world = waiting()
    ask(world)
    answer(world)
    assert refused(world, question=question).code == code


def test_only_who_can_decide_asks_and_only_so_often() -> None:
    world = waiting()
    with pytest.raises(Refused, match="Dee Ruiz can't decide as validator now"):
        ask(world, "dee")
    for number in range(MOST_QUESTIONS):
        assert kinds(ask(world)) == ["QuestionAsked"]
        answer(world, question=str(number + 1))
    with pytest.raises(Refused, match="20 questions were asked") as caught:
        ask(world)
    assert caught.value.code == "too-many-questions"
    assert world.state.numbered == MOST_QUESTIONS


def test_a_snoozed_reminder_keeps_the_instant_that_was_chosen() -> None:
    world = waiting()
    until = START + 9 * HOUR
    signoff = signoff_id(MODEL, VERSION, "review", 1, "validator")
    world.do(Snooze(id="later", by="cho", person="cho", signoff=signoff, until=until))
    ask(world)
    world.now += 3 * HOUR
    answer(world)
    [own] = [step for step in world.stage("review").steps if step.people]
    assert own.at == until


def test_deadlines_of_single_requests_move_as_well() -> None:
    world = waiting({"role": "validator"}, {"role": "security"})
    stage = world.stage("review")
    own = stage.signoffs["security"].model_copy(update={"due": START + 5 * HOUR})
    changed = stage.model_copy(update={"signoffs": {**stage.signoffs, "security": own}})
    world.state = world.state.model_copy(update={"stages": {"review": changed}})
    ask(world)
    world.now += DAY
    answer(world)
    assert world.signoff("review", "security").due == START + 5 * HOUR + DAY
    assert world.signoff("review", "validator").due is None


def test_a_pause_of_months_counts_what_was_left_though_the_calendar_was_resolved_anew() -> None:
    world = in_business_time()
    world.now = START + 6 * HOUR
    ask(world)
    world.now = START + timedelta(days=250, hours=6)
    world.do(Prepare(working=hours("08:00-16:00", now=world.now)))
    assert world.state.working is not None
    assert world.state.working.since > START + 3 * DAY
    monday = START + timedelta(days=252, hours=-1)
    world.now = monday
    answer(world)
    assert world.stage("review").due == monday + DAY + 2 * HOUR
