"""What time alone does: reminders, escalation, late pipelines; it never approves."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.explain import explain
from lifecycle.instants import next_deadline
from lifecycle.stage_facts import (
    EscalationAsked,
    EscalationTold,
    OwnersReminded,
    PipelinesLate,
    SignedOff,
)
from tests.lifecycle.definitions import STANDARD, classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DUE = {"due": "10 hours", "escalate": "standard"}
HOUR = timedelta(hours=1)


def _silent(*signoffs: dict[str, Any], **options: Any) -> World:
    rules = one_stage(*signoffs, stage=DUE, escalations={"standard": STANDARD})
    return World(rules, **options)


def test_silence_reminds_then_tells_then_asks_and_never_approves() -> None:
    world = _silent()
    facts = world.tick_until(START + timedelta(days=900))
    reminded, told, asked = facts
    assert isinstance(reminded, OwnersReminded)
    assert (reminded.at, reminded.people) == (START + 5 * HOUR, ("ben", "cho"))
    assert isinstance(told, EscalationTold)
    assert (told.at, told.target, told.people) == (START + 10 * HOUR, "manager", ("hal",))
    assert isinstance(asked, EscalationAsked)
    assert (asked.at, asked.roles, asked.people) == (START + 15 * HOUR, ("validator",), ("fay",))
    assert world.status("review") == "asking"
    assert next_deadline(world.state) is None


def test_who_is_told_may_not_sign() -> None:
    world = _silent()
    world.tick_until(START + 10 * HOUR)
    assert world.refused(world.decision("review", "validator", "hal")).code == "not-an-owner"


def test_who_is_asked_may_sign_from_then_on_and_the_right_is_recorded() -> None:
    world = _silent()
    assert world.refused(world.decision("review", "validator", "fay")).code == "not-an-owner"
    world.tick_until(START + 15 * HOUR)
    (signed, *rest) = world.approve("review", "validator", "fay")
    assert isinstance(signed, SignedOff)
    assert (signed.right, "StageApproved" in kinds(rest)) == ("escalation", True)
    assert world.gate().approvals[0].right == "escalation"


def test_owners_may_still_sign_after_the_escalation() -> None:
    world = _silent()
    world.tick_until(START + 15 * HOUR)
    (signed, *_) = world.approve("review", "validator", "ben")
    assert isinstance(signed, SignedOff)
    assert signed.right == "owner"


def test_one_late_tick_takes_every_step_in_order() -> None:
    world = _silent()
    assert kinds(world.wait(timedelta(days=9))) == [
        "OwnersReminded", "EscalationTold", "EscalationAsked"
    ]  # fmt: skip
    assert kinds(world.wait(timedelta(days=9))) == []


def test_nothing_escalates_after_the_decision_however_late_the_tick() -> None:
    world = _silent()
    world.now += timedelta(days=9)
    world.approve("review", "validator", "ben")
    assert kinds(world.wait(timedelta(days=9))) == []
    assert next_deadline(world.state) is None


def test_nothing_escalates_once_it_is_sent_back() -> None:
    world = _silent()
    world.now += timedelta(days=9)
    world.decline("review", "validator", "ben")
    assert kinds(world.wait(timedelta(days=9))) == []


def test_only_those_who_have_not_answered_are_reminded() -> None:
    world = _silent({"role": "validator", "quorum": 2})
    world.approve("review", "validator", "ben")
    (reminded,) = world.tick_until(START + 5 * HOUR)
    assert isinstance(reminded, OwnersReminded)
    assert reminded.people == ("cho",)


def test_the_escalation_starts_anew_with_the_next_round() -> None:
    world = _silent()
    world.tick_until(START + 10 * HOUR)
    world.decline("review", "validator", "ben")
    world.request()
    assert world.stage("review").steps[0].at == world.now + 5 * HOUR


def test_a_producer_is_not_asked_in_the_escalation() -> None:
    world = _silent(producers=("git:fay",))
    *_, asked = world.tick_until(START + timedelta(days=2))
    assert isinstance(asked, EscalationAsked)
    assert asked.people == ()
    assert world.refused(world.decision("review", "validator", "fay")).code == "not-an-owner"


def test_an_escalated_vote_is_kept_with_its_right_when_the_round_starts_anew() -> None:
    rules = one_stage(
        {"role": "validator", "quorum": 2},
        stage={**DUE, "evidence": ["scan"]},
        evidence={"scan": {"max_age": "1 days"}},
        escalations={"standard": STANDARD},
    )
    world = World(rules)
    world.attach("scan", digest="sha256:" + "1" * 64)
    world.tick_until(START + 15 * HOUR)
    world.approve("review", "validator", "fay")
    world.tick_until(START + timedelta(days=2))
    world.attach("scan", digest="sha256:" + "1" * 64)
    assert (world.status("review"), world.stage("review").round) == ("asking", 2)
    assert [v.person for v in world.signoff("review", "validator").votes] == ["fay"]
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_an_escalated_vote_does_not_keep_the_stage_from_coming_to_rest() -> None:
    world = _silent(
        {"role": "validator", "quorum": 2}, {"role": "security"},
        people=roster({"validator": ("ben", "cho"), "security": ("dee",), "ciso": ("fay",)}),
    )  # fmt: skip
    world.tick_until(START + 15 * HOUR)
    world.approve("review", "validator", "fay")
    world.people(roster({"validator": (), "security": ("dee",), "ciso": ("fay",)}, number=2))
    assert world.status("review") == "unowned"
    world.people(roster({"validator": ("ben",), "security": ("dee",), "ciso": ("fay",)}, number=3))
    assert world.status("review") == "asking"
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_steps_may_have_times_of_their_own() -> None:
    steps = [{"after": "2 hours", "remind": "owners"}, {"after": "1 hours", "tell": "accountable"}]
    rules = one_stage(stage=DUE, escalations={"standard": steps})
    told, reminded = World(rules).tick_until(START + timedelta(days=1))
    assert (told.kind, told.at) == ("EscalationTold", START + HOUR)
    assert (reminded.kind, reminded.at) == ("OwnersReminded", START + 2 * HOUR)


def test_each_step_is_announced_once_with_the_people_it_names() -> None:
    world = _silent()
    world.tick_until(START + timedelta(days=2))
    notices = [(n.kind, n.people, n.roles) for n in world.state.notices]
    assert notices == [
        ("reminder", ("ben", "cho"), ("validator",)),
        ("told", ("hal",), ("validator",)),
        ("asked", ("fay",), ("validator",)),
    ]
    assert len({n.id for n in world.state.notices}) == 3


def test_the_explanation_says_what_comes_next_and_when() -> None:
    world = _silent()
    coming = []
    for _ in range(4):
        upcoming = explain(world.state).upcoming
        coming.append((upcoming.what, upcoming.at) if upcoming else None)
        world.tick_until(next_deadline(world.state) or world.now)
    assert coming == [
        ("Ben Ruiz and Cho Ruiz are reminded.", START + 5 * HOUR),
        ("Hal Ruiz (manager) is told that nobody answered.", START + 10 * HOUR),
        ("Fay Ruiz (ciso) is asked and may then sign.", START + 15 * HOUR),
        None,
    ]


def test_late_pipelines_are_called_out_once() -> None:
    world = World(classic())
    (late,) = world.tick_until(START + timedelta(days=30))
    assert isinstance(late, PipelinesLate)
    assert (late.at, late.missing, late.told) == (
        START + timedelta(days=2), ("datasheet",), ("ana", "trainer")
    )  # fmt: skip
    assert world.explained() == "data: Late: datasheet from training has not arrived."
    assert ("pipeline", "datasheet") in world.waited_for()
    assert world.state.notices[-1].text == "fraud-scorer 14, stage data: datasheet is late."


def test_pipelines_in_time_are_not_called_late() -> None:
    world = World(classic())
    world.attach("datasheet")
    world.approve("data", "data_steward", "ana")
    world.attach("evaluation")
    world.attach("vuln_scan")
    assert "PipelinesLate" not in kinds(world.tick_until(START + timedelta(days=6)))


def test_the_clock_of_owners_starts_when_they_are_asked() -> None:
    world = World(classic())
    world.now += timedelta(days=20)
    world.attach("datasheet")
    assert world.stage("data").due == world.now + timedelta(days=3)


@pytest.mark.parametrize("length", ["1 seconds", "90 minutes", "4 days"])
def test_a_stage_without_escalation_only_has_its_evidence_to_watch(length: str) -> None:
    world = World(one_stage(stage={"due": length}))
    assert world.stage("review").due is not None
    assert next_deadline(world.state) is None
