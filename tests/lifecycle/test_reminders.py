"""Reminders: in the reader's own hours, later where they asked for it, never past the deadline."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lifecycle.commands import Acknowledge, Prepare, Snooze
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.signoff_facts import Acknowledged, Snoozed
from lifecycle.stage_facts import OwnersReminded
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION, one_stage, roster
from tests.lifecycle.working_hours import hours, people
from tests.lifecycle.world import START, World, kinds

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAYTIME, NIGHT = hours("08:00-16:00"), hours("18:00-23:00")


def reminding(
    *steps: dict[str, Any], signoffs: tuple[dict[str, Any], ...] = (), due: str = "4 days",
    **options: Any,
) -> World:  # fmt: skip
    chain = steps or ({"after": "36 hours", "remind": "owners"},)
    stage = {"due": due, "escalate": "standard"}
    return World(one_stage(*signoffs, stage=stage, escalations={"standard": chain}), **options)


def at(facts: list[AnyFact]) -> list[tuple[datetime, tuple[str, ...]]]:
    return [(f.at, f.people) for f in facts if isinstance(f, OwnersReminded) and f.people]


def request(role: str = "validator") -> str:
    return signoff_id(MODEL, VERSION, "review", 1, role)


def on_it(person: str, role: str = "validator") -> Acknowledge:
    return Acknowledge(id=f"on-it-{person}", by=person, person=person, signoff=request(role))


def later(person: str, until: datetime, role: str = "validator") -> Snooze:
    return Snooze(
        id=f"snooze-{person}-{until}", by=person, person=person, signoff=request(role), until=until
    )


def test_who_is_at_work_is_reminded_now_and_the_others_when_they_begin() -> None:
    world = reminding(people=people(ben=DAYTIME, cho=NIGHT))
    facts = world.tick_until(START + 3 * DAY)
    tuesday = START + 36 * HOUR
    assert at(facts) == [(tuesday, ("cho",)), (START + 47 * HOUR, ("ben",))]
    assert facts[0].at == tuesday
    first = facts[0]
    assert isinstance(first, OwnersReminded)
    [shifted] = first.shifted
    assert (shifted.at, shifted.people) == (START + 47 * HOUR, ("ben",))


def test_the_next_working_day_comes_after_the_weekend() -> None:
    world = reminding({"after": "107 hours", "remind": "owners"}, due="20 days",
                      people=people(ben=DAYTIME, cho=DAYTIME))  # fmt: skip
    monday = START + 7 * DAY - HOUR
    assert at(world.tick_until(START + 9 * DAY)) == [(monday, ("ben", "cho"))]


@pytest.mark.parametrize(("due", "when"), [("46 hours", 36), ("47 hours", 47), ("48 hours", 47)])
def test_a_reminder_that_would_come_past_the_deadline_goes_out_at_once(due: str, when: int) -> None:
    world = reminding(due=due, people=people(ben=DAYTIME, cho=DAYTIME))
    assert at(world.tick_until(START + 9 * DAY)) == [(START + when * HOUR, ("ben", "cho"))]


def test_without_own_hours_those_of_the_lifecycle_count_and_without_any_every_hour_does() -> None:
    world = reminding()
    assert at(world.tick_until(START + 3 * DAY)) == [(START + 36 * HOUR, ("ben", "cho"))]
    world = reminding()
    world.do(Prepare(working=DAYTIME))
    assert at(world.tick_until(START + 3 * DAY)) == [(START + 47 * HOUR, ("ben", "cho"))]


def test_versions_of_the_first_edition_are_reminded_at_any_hour() -> None:
    world = reminding()
    world.do(Prepare(working=DAYTIME))
    world.state = world.state.model_copy(update={"edition": 1})
    assert at(world.tick_until(START + 3 * DAY)) == [(START + 36 * HOUR, ("ben", "cho"))]


def test_past_what_a_calendar_knows_every_hour_counts() -> None:
    old = hours("08:00-16:00", now=START - timedelta(days=800))
    world = reminding(people=people(ben=old, cho=old))
    assert at(world.tick_until(START + 3 * DAY)) == [(START + 36 * HOUR, ("ben", "cho"))]


def test_who_answered_meanwhile_is_not_reminded_at_their_next_hour() -> None:
    world = reminding(signoffs=({"role": "validator", "quorum": 2},),
                      people=people(ben=DAYTIME, cho=DAYTIME))  # fmt: skip
    world.tick_until(START + 40 * HOUR)
    world.approve("review", "validator", "ben")
    assert at(world.tick_until(START + 3 * DAY)) == [(START + 47 * HOUR, ("cho",))]


def test_a_reminder_whose_tick_is_late_shifts_from_then_on() -> None:
    world = reminding(due="20 days", people=people(ben=DAYTIME, cho=DAYTIME))
    assert at(world.wait(4 * DAY + 10 * HOUR)) == []  # Friday evening
    monday = START + 7 * DAY - HOUR
    assert next_deadline(world.state) == monday
    assert at(world.tick_until(START + 9 * DAY)) == [(monday, ("ben", "cho"))]


def test_who_is_on_it_is_reminded_no_more_and_the_escalation_says_so() -> None:
    world = reminding({"after": "36 hours", "remind": "owners"}, {"after": "100%", "tell": "ciso"})
    due = world.stage("review").due
    [fact] = world.do(on_it("ben"))
    assert isinstance(fact, Acknowledged)
    assert world.stage("review").due == due
    assert kinds(world.do(on_it("ben").model_copy(update={"id": "again"}))) == ["NothingChanged"]
    facts = world.tick_until(START + 9 * DAY)
    assert at(facts) == [(START + 36 * HOUR, ("cho",))]
    assert world.state.notices[-1].text.endswith(
        "Ben Ruiz and Cho Ruiz did not answer yet. Ben Ruiz is on it. You are told; nothing is "
        "asked of you."
    )
    [signoff] = view(world.state).stages[0].signoffs
    assert {a.person: a.has_acknowledged for a in signoff.asked} == {"ben": True, "cho": False}


def test_when_everybody_is_on_it_nobody_is_reminded_and_the_next_step_is_told() -> None:
    world = reminding({"after": "36 hours", "remind": "owners"}, {"after": "100%", "tell": "ciso"})
    world.do(on_it("ben"))
    world.do(on_it("cho"))
    upcoming = explain(world.state).upcoming
    assert upcoming is not None
    assert upcoming.what == "Fay Ruiz (ciso) is told that nobody answered."
    assert at(world.tick_until(START + 9 * DAY)) == []


def test_being_on_it_ends_with_the_round() -> None:
    world = reminding()
    world.do(on_it("ben"))
    world.decline("review", "validator", "cho")
    world.request()
    assert world.signoff("review", "validator").acknowledged == ()


def test_who_snoozes_is_reminded_at_that_instant_and_not_before() -> None:
    steps = [{"after": f"{n} hours", "remind": "owners"} for n in (1, 2, 50)]
    world = reminding(*steps)
    until = START + 15 * HOUR  # at night; they chose it
    world.do(Prepare(working=DAYTIME))
    [fact] = world.do(later("ben", until))
    assert isinstance(fact, Snoozed)
    [signoff] = view(world.state).stages[0].signoffs
    assert {a.person: a.snoozed_until for a in signoff.asked} == {"ben": until, "cho": None}
    assert at(world.tick_until(START + 9 * DAY)) == [
        (START + HOUR, ("cho",)), (START + 2 * HOUR, ("cho",)), (until, ("ben",)),
        (START + 50 * HOUR, ("ben", "cho")),
    ]  # fmt: skip


def test_a_second_snooze_takes_the_place_of_the_first_and_being_on_it_of_both() -> None:
    world = reminding({"after": "90 hours", "remind": "owners"})
    world.do(later("ben", START + 10 * HOUR))
    world.do(later("ben", START + 20 * HOUR))
    assert [s.at for s in world.stage("review").steps if s.people] == [START + 20 * HOUR]
    world.do(on_it("ben"))
    assert [s.at for s in world.stage("review").steps if s.people] == []
    world.do(later("ben", START + 30 * HOUR))
    assert world.signoff("review", "validator").acknowledged == ()
    assert at(world.tick_until(START + 31 * HOUR)) == [(START + 30 * HOUR, ("ben",))]


@pytest.mark.parametrize(
    ("hours_ahead", "waited", "code", "says"),
    [
        (97, 0, "past-deadline", "The deadline is 2026-03-06 09:00 UTC; choose an instant before"),
        (96, 0, "", ""),
        (0, 0, "in-the-past", "That instant is past"),
        (-1, 0, "in-the-past", "That instant is past"),
        (200, 100, "past-deadline", "The deadline was 2026-03-06 09:00 UTC; it can't be put off"),
    ],
)
def test_a_snooze_ends_between_now_and_the_deadline(
    hours_ahead: int, waited: int, code: str, says: str
) -> None:
    world = reminding()
    world.now += waited * HOUR
    command = later("ben", START + hours_ahead * HOUR)
    if not code:
        assert kinds(world.do(command)) == ["Snoozed"]
        return
    refusal = world.refused(command)
    assert refusal.code == code
    assert says in refusal.reason


@pytest.mark.parametrize("command", [on_it("dee"), later("dee", START + HOUR)])
def test_only_who_can_decide_may_pause_reminders(command: Acknowledge | Snooze) -> None:
    world = reminding()
    refusal = world.refused(command)
    assert refusal.code == "not-an-owner"
    assert refusal.reason == "Dee Ruiz can't decide as validator now; Ben Ruiz and Cho Ruiz can."


def test_who_answered_or_whose_request_is_over_has_nothing_to_pause() -> None:
    world = reminding(signoffs=({"role": "validator", "quorum": 2},))
    world.approve("review", "validator", "ben")
    assert world.refused(on_it("ben")).code == "not-an-owner"
    world.approve("review", "validator", "cho")
    assert world.refused(on_it("cho")).code == "decided"


def test_one_person_in_two_roles_gets_one_reminder_and_only_for_what_they_are_not_on() -> None:
    owners = {"validator": ("ben",), "security": ("ben", "dee"), "ciso": ("fay",)}
    rules = ({"role": "validator"}, {"role": "security"})
    world = reminding(signoffs=rules, people=roster(owners))
    world.do(on_it("ben", "validator"))
    facts = world.tick_until(START + 3 * DAY)
    assert at(facts) == [(START + 36 * HOUR, ("ben", "dee"))]
    world.do(on_it("ben", "security").model_copy(update={"id": "both"}))
    [notice] = world.state.notices
    assert notice.people == ("ben", "dee")


def test_the_explanation_says_when_a_reminder_is_read() -> None:
    world = reminding(people=people(ben=DAYTIME, cho=DAYTIME))
    upcoming = explain(world.state).upcoming
    assert upcoming is not None
    assert (upcoming.at, upcoming.what) == (
        START + 47 * HOUR, "Ben Ruiz and Cho Ruiz are reminded."
    )  # fmt: skip
