"""Approvals of the last approved version that stand for the next one too."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.fact_values import ApprovalCondition, EarlierApproval, Previous, Vote
from lifecycle.facts import AnyFact
from lifecycle.projecting import view
from lifecycle.roster import Member, Roster
from lifecycle.signoff_facts import ApprovalCarried
from lifecycle.stage_facts import OwnersAsked
from tests.lifecycle.definitions import OTHER, WEIGHTS, one_stage, roster
from tests.lifecycle.test_asking_rules import OWNED, owned, shown
from tests.lifecycle.world import START, World, kinds

ASKED: list[dict[str, Any]] = [{"role": "validator", "carry_over": True}, {"role": "security"}]
ORIGINAL = "fraud-scorer:13:review:1:validator"
DAY = timedelta(days=1)


def _vote(person: str = "ben", **changes: Any) -> Vote:
    given = {"person": person, "revision": "sha256:" + "a" * 64, "at": START - 20 * DAY}
    return Vote.model_validate({**given, **changes})


def next_version(
    *asked: dict[str, Any],
    votes: tuple[Vote, ...] = (),
    people: Roster | None = None,
    changed: dict[str, str] | None = None,
    edition: int = 2,
    requester: str | None = None,
    **changes: Any,
) -> World:
    """Give a version whose predecessor was approved with the same bindings, save what changed."""
    rules = one_stage(*(asked or ASKED), **changes)
    twin = World(rules, people or roster(OWNED))
    if "evidence" in changes:
        twin.attach("scan")
    approvals = tuple(
        EarlierApproval(
            signoff=f"fraud-scorer:13:review:1:{role}", stage="review", role=role,
            statement=signoff.statement, binding={**signoff.binding, **(changed or {})},
            votes=votes or (_vote(),),
        )
        for role, signoff in twin.stage("review").signoffs.items()
    )  # fmt: skip
    world = World(rules, people or roster(OWNED), is_requested=False)
    previous = Previous(version="13", approvals=approvals)
    world.state = world.state.model_copy(update={"previous": previous, "edition": edition})
    world.request(requester)
    return world


def _carried(facts: list[AnyFact]) -> list[str]:
    return [f.role for f in facts if isinstance(f, ApprovalCarried)]


def test_an_approval_is_carried_by_a_fact_that_names_the_original_and_its_role_isn_t_asked() -> (
    None
):
    world = next_version()
    (fact,) = [f for f in world.facts if isinstance(f, ApprovalCarried)]
    assert (fact.role, fact.original, fact.from_version) == ("validator", ORIGINAL, "13")
    (asked,) = [f for f in world.facts if isinstance(f, OwnersAsked)]
    assert [(a.role, a.asked) for a in asked.signoffs] == [
        ("validator", ()), ("security", ("dee",))
    ]  # fmt: skip
    validator = shown(world, "validator")
    (decision,) = validator.decisions
    assert (str(validator.status), decision.person, decision.carried_from) == (
        "approved", "ben", ORIGINAL
    )  # fmt: skip
    assert (decision.right, decision.revision) == ("owner", validator.revision)
    assert world.waited_for() == [("owner", "dee")]
    world.approve("review", "security", "dee")
    assert [(a.role, a.carried_from) for a in world.gate().approvals] == [
        ("validator", ORIGINAL), ("security", "")
    ]  # fmt: skip


ASKED_ANYWAY: list[dict[str, Any]] = [
    {"changed": {"artifact model": OTHER}},
    {"changed": {"statement": OTHER}},
    {"changed": {"evidence datasheet": OTHER}},
    {"edition": 1},
    {"requester": "ben"},
    {"people": roster(owned(validator=("cho",)))},
    {"people": roster(OWNED, given_by={"validator": {"ben": "ben"}})},
    {"votes": (_vote(conditions=(ApprovalCondition(id="1", text="Soon.", due=START + DAY),)),)},
    {"votes": (_vote("gus"),)},
    {"trust": {"valid_for": "20 days"}},
]


@pytest.mark.parametrize("given", ASKED_ANYWAY)
def test_a_role_is_asked_when_anything_it_bound_to_or_who_signed_it_is_other_now(
    given: dict[str, Any],
) -> None:
    world = next_version(**given)
    assert _carried(world.facts) == []
    assert str(world.signoff("review", "validator").status) == "pending"


def test_without_the_key_and_without_an_earlier_version_the_role_is_asked() -> None:
    assert _carried(next_version({"role": "validator"}).facts) == []
    assert _carried(World(one_stage(*ASKED)).facts) == []


@pytest.mark.parametrize(("quorum", "is_carried"), [(1, True), (2, False), ("50%", True)])
def test_an_approval_is_carried_only_by_as_many_as_must_approve_now(
    quorum: Any, is_carried: bool
) -> None:
    world = next_version({"role": "validator", "carry_over": True, "quorum": quorum})
    assert bool(_carried(world.facts)) == is_carried


def test_a_stage_whose_every_role_is_carried_is_approved_at_once() -> None:
    world = next_version({"role": "validator", "carry_over": True})
    assert kinds(world.facts)[-5:] == [
        "ApprovalCarried", "OwnersAsked", "SignoffApproved", "StageApproved", "VersionApproved"
    ]  # fmt: skip
    assert world.gate().allowed


def test_a_carried_approval_is_void_when_what_it_bound_to_changes_and_is_not_carried_again() -> (
    None
):
    world = next_version()
    assert _carried(world.change(OTHER)) == []
    assert world.signoff("review", "validator").votes == ()
    assert _carried(world.change(WEIGHTS)) == []
    assert str(world.signoff("review", "validator").status) == "pending"


def test_a_carried_approval_names_the_first_original_however_often_it_is_carried() -> None:
    first = "fraud-scorer:11:review:1:validator"
    world = next_version(votes=(_vote(carried_from=first),))
    (fact,) = [f for f in world.facts if isinstance(f, ApprovalCarried)]
    assert fact.original == first


def test_carrying_does_not_lengthen_how_long_an_approval_stands() -> None:
    world = next_version({"role": "validator", "carry_over": True}, trust={"valid_for": "30 days"})
    standing = world.stage("review").standing
    assert standing is not None
    assert standing.valid_until == START + 10 * DAY


def test_somebody_who_carries_one_role_carries_no_other() -> None:
    both = [{"role": role, "carry_over": True} for role in ("validator", "security")]
    people = roster({"validator": ("ben", "cho"), "security": ("ben", "dee")})
    assert _carried(next_version(*both, people=people).facts) == ["validator"]


def test_who_is_needed_for_another_role_carries_nothing_that_others_can_sign() -> None:
    people = roster({"validator": ("ben", "cho"), "security": ("ben",)})
    world = next_version(people=people)
    assert _carried(world.facts) == []
    world.approve("review", "security", "ben")
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_evidence_that_is_not_there_is_not_the_same_as_evidence_that_was_not() -> None:
    world = next_version(
        {"role": "validator", "carry_over": True, "binds": ["evidence.scan"]},
        evidence={"scan": {}}, changed={"evidence scan": "missing"},
    )  # fmt: skip
    assert _carried(world.facts) == []


def test_what_changed_since_an_owner_s_approval_of_the_version_before_is_shown() -> None:
    world = next_version(changed={"artifact model": OTHER})
    (sentence,) = shown(world, "validator").changed_since["ben"]
    assert sentence == f"artifact model changed from {OTHER[7:19]} to {WEIGHTS[7:19]}."
    assert "cho" not in shown(world, "validator").changed_since


def test_a_renewal_shows_what_changed_since_the_same_owner_approved() -> None:
    rules = one_stage(
        {"role": "validator", "quorum": 2},
        {"role": "security"},
        stage={"evidence": ["scan"]},
        evidence={"scan": {}},
        trust={"valid_for": "10 days", "renew_before": "1 days"},
    )
    world = World(rules)
    world.attach("scan")
    for role, person in (("validator", "ben"), ("validator", "cho"), ("security", "dee")):
        world.approve("review", role, person)
    world.deploy()
    world.tick_until(START + 9 * DAY)
    assert shown(world, "validator").changed_since == {"ben": (), "cho": ()}
    world.attach("scan", digest=OTHER)
    assert shown(world, "validator").changed_since == {
        "ben": ("evidence scan changed.",), "cho": ("evidence scan changed.",)
    }  # fmt: skip
    world.approve("review", "validator", "ben")
    assert list(shown(world, "validator").changed_since) == ["cho"]


def test_only_the_newest_few_approvals_are_remembered() -> None:
    many = tuple(f"owner-{number}" for number in range(40))
    people = (*(Member(id=one) for one in many), Member(id="trainer", machine=True,
              identities=("git:trainer",)))  # fmt: skip
    world = World(
        one_stage({"role": "validator", "quorum": 30}), roster({"validator": many}, people=people)
    )
    for number, one in enumerate(many[:29]):
        world.now = START + timedelta(minutes=number)
        world.approve("review", "validator", one)
    assert tuple(world.stage("review").last_signed["validator"]) == many[17:29]


def test_a_rule_s_input_that_changes_reopens_what_it_decided_and_says_so() -> None:
    asked = [{"role": "validator"}, {"role": "security", "when": 'model.risk == "high"'}]
    world = World(one_stage(*asked), roster(OWNED, risk="high"))
    world.approve("review", "validator", "ben")
    world.approve("review", "security", "dee")
    world.people(roster(OWNED, number=2, risk="low"))
    stage = view(world.state).stages[0]
    assert [a.role for a in world.gate().approvals] == ["validator"]
    assert stage.round == 2
    assert [f for f in kinds(world.facts) if f == "StageReopened"] == ["StageReopened"]
    world.people(roster(OWNED, number=3, risk="high"))
    assert world.status("review") == "asking"
    assert str(world.signoff("review", "validator").status) == "approved"
    assert world.waited_for() == [("owner", "dee")]


RULED = [
    {"role": "validator", "when": 'model.risk == "high"', "carry_over": True},
    {"any_of": ["validator", "ciso"], "when": 'model.risk == "high"'},
    {"role": "validator", "when": 'model.risk == "high"', "assign": {"rotate": 1}},
    {"role": "validator", "when": 'model.risk == "high"', "fallback": "ciso"},
]


@pytest.mark.parametrize("asked", RULED)
def test_the_input_of_a_rule_is_bound_whatever_else_the_sign_off_says(
    asked: dict[str, Any],
) -> None:
    both = [asked, {"role": "security", "after": [asked.get("role", "validator-or-ciso")]}]
    world = World(one_stage(*both), roster(OWNED, risk="low"))
    assert list(world.stage("review").signoffs) == ["security"]
    assert world.signoff("review", "security").is_open
    world.approve("review", "security", "dee")
    world.people(roster(OWNED, number=2, risk="high"))
    assert not world.gate().allowed
    world.approve("review", next(iter(world.stage("review").signoffs)), "ben")
    assert world.gate().allowed
