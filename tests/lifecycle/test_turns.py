"""Stages that take one version of a model at a time, as one version sees them."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Retire, Supersede, TakeTurn, WithdrawRequest
from lifecycle.errands import AnyErrand, LaneErrand, errands_of
from lifecycle.evolve import evolve
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.lint import lint
from lifecycle.projecting import view
from lifecycle.state import VersionState, blank
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, one_stage
from tests.lifecycle.world import World, kinds

ONE = {"one_at_a_time": True, "due": "3 days"}


def queued(**changes: Any) -> World:
    return World(one_stage(stage={**ONE, **changes}))


def turn(world: World, *behind: str, ticket: int = 0) -> list[AnyFact]:
    return world.do(TakeTurn(by="system", stage="review", behind=behind, ticket=ticket))


def errands(facts: list[AnyFact]) -> list[AnyErrand]:
    state: VersionState = blank(MODEL, VERSION)
    found: list[AnyErrand] = []
    for fact in facts:
        before, state = state, evolve(state, fact)
        found += errands_of(before, state, fact)
    return found


def lane_words(world: World) -> list[str]:
    return [one.what for one in errands(world.facts) if isinstance(one, LaneErrand)]


def test_a_stage_that_takes_one_version_opens_only_in_its_turn() -> None:
    world = queued()
    assert kinds(world.facts)[-1] == "TurnAwaited"
    assert world.status("review") == "waiting"
    assert kinds(world.wait(timedelta(days=90))) == []
    assert kinds(turn(world)) == ["TurnTaken", "StageOpened", "OwnersAsked"]
    assert lane_words(world) == ["join"]
    world.approve("review", "validator", "ben")
    assert lane_words(world) == ["join", "leave"]


def test_a_quiet_that_ends_before_the_turn_comes_is_no_deadline() -> None:
    pace = {"at_most": 3, "quiet": "5 minutes"}
    world = World(one_stage(stage={**ONE, "due": None}, reopenings=pace))
    turn(world)
    world.approve("review", "validator", "ben")
    assert "TurnAwaited" in kinds(world.change(OTHER))
    assert next_deadline(world.state) is None
    assert kinds(turn(world)) == ["TurnTaken"]
    assert next_deadline(world.state) == world.now + timedelta(minutes=5)


def test_who_is_ahead_is_said_in_order() -> None:
    world = queued()
    assert "one version at a time" in explain(world.state).summary
    turn(world, "12", "13")
    assert explain(world.state).summary == "review: Version 12 is in this stage; 13, then 14."
    assert world.waited_for() == [("version", "12")]
    assert kinds(turn(world, "13")) == ["TurnAwaited"]
    assert explain(world.state).summary == "review: Version 13 is in this stage; 14 is next."
    assert view(world.state).stages[0].behind == ("13",)
    turn(world)
    assert view(world.state).stages[0].behind == ()


def test_what_the_queue_says_again_or_too_late_changes_nothing() -> None:
    world = queued()
    ticket = world.stage("review").ticket
    turn(world, "13")
    assert turn(world, "13") == []
    assert turn(world, ticket=ticket + 1) == []
    assert kinds(turn(world, ticket=ticket))[0] == "TurnTaken"
    assert turn(world) == []
    assert turn(world, "13") == []
    world.approve("review", "validator", "ben")
    assert turn(world) == []
    assert world.do(TakeTurn(stage="unknown")) == []


@pytest.mark.parametrize("has_turn", [False, True])
@pytest.mark.parametrize("how", ["withdrawn", "superseded", "retired"])
def test_a_version_that_nobody_reviews_gives_its_place_back(how: str, has_turn: bool) -> None:
    world = queued()
    if has_turn:
        turn(world)
    match how:
        case "withdrawn":
            world.do(WithdrawRequest(id="w", by="key:ci"))
        case "superseded":
            world.do(Supersede(id="s", by_version="15"))
        case _:
            world.do(Retire(id="r"))
    assert lane_words(world) == ["join", "leave"]
    assert not world.stage("review").has_turn


def test_a_resumed_request_queues_anew_with_another_ticket() -> None:
    world = queued()
    turn(world)
    world.do(WithdrawRequest(id="w", by="key:ci"))
    world.request()
    assert lane_words(world) == ["join", "leave", "join"]
    first, left, again = (e for e in errands(world.facts) if isinstance(e, LaneErrand))
    assert first.ticket == left.ticket < again.ticket == world.stage("review").ticket
    assert len({e.id for e in (first, left, again)}) == 3


def test_a_version_that_is_sent_back_or_changed_keeps_its_turn() -> None:
    world = queued()
    turn(world)
    world.decline("review", "validator", "ben")
    assert world.status("review") == "sent_back"
    world.change(OTHER)
    assert world.status("review") == "asking"
    world.approve("review", "validator", "ben")
    assert lane_words(world) == ["join", "leave"]


def test_an_approved_stage_that_must_be_asked_again_queues_again() -> None:
    world = queued()
    turn(world)
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert world.status("review") == "collecting"
    assert "one version at a time" in explain(world.state).summary
    turn(world)
    assert world.status("review") == "asking"


def test_a_renewal_does_not_queue() -> None:
    world = World(one_stage(stage=ONE, trust={"valid_for": "180 days", "renew_before": "30 days"}))
    turn(world)
    world.approve("review", "validator", "ben")
    world.deploy()
    world.tick_until(world.now + timedelta(days=151))
    assert world.status("review") == "asking"
    assert lane_words(world) == ["join", "leave"]


def test_a_stage_decided_by_rules_alone_takes_its_turn_too() -> None:
    world = World(one_stage(stage={**ONE, "signoffs": [], "due": None}))
    assert world.status("review") == "waiting"
    assert "StageApproved" in kinds(turn(world))


@pytest.mark.parametrize("supersede", [True, False])
def test_a_queue_that_nobody_is_ever_in_is_found(supersede: bool) -> None:
    found = lint(one_stage(stage=ONE, supersede=supersede))
    paths = [one.path for one in found if "queues" in one.message]
    assert paths == ([("stages", 0, "one_at_a_time")] if supersede else [])
