"""Who stands in for whom: groups, away periods, people who left."""

import pytest

from lifecycle.eligibility import people_named
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.roster import Member
from tests.lifecycle.absences import (
    ALL,
    DAY,
    END_OF_LEAVE,
    START_OF_LEAVE,
    VALIDATORS,
    away,
    validators_world,
    with_members,
)
from tests.lifecycle.definitions import OWNERS, member, one_stage, roster
from tests.lifecycle.world import World, kinds


@pytest.mark.parametrize(
    ("target", "people"),
    [
        ("person:ana", ("ana",)),
        ("person:nobody-known", ()),
        ("person:gus", ()),
        ("group:risk", ("dee", "fay")),
        ("group:unheard-of", ()),
        ("rotation:ml-oncall", ("eve",)),
        ("rotation:unheard-of", ()),
        ("validator", ("ben", "cho")),
        ("ciso", ("eve", "fay")),
    ],
)
def test_a_target_names_the_people_of_the_roster_who_are_there(
    target: str, people: tuple[str, ...]
) -> None:
    known = roster()
    gone = known.people["gus"].model_copy(update={"left": True})
    owners = {**OWNERS, "ciso": ("gus", "eve", "fay")}
    groups = {"risk": ("dee", "gus", "fay", "dee", "nobody-known")}
    known = with_members(known, gone, owners=owners, groups=groups, on_duty={"ml-oncall": "eve"})
    state = World(one_stage()).state.model_copy(update={"roster": known})
    assert people_named(state, target) == people


def test_while_an_owner_is_away_their_delegate_is_asked_in_their_place() -> None:
    world = World(one_stage(ALL), with_members(roster(VALIDATORS), away("cho", "gus")))
    assert world.signoff("review", "validator").asked == ("ana", "ben", "cho")
    assert next_deadline(world.state) == START_OF_LEAVE
    facts = world.tick_until(START_OF_LEAVE)
    assert kinds(facts) == ["RosterTurned", "OwnersChanged"]
    signoff = world.signoff("review", "validator")
    assert (signoff.asked, signoff.needed) == (("ana", "ben", "gus"), 3)
    assert world.state.notices[-1].people == ("gus",)
    assert "on behalf of Cho Ruiz is away until 2026-03-07" in world.explained()
    world.approve("review", "validator", "gus")
    facts = world.tick_until(END_OF_LEAVE)
    assert kinds(facts) == ["RosterTurned", "OwnersChanged"]
    assert [v.on_behalf_of for v in world.signoff("review", "validator").votes] == ["cho"]
    assert world.refused(world.decision("review", "validator", "cho")).code == "already-signed"
    world.approve("review", "validator", "ana")
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_who_is_away_may_sign_all_the_same() -> None:
    world = World(one_stage(), with_members(roster({"validator": ("cho",)}), away("cho", "gus")))
    world.wait(2 * DAY)
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_who_is_away_without_a_delegate_is_not_asked_and_still_counts() -> None:
    world = World(one_stage(ALL), with_members(roster(VALIDATORS), away("cho")))
    world.wait(2 * DAY)
    signoff = world.signoff("review", "validator")
    assert (signoff.asked, signoff.needed) == (("ana", "ben"), 3)
    assert "Cho Ruiz is away until 2026-03-07 09:00 UTC and may sign all the same" in (
        world.explained()
    )
    assert ("owner", "cho") not in world.waited_for()
    shown = {a.person: a.is_away for a in view(world.state).stages[0].signoffs[0].asked}
    assert shown == {"ana": False, "ben": False}
    world.approve("review", "validator", "ana")
    world.approve("review", "validator", "ben")
    assert world.status("review") == "asking"
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


@pytest.mark.parametrize(
    ("others", "asked"),
    [
        ((away("gus", "hal"),), ("ana", "ben", "hal")),
        ((away("gus"),), ("ana", "ben")),
        ((away("gus", "cho"),), ("ana", "ben")),
        ((away("gus", "eve"), away("eve", "gus")), ("ana", "ben")),
        ((member("gus").model_copy(update={"left": True}),), ("ana", "ben")),
    ],
)
def test_delegates_who_are_away_themselves_pass_it_on_and_loops_end_with_nobody(
    others: tuple[Member, ...], asked: tuple[str, ...]
) -> None:
    world = World(one_stage(), with_members(roster(VALIDATORS), away("cho", "gus"), *others))
    world.wait(2 * DAY)
    assert world.signoff("review", "validator").asked == asked


def test_nobody_stands_in_by_their_own_hand() -> None:
    world = World(one_stage(), with_members(roster(VALIDATORS), away("cho", "gus", given_by="gus")))
    world.wait(2 * DAY)
    assert world.signoff("review", "validator").asked == ("ana", "ben")
    assert world.refused(world.decision("review", "validator", "gus")).code == "not-an-owner"


def test_who_left_signs_nothing_and_counts_nowhere() -> None:
    world = validators_world(ALL)
    world.approve("review", "validator", "ana")
    gone = member("ana").model_copy(update={"left": True})
    world.people(with_members(roster(VALIDATORS, number=2), gone))
    signoff = world.signoff("review", "validator")
    assert (signoff.asked, signoff.needed) == (("ben", "cho"), 2)
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.code == "not-an-owner"
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_the_record_of_an_approved_role_stands_when_its_signer_is_removed_and_is_flagged() -> None:
    rules = ({"role": "validator"}, {"role": "security"})
    world = validators_world(*rules, people=roster({**VALIDATORS, "security": ("dee",)}))
    world.approve("review", "validator", "ana")
    facts = world.people(roster({"validator": ("ben",), "security": ("dee",)}, number=2))
    assert kinds(facts) == ["RosterRead"]
    world.approve("review", "security", "dee")
    assert world.status("review") == "approved"
    assert [(a.person, a.flag) for a in world.gate().approvals] == [
        ("ana", "Ana Ruiz is no longer validator."), ("dee", "")
    ]  # fmt: skip
    assert world.gate().allowed


def test_a_signer_who_turns_out_to_have_asked_for_the_review_voids_an_approved_role() -> None:
    rules = ({"role": "validator"}, {"role": "security"})
    world = validators_world(*rules, people=roster({**VALIDATORS, "security": ("dee",)}))
    world.approve("review", "validator", "ana")
    assert "StageReopened" in kinds(world.request("ana"))


def test_a_signer_who_left_and_turns_out_to_have_a_duty_voids_an_approved_role_too() -> None:
    rules = ({"role": "validator"}, {"role": "security"})
    owners = {**VALIDATORS, "security": ("dee",)}
    world = validators_world(*rules, people=roster(owners))
    world.approve("review", "validator", "ana")
    gone = member("ana").model_copy(update={"left": True})
    assert kinds(world.people(with_members(roster(owners, number=2), gone))) == ["RosterRead"]
    assert "StageReopened" in kinds(world.request("ana"))
