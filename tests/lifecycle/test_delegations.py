"""Requests that owners delegate: who signs then, for whom, until when."""

from typing import Any

import pytest

from lifecycle.commands import Delegate, Tick
from lifecycle.facts import AnyFact
from lifecycle.free_seats import awaited, can_decide
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.roster import Absence
from lifecycle.values import signoff_id
from tests.lifecycle.absences import (
    DAY,
    END_OF_LEAVE,
    TWO,
    VALIDATORS,
    away,
    validators_world,
    with_members,
)
from tests.lifecycle.definitions import MODEL, VERSION, member, one_stage, roster
from tests.lifecycle.world import START, World, kinds


def _delegates(world: World, person: str, to: str | None, **changes: Any) -> list[AnyFact]:
    return world.do(_delegation(world, person, to, **changes))


def _delegation(world: World, person: str, to: str | None, **changes: Any) -> Delegate:
    return Delegate(
        id=f"delegate-{len(world.facts)}-{person}-{to}",
        by=person,
        person=person,
        signoff=signoff_id(MODEL, VERSION, "review", world.stage("review").round, "validator"),
        to=to,
        **changes,
    )


def test_a_delegate_signs_on_behalf_of_the_owner() -> None:
    world = validators_world()
    assert kinds(_delegates(world, "ana", "gus", reason="On the road.")) == ["Delegated"]
    assert "Gus Ruiz may sign on behalf of Ana Ruiz, who delegated it." in world.explained()
    assert world.state.notices[-1].people == ("gus",)
    assert "Ana Ruiz asks you to sign as validator on their behalf." in world.state.notices[-1].text
    world.approve("review", "validator", "gus")
    approval = world.gate().approvals[0]
    assert (approval.person, approval.on_behalf_of, approval.right) == ("gus", "ana", "delegation")
    assert (
        "Approved by Gus Ruiz on behalf of Ana Ruiz."
        in view(world.state).stages[0].explanation.summary
    )


def test_who_delegated_is_reminded_no_more_and_their_delegate_is() -> None:
    world = validators_world()
    _delegates(world, "ana", "gus")
    stage = world.stage("review")
    assert awaited(world.state, stage, stage.signoffs["validator"]) == ("ben", "cho", "gus")
    assert can_decide(world.state, stage, stage.signoffs["validator"]) == (
        "ana",
        "ben",
        "cho",
        "gus",
    )


def test_an_owner_and_their_delegate_count_once() -> None:
    world = validators_world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.reason == (
        "Gus Ruiz already approved this as validator in your place; you count once together."
    )
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_delegate_of_who_signed_already_has_nothing_to_sign() -> None:
    world = validators_world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "ana")
    refused = world.refused(world.decision("review", "validator", "gus"))
    assert refused.reason == (
        "You stand in for Ana Ruiz, who already signed for validator; you count once together."
    )


def test_neither_owner_nor_delegate_fills_another_seat_of_the_stage() -> None:
    owners = {**VALIDATORS, "security": ("ana", "gus", "dee")}
    world = validators_world({"role": "validator"}, {"role": "security"}, people=roster(owners))
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    for person in ("ana", "gus"):
        assert world.refused(world.decision("review", "security", person)).code == "already-signed"
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_a_delegation_ends_at_its_instant_and_later_answers_are_refused() -> None:
    world = validators_world()
    _delegates(world, "ana", "gus", until=START + DAY)
    assert next_deadline(world.state) == START + DAY
    world.now = START + DAY
    refused = world.refused(world.decision("review", "validator", "gus"))
    assert (refused.code, refused.reason) == (
        "delegation-ended",
        "You no longer stand in for Ana Ruiz: It ran out at 2026-03-03 09:00 UTC. Ask them.",
    )
    assert kinds(world.do(Tick())) == ["DelegationEnded"]
    assert next_deadline(world.state) is None


def test_a_delegation_is_taken_back() -> None:
    world = validators_world()
    _delegates(world, "ana", "gus")
    assert kinds(_delegates(world, "ana", None)) == ["DelegationEnded"]
    assert world.refused(world.decision("review", "validator", "gus")).code == "delegation-ended"
    assert world.refused(_delegation(world, "ana", None)).code == "not-delegated"


def test_a_delegation_ends_when_the_owner_loses_the_role_and_so_does_the_vote() -> None:
    world = validators_world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    facts = world.people(roster({"validator": ("ben", "cho")}, number=2))
    assert kinds(facts) == ["RosterRead", "DelegationEnded", "OwnersChanged"]
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_a_vote_in_an_owners_place_counts_when_the_delegation_has_run_out_since() -> None:
    world = validators_world(TWO)
    _delegates(world, "ana", "gus", until=START + DAY)
    world.approve("review", "validator", "gus")
    world.tick_until(START + 2 * DAY)
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


@pytest.mark.parametrize(
    ("person", "to", "code", "words"),
    [
        ("ana", "ana", "delegation-loop", "You can't delegate to yourself"),
        ("ana", "zoe", "unknown-person", "zoe is not known here; describe them in a people file"),
        ("ana", "trainer", "not-an-owner", "is a machine and may not sign"),
        ("ana", "ida", "not-an-owner", "Ida Ruiz left and may not sign"),
        ("ana", "dee", "producer-may-not-sign", "Dee Ruiz produced this version and may not"),
        ("ana", "eve", "away", "Eve Ruiz is away; name somebody who is there."),
        ("ana", "ben", "already-asked", "Ben Ruiz may sign as validator already"),
        ("fay", "gus", "not-an-owner", "only Ana Ruiz, Ben Ruiz and Cho Ruiz can delegate it"),
        ("gus", "fay", "not-an-owner", "Only Cho Ruiz can delegate this; ask them."),
        ("ana", None, "not-delegated", "You delegated validator to nobody here."),
    ],
)
def test_a_delegation_that_can_t_work_is_refused_with_what_to_do(
    person: str, to: str | None, code: str, words: str
) -> None:
    known = roster(VALIDATORS)
    gone = member("ida").model_copy(update={"left": True})
    eve = member("eve").model_copy(update={"away": (Absence(starts=START, until=END_OF_LEAVE),)})
    people = with_members(known, gone, eve)
    world = World(one_stage(), people, producers=("git:dee",))
    _delegates(world, "cho", "gus")
    refused = world.refused(_delegation(world, person, to))
    assert (refused.code, words in refused.reason) == (code, True), refused.reason


def test_owners_who_delegate_to_each_other_are_refused() -> None:
    people = with_members(roster(VALIDATORS), away("ben", "ana"))
    world = World(one_stage(), people)
    world.wait(2 * DAY)
    refused = world.refused(_delegation(world, "ana", "ben"))
    assert refused.code == "delegation-loop"
    assert "You stand in for Ben Ruiz, so it would come back to you" in refused.reason
