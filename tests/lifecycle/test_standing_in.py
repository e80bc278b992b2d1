"""Who stands in for whom: groups, rotations, away periods, delegations, people who left."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Delegate, Tick
from lifecycle.eligibility import people_named
from lifecycle.facts import AnyFact, RosterRead
from lifecycle.free_seats import awaited, can_decide
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.roster import Absence, Member, Roster, Shift
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, OWNERS, VERSION, member, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)


def _with(known: Roster, *members: Member, **changes: object) -> Roster:
    people = {**known.people, **{m.id: m for m in members}}
    return known.model_copy(update={"people": people, **changes})


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
    known = _with(known, gone, owners=owners, groups=groups, on_duty={"ml-oncall": "eve"})
    state = World(one_stage()).state.model_copy(update={"roster": known})
    assert people_named(state, target) == people


START_OF_LEAVE = START + DAY
END_OF_LEAVE = START + 5 * DAY


def away(person: str, delegate: str | None = None, **changes: Any) -> Member:
    """Give somebody who is away from the second to the sixth day."""
    absence = Absence(starts=START_OF_LEAVE, until=END_OF_LEAVE, delegate=delegate, **changes)
    return member(person, manager="hal").model_copy(update={"away": (absence,)})


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


def _world(*signoffs: dict[str, Any], people: Roster | None = None, **changes: Any) -> World:
    return World(one_stage(*signoffs, **changes), people or roster(VALIDATORS))


VALIDATORS: dict[str, tuple[str, ...]] = {"validator": ("ana", "ben", "cho"), "ciso": ("fay",)}
TWO = {"role": "validator", "quorum": 2}
ALL = {"role": "validator", "quorum": "all"}


def test_a_delegate_signs_on_behalf_of_the_owner() -> None:
    world = _world()
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
    world = _world()
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
    world = _world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.reason == (
        "Gus Ruiz already approved this as validator in your place; you count once together."
    )
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_delegate_of_who_signed_already_has_nothing_to_sign() -> None:
    world = _world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "ana")
    refused = world.refused(world.decision("review", "validator", "gus"))
    assert refused.reason == (
        "You stand in for Ana Ruiz, who already signed for validator; you count once together."
    )


def test_neither_owner_nor_delegate_fills_another_seat_of_the_stage() -> None:
    owners = {**VALIDATORS, "security": ("ana", "gus", "dee")}
    world = _world({"role": "validator"}, {"role": "security"}, people=roster(owners))
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    for person in ("ana", "gus"):
        assert world.refused(world.decision("review", "security", person)).code == "already-signed"
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_a_delegation_ends_at_its_instant_and_later_answers_are_refused() -> None:
    world = _world()
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
    world = _world()
    _delegates(world, "ana", "gus")
    assert kinds(_delegates(world, "ana", None)) == ["DelegationEnded"]
    assert world.refused(world.decision("review", "validator", "gus")).code == "delegation-ended"
    assert world.refused(_delegation(world, "ana", None)).code == "not-delegated"


def test_a_delegation_ends_when_the_owner_loses_the_role_and_so_does_the_vote() -> None:
    world = _world(TWO)
    _delegates(world, "ana", "gus")
    world.approve("review", "validator", "gus")
    facts = world.people(roster({"validator": ("ben", "cho")}, number=2))
    assert kinds(facts) == ["RosterRead", "DelegationEnded", "OwnersChanged"]
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_a_vote_in_an_owners_place_counts_when_the_delegation_has_run_out_since() -> None:
    world = _world(TWO)
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
    people = _with(known, gone, eve)
    world = World(one_stage(), people, producers=("git:dee",))
    _delegates(world, "cho", "gus")
    refused = world.refused(_delegation(world, person, to))
    assert (refused.code, words in refused.reason) == (code, True), refused.reason


def test_owners_who_delegate_to_each_other_are_refused() -> None:
    people = _with(roster(VALIDATORS), away("ben", "ana"))
    world = World(one_stage(), people)
    world.wait(2 * DAY)
    refused = world.refused(_delegation(world, "ana", "ben"))
    assert refused.code == "delegation-loop"
    assert "You stand in for Ben Ruiz, so it would come back to you" in refused.reason


def test_while_an_owner_is_away_their_delegate_is_asked_in_their_place() -> None:
    world = World(one_stage(ALL), _with(roster(VALIDATORS), away("cho", "gus")))
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
    world = World(one_stage(), _with(roster({"validator": ("cho",)}), away("cho", "gus")))
    world.wait(2 * DAY)
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_who_is_away_without_a_delegate_is_not_asked_and_still_counts() -> None:
    world = World(one_stage(ALL), _with(roster(VALIDATORS), away("cho")))
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
    world = World(one_stage(), _with(roster(VALIDATORS), away("cho", "gus"), *others))
    world.wait(2 * DAY)
    assert world.signoff("review", "validator").asked == asked


def test_nobody_stands_in_by_their_own_hand() -> None:
    world = World(one_stage(), _with(roster(VALIDATORS), away("cho", "gus", given_by="gus")))
    world.wait(2 * DAY)
    assert world.signoff("review", "validator").asked == ("ana", "ben")
    assert world.refused(world.decision("review", "validator", "gus")).code == "not-an-owner"


def _shifts(*people: str) -> tuple[Shift, ...]:
    week = timedelta(weeks=1)
    first = START - week
    return tuple(
        Shift(starts=first + n * week, until=first + (n + 1) * week, person=person)
        for n, person in enumerate(people)
    )


def _on_call(*people: str, **changes: Any) -> Roster:
    known = roster({"ciso": ("fay",)})
    return known.model_copy(
        update={
            "on_call": {"validator": ("ml-oncall",)},
            "rotations": {"ml-oncall": _shifts(*people)},
            **changes,
        }
    )


def test_who_is_on_call_is_asked_and_the_next_one_when_the_shift_changes() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben"))
    assert world.signoff("review", "validator").asked == ("ana",)
    at = START + timedelta(weeks=1)
    assert next_deadline(world.state) == at
    assert kinds(world.tick_until(at)) == ["RosterTurned", "OwnersChanged"]
    assert world.signoff("review", "validator").asked == ("ben",)
    assert world.refused(world.decision("review", "validator", "ana")).code == "not-an-owner"
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_vote_given_on_call_counts_after_the_shift() -> None:
    people = _on_call("cho", "ana", "ben", owners={"validator": ("dee",)})
    world = World(one_stage(TWO), people)
    world.approve("review", "validator", "ana")
    world.tick_until(START + timedelta(weeks=1))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_a_vote_of_who_was_taken_out_of_the_rotation_does_not_count() -> None:
    people = _on_call("cho", "ana", "ben", owners={"validator": ("dee",)})
    world = World(one_stage(TWO), people)
    world.approve("review", "validator", "ana")
    world.people(_on_call("cho", "ben", "cho", owners={"validator": ("dee",)}, number=2))
    assert "StageApproved" not in kinds(world.approve("review", "validator", "ben"))


def test_an_idle_version_does_not_tick_with_the_rotation() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben", "cho", "ana"))
    world.approve("review", "validator", "ana")
    assert next_deadline(world.state) is None


def test_a_shift_of_the_same_person_again_is_no_deadline() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ana", "ben"))
    assert next_deadline(world.state) == START + timedelta(weeks=2)


def test_shifts_that_passed_while_the_clock_was_late_are_no_deadline() -> None:
    world = World(one_stage(), _on_call("cho", "ana", "ben", "ana", "cho"))
    assert kinds(world.wait(timedelta(days=15))) == ["RosterTurned"]
    assert world.signoff("review", "validator").asked == ("ana",)
    assert next_deadline(world.state) == START + timedelta(weeks=3)


def test_somebody_on_call_who_is_away_is_replaced_by_their_delegate() -> None:
    world = World(one_stage(), _with(_on_call("cho", "ana", "ben"), away("ana", "gus")))
    world.tick_until(START + 2 * DAY)
    assert world.signoff("review", "validator").asked == ("gus",)


def test_the_same_roster_read_again_is_no_news_whoever_is_on_call_meanwhile() -> None:
    known = _with(_on_call("cho", "ana", "ben"), away("ana", "gus"))
    world = World(one_stage(), known)
    world.tick_until(START + 2 * DAY)
    again = known.model_copy(update={"number": 9, "load": {"ana": 3}, "turns": {"validator": 2}})
    assert world.people(again) == []


def test_a_roster_is_turned_as_it_is_read() -> None:
    world = World(one_stage())
    world.now = START + 2 * DAY
    read = next(
        f
        for f in world.people(_with(_on_call("cho", "ana"), away("eve", "gus"), number=2))
        if isinstance(f, RosterRead)
    )
    assert (read.roster.on_duty, read.roster.absent) == ({"ml-oncall": "ana"}, {"eve": "gus"})


def test_who_left_signs_nothing_and_counts_nowhere() -> None:
    world = _world(ALL)
    world.approve("review", "validator", "ana")
    gone = member("ana").model_copy(update={"left": True})
    world.people(_with(roster(VALIDATORS, number=2), gone))
    signoff = world.signoff("review", "validator")
    assert (signoff.asked, signoff.needed) == (("ben", "cho"), 2)
    refused = world.refused(world.decision("review", "validator", "ana"))
    assert refused.code == "not-an-owner"
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


def test_the_record_of_an_approved_role_stands_when_its_signer_is_removed_and_is_flagged() -> None:
    rules = ({"role": "validator"}, {"role": "security"})
    world = _world(*rules, people=roster({**VALIDATORS, "security": ("dee",)}))
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
    world = _world(*rules, people=roster({**VALIDATORS, "security": ("dee",)}))
    world.approve("review", "validator", "ana")
    assert "StageReopened" in kinds(world.request("ana"))


def test_a_signer_who_left_and_turns_out_to_have_a_duty_voids_an_approved_role_too() -> None:
    rules = ({"role": "validator"}, {"role": "security"})
    owners = {**VALIDATORS, "security": ("dee",)}
    world = _world(*rules, people=roster(owners))
    world.approve("review", "validator", "ana")
    gone = member("ana").model_copy(update={"left": True})
    assert kinds(world.people(_with(roster(owners, number=2), gone))) == ["RosterRead"]
    assert "StageReopened" in kinds(world.request("ana"))
