"""A held stage stays held until who answers for it releases it, whatever else is asked anew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Release, WithdrawRequest
from lifecycle.explain import stage_explanation
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.signoff_facts import StageHeld
from tests.lifecycle.definitions import OTHER, classic, digest, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
TWO = {"role": "validator", "quorum": 2}
HOLDS = {"due": "1 days", "escalate": "standard"}
CHAIN = {"standard": [{"after": "100%", "hold": True}]}
NOT_IN_TIME = (
    "The sign-off as validator did not come in time. The stage is held until it is released."
)
MAY = "Ben Ruiz and Cho Ruiz may release it."


def by_escalation(edition: int = 2) -> World:
    """Give a version whose stage is held because nobody answered."""
    world = World(one_stage(TWO, stage=HOLDS, escalations=CHAIN), edition=edition)
    world.approve("review", "validator", "ben")
    world.tick_until(START + 2 * DAY)
    return world


def by_reopenings(edition: int = 2) -> World:
    """Give a version whose stage is held because its bytes changed too often."""
    world = World(one_stage(TWO, reopenings={"at_most": 1}), edition=edition)
    for number in range(2):
        world.approve("review", "validator", "ben")
        world.change(digest(f"{number}"))
    return world


def withdraw(world: World) -> list[AnyFact]:
    world.sent += 1
    return world.do(
        WithdrawRequest(id=f"withdraw-{world.sent}", by="key:lead", scopes=("manager",))
    )


def release(world: World, person: str, stage: str = "review") -> Release:
    world.sent += 1
    return Release(id=f"release-{world.sent}", stage=stage, person=person, by=person)


MEANWHILE: dict[str, Callable[[World], Any]] = {
    "nothing": lambda _: None,
    "a week": lambda world: world.wait(7 * DAY),
    "other bytes": lambda world: world.change(OTHER),
    "others answer for it": lambda world: world.people(roster(number=2)),
    "twice": lambda world: [world.request(), withdraw(world)],
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("held", [by_escalation, by_reopenings])
def test_a_new_request_asks_nobody_at_a_stage_that_was_held(
    held: Callable[[], World], meanwhile: str
) -> None:
    world = held()
    why = world.stage("review").why
    withdraw(world)
    MEANWHILE[meanwhile](world)
    facts = world.request()
    assert kinds(facts) == ["ReviewRequested", "StageOpened", "StageHeld"]
    [again] = [fact for fact in facts if isinstance(fact, StageHeld)]
    assert (again.why, again.told) == (why, ("ben", "cho", "hal"))
    assert (world.status("review"), next_deadline(world.state)) == ("held", None)
    assert world.explained() == f"review: {why} {MAY}"
    assert world.waited_for() == [("accountable", "ben"), ("accountable", "cho")]
    assert world.refused(release(world, "dee")).code == "may-not-release"
    assert kinds(world.do(release(world, "cho"))) == ["StageReleased", "OwnersAsked"]
    withdraw(world)
    assert kinds(world.request()) == ["ReviewRequested", "StageOpened", "OwnersAsked"]


@pytest.mark.parametrize("held", [by_escalation, by_reopenings])
def test_the_first_edition_asks_again_at_a_new_request(held: Callable[[int], World]) -> None:
    world = held(1)
    assert world.status("review") == "held"
    world.now += DAY
    withdraw(world)
    assert world.refused(release(world, "cho")).code == "not-held"
    assert kinds(world.request()) == ["ReviewRequested", "StageOpened", "OwnersAsked"]


def test_who_answers_for_it_releases_it_while_the_request_is_withdrawn_too() -> None:
    world = by_escalation()
    withdraw(world)
    [shown] = view(world.state).stages
    assert (shown.status, world.waited_for()) == ("waiting", [])
    assert shown.explanation.summary == f"Not started. {NOT_IN_TIME} {MAY}"
    assert world.refused(release(world, "dee")).code == "may-not-release"
    assert kinds(world.do(release(world, "cho"))) == ["StageReleased"]
    assert (world.status("review"), world.state.status) == ("waiting", "withdrawn")
    assert kinds(world.request()) == ["ReviewRequested", "StageOpened", "OwnersAsked"]
    assert [vote.person for vote in world.signoff("review", "validator").votes] == ["ben"]


def test_a_held_stage_whose_needs_fall_is_held_again_once_they_stand() -> None:
    world = World(classic(escalations=CHAIN))
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    world.tick_until(START + 9 * DAY)
    assert world.status("validate") == "held"
    world.attach("datasheet", digest=OTHER)
    assert world.status("validate") == "waiting"
    summary = stage_explanation(world.state, world.stage("validate")).summary
    assert summary == f"Starts when data stands approved. {NOT_IN_TIME} {MAY}"
    world.approve("data", "data_steward", "ana")
    assert world.status("validate") == "held"
    world.attach("vuln_scan")  # the one before is too old by now
    world.do(release(world, "ben", "validate"))
    assert world.status("validate") == "asking"


def test_nobody_who_answers_for_it_leaves_a_manager_to_release_it() -> None:
    world = by_escalation()
    world.people(roster(number=2, given_by={"validator": {"ben": "ben", "cho": "cho"}}))
    assert world.explained().endswith("A manager or an administrator may release it.")
