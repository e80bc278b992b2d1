"""Who is asked: one of several roles, a fallback, some owners in turn, roles in their order."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.facts import AnyFact
from lifecycle.projecting import view
from lifecycle.signoff_facts import SignoffOpened
from lifecycle.stage_facts import OwnersChanged, OwnersReminded
from lifecycle.view import SignoffView
from tests.lifecycle.definitions import OTHER, classic, one_stage, roster
from tests.lifecycle.world import World, kinds

EITHER: dict[str, Any] = {"any_of": ["security", "ciso"], "statement": "I accept the risk."}
OWNED: dict[str, tuple[str, ...]] = {
    "validator": ("ben", "cho"), "security": ("dee",), "ciso": ("fay",), "data_steward": ("ana",)
}  # fmt: skip
REMINDED: dict[str, Any] = {
    "stage": {"due": "2 days", "escalate": "standard"},
    "escalations": {"standard": [{"after": "50%", "remind": "owners"}]},
}


def shown(world: World, role: str) -> SignoffView:
    """Give a request of the stage as readers see it."""
    return next(s for s in view(world.state).stages[0].signoffs if s.role == role)


def owned(**changes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Give owners, with those of some roles changed."""
    return {**OWNED, **changes}


@pytest.mark.parametrize("person", ["dee", "fay"])
def test_an_owner_of_any_of_the_roles_signs_the_one_request(person: str) -> None:
    world = World(one_stage(EITHER), roster(OWNED))
    assert world.signoff("review", "security-or-ciso").asked == ("dee", "fay")
    assert "StageApproved" in kinds(world.approve("review", "security-or-ciso", person))
    assert shown(world, "security-or-ciso").any_of == ("security", "ciso")


def test_an_owner_of_none_of_the_roles_is_refused_with_who_may() -> None:
    world = World(one_stage(EITHER), roster(OWNED))
    refused = world.refused(world.decision("review", "security-or-ciso", "ben"))
    assert refused.reason == (
        "Ben Ruiz is not asked to sign as security-or-ciso; Dee Ruiz and Fay Ruiz may."
    )


def test_a_request_of_several_roles_keeps_the_name_that_the_file_gives_it() -> None:
    world = World(one_stage({**EITHER, "role": "risk-owners"}), roster(OWNED))
    assert list(world.stage("review").signoffs) == ["risk-owners"]


GIVEN: list[tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]], str | None]] = [
    ({"security": {"dee": "dee"}}, {"security": ("dee",)}, "self-assigned"),
    ({"security": {"dee": "dee"}}, {"ciso": ("dee", "fay")}, None),
    ({"security": {"dee": "dee"}, "ciso": {"dee": "dee"}}, {"ciso": ("dee",)}, "self-assigned"),
    ({"security": {"dee": "hal"}}, {}, None),
]


@pytest.mark.parametrize(("given_by", "owners", "code"), GIVEN)
def test_a_role_that_somebody_gave_themselves_counts_only_if_no_other_gives_the_right(
    given_by: dict[str, dict[str, str]], owners: dict[str, tuple[str, ...]], code: str | None
) -> None:
    people = roster({**owned(security=("dee", "gus")), **owners}, given_by=given_by)
    people = people.model_copy(update={"owners": {**people.owners, "security": ("dee", "gus")}})
    world = World(one_stage(EITHER), people)
    decision = world.decision("review", "security-or-ciso", "dee")
    if code is None:
        assert "StageApproved" in kinds(world.do(decision))
    else:
        assert world.refused(decision).code == code


def test_an_escalated_person_who_made_themselves_one_of_the_roles_is_not_asked() -> None:
    rules = one_stage(
        EITHER,
        stage={"due": "2 days", "escalate": "standard"},
        escalations={"standard": [{"after": "50%", "ask": "validator"}]},
    )
    people = roster(owned(ciso=("fay", "ben")), given_by={"ciso": {"ben": "ben"}})
    world = World(rules, people)
    world.tick_until(world.now + timedelta(days=1))
    assert world.signoff("review", "security-or-ciso").escalated == ("cho",)


def test_nobody_eligible_in_any_of_the_roles_leaves_the_stage_unowned() -> None:
    world = World(one_stage(EITHER), roster(owned(security=(), ciso=())))
    assert world.status("review") == "unowned"


FALLBACK: dict[str, Any] = {"role": "security", "fallback": "ciso"}


def test_the_fallback_role_is_asked_when_nobody_of_the_role_may_sign() -> None:
    world = World(one_stage(FALLBACK), roster(owned(security=())))
    asked = shown(world, "security")
    assert (asked.fallback, asked.can_decide) == ("ciso", ("fay",))
    assert asked.explanation == "security: ciso stands in; Fay Ruiz must sign."
    world.approve("review", "security", "fay")
    (approval,) = world.gate().approvals
    assert (approval.person, approval.right, approval.role) == ("fay", "owner", "security")


def test_the_fallback_role_is_asked_when_too_few_of_the_role_may_sign() -> None:
    rules = one_stage({"role": "security", "quorum": 2, "fallback": "validator"})
    world = World(rules, roster(OWNED))
    assert world.signoff("review", "security").asked == ("ben", "cho")
    assert world.refused(world.decision("review", "security", "dee")).code == "not-an-owner"


@pytest.mark.parametrize("ciso", [(), ("trainer",)])
def test_without_an_eligible_owner_of_the_fallback_the_stage_is_unowned(
    ciso: tuple[str, ...],
) -> None:
    world = World(one_stage(FALLBACK), roster(owned(security=(), ciso=ciso)))
    assert world.status("review") == "unowned"
    assert world.stage("review").why.startswith("The seats can't be filled: security needs 1 more")


def test_owners_of_the_role_are_asked_again_once_there_are_some() -> None:
    world = World(one_stage(FALLBACK), roster(owned(security=())))
    (changed,) = [f for f in world.people(roster(OWNED, number=2)) if isinstance(f, OwnersChanged)]
    assert (changed.asked, changed.roles, changed.fallback) == (("dee",), (), "")
    assert world.refused(world.decision("review", "security", "fay")).code == "not-an-owner"


def test_a_fallback_that_somebody_signed_for_stays_for_the_round() -> None:
    rules = one_stage({"role": "security", "quorum": 2, "fallback": "validator"})
    world = World(rules, roster(OWNED))
    world.approve("review", "security", "ben")
    world.people(roster(owned(security=("dee", "gus")), number=2))
    assert "StageApproved" in kinds(world.approve("review", "security", "cho"))


def _asked(world: World) -> tuple[str, ...]:
    return world.signoff("review", "validator").asked


FIVE = ("ana", "ben", "cho", "dee", "eve")
PICKS: list[tuple[dict[str, int] | str, Any, dict[str, int], int, tuple[str, ...]]] = [
    ("all", 1, {}, 0, FIVE),
    ({"least_loaded": 2}, 1, {"ana": 3, "ben": 1, "dee": 1}, 0, ("cho", "eve")),
    ({"least_loaded": 1}, 1, {}, 0, ("ana",)),
    ({"least_loaded": 1}, 1, {}, 1, ("ben",)),
    ({"rotate": 2}, 1, {}, 0, ("ana", "ben")),
    ({"rotate": 2}, 1, {}, 1, ("cho", "dee")),
    ({"rotate": 2}, 1, {}, 2, ("ana", "eve")),
    ({"rotate": 1}, 3, {}, 1, ("ben", "cho", "dee")),
    ({"rotate": 1}, "all", {}, 1, FIVE),
    ({"rotate": 1}, "40%", {}, 0, ("ana", "ben")),
]


@pytest.mark.parametrize(("assign", "quorum", "load", "turns", "asked"), PICKS)
def test_whom_an_assignment_picks(
    assign: Any, quorum: Any, load: dict[str, int], turns: int, asked: tuple[str, ...]
) -> None:
    people = roster({"validator": FIVE}).model_copy(
        update={"load": load, "turns": {"validator": turns}}
    )
    rules = one_stage({"role": "validator", "assign": assign, "quorum": quorum})
    assert _asked(World(rules, people)) == asked


def _picked() -> World:
    rules = one_stage({"role": "validator", "assign": {"rotate": 2}, "quorum": 2}, **REMINDED)
    return World(rules, roster({"validator": FIVE}))


def test_an_owner_who_was_not_picked_still_may_sign() -> None:
    world = _picked()
    world.approve("review", "validator", "eve")
    assert "StageApproved" in kinds(world.approve("review", "validator", "dee"))


def test_picks_stay_while_they_may_sign_whatever_the_roster_says_of_turns() -> None:
    world = _picked()
    again = roster({"validator": FIVE}, number=2).model_copy(update={"turns": {"validator": 7}})
    assert kinds(world.people(again)) == ["RosterRead"]
    world.people(roster({"validator": ("ben", "cho", "dee")}, number=3))
    assert _asked(world) == ("ben", "cho")


def test_only_the_picked_are_waited_for_and_reminded() -> None:
    world = _picked()
    world.approve("review", "validator", "ana")
    facts = world.tick_until(world.now + timedelta(days=1))
    assert [f.people for f in facts if isinstance(f, OwnersReminded)] == [("ben",)]
    assert world.waited_for() == [("owner", "ben")]
    assert shown(world, "validator").can_decide == ("ben", "cho", "dee", "eve")


def test_a_picked_owner_who_signs_for_another_role_is_replaced() -> None:
    rules = one_stage({"role": "validator", "assign": {"rotate": 1}}, {"role": "security"})
    world = World(rules, roster({"validator": ("ben", "cho"), "security": ("ben", "dee")}))
    assert _asked(world) == ("ben",)
    world.approve("review", "security", "ben")
    assert _asked(world) == ("cho",)


ORDERED: list[dict[str, Any]] = [
    {"role": "validator"},
    {"role": "security", "after": ["validator"]},
]


def _opened(facts: list[AnyFact]) -> list[str]:
    return [f.role for f in facts if isinstance(f, SignoffOpened)]


def test_a_role_is_asked_once_those_before_it_have_approved() -> None:
    world = World(one_stage(*ORDERED, **REMINDED))
    asked = shown(world, "security")
    assert (asked.is_open, asked.after, asked.can_decide) == (False, ("validator",), ())
    refused = world.refused(world.decision("review", "security", "dee"))
    assert (refused.code, refused.reason) == (
        "not-asked-yet",
        "security is asked after validator. validator: 1 more of Ben Ruiz and Cho Ruiz must sign.",
    )
    world.now += timedelta(hours=36)
    assert _opened(world.approve("review", "validator", "ben")) == ["security"]
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_who_is_not_asked_yet_is_not_reminded_and_has_a_clock_of_their_own() -> None:
    world = World(one_stage(*ORDERED, **REMINDED))
    start = world.now
    facts = world.tick_until(start + timedelta(hours=30))
    assert [f.people for f in facts if isinstance(f, OwnersReminded)] == [("ben", "cho")]
    assert ("owner", "dee") not in world.waited_for()
    world.approve("review", "validator", "ben")
    due = start + timedelta(hours=30 + 48)
    assert (shown(world, "security").due, world.stage("review").due) == (due, due)
    facts = world.tick_until(start + timedelta(hours=30 + 24))
    assert [f.people for f in facts if isinstance(f, OwnersReminded)] == [("dee",)]


def test_steps_of_a_role_that_approved_are_gone() -> None:
    world = World(one_stage(*ORDERED, **REMINDED))
    world.approve("review", "validator", "ben")
    facts = world.tick_until(world.now + timedelta(days=2))
    assert [f.people for f in facts if isinstance(f, OwnersReminded)] == [("dee",)]


def test_a_role_before_that_is_not_asked_is_not_waited_for() -> None:
    asked = [{**ORDERED[0], "when": 'model.risk == "high"'}, ORDERED[1]]
    assert shown(World(one_stage(*asked)), "security").is_open


def test_changed_bytes_bring_back_the_order() -> None:
    world = World(one_stage(*ORDERED))
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert not world.signoff("review", "security").is_open


def test_roles_that_wait_for_each_other_in_a_circle_are_asked_one_by_one() -> None:
    world = World(one_stage({"role": "validator", "after": ["security"]}, ORDERED[1]))
    assert world.signoff("review", "validator").is_open
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_a_role_that_a_lower_risk_drops_is_named_with_the_risk() -> None:
    world = World(classic(), roster(risk="high"))
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.people(roster(number=2, risk="low"))
    why = next(f.why for f in world.facts if f.kind == "StageReopened")
    assert why == "security is not asked any more. model risk changed from high to low."
