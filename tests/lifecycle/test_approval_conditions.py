"""Approvals on a condition: who sets one, who says that it is met, and what lapses otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import MeetCondition
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.meeting import MOST_CONDITIONS
from lifecycle.projecting import view
from lifecycle.stage_facts import SignedOff, StageReopened
from tests.lifecycle.definitions import OTHER, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
DUE = START + 10 * DAY
TWO = ({"role": "validator", "quorum": 2}, {"role": "security"})


def _given(text: str = "Monitor drift weekly.", due: Any = DUE) -> dict[str, Any]:
    return {"text": text, "due": due}


def _meet(world: World, person: str, condition: str = "1") -> list[AnyFact]:
    return world.do(MeetCondition(id=world._id(), by=person, person=person, condition=condition))


def _approved() -> World:
    world = World(one_stage())
    world.approve("review", "validator", "ben", conditions=[_given()])
    return world


def _two_roles() -> World:
    world = World(one_stage(*TWO))
    world.approve("review", "validator", "ben", conditions=[_given()])
    return world


def test_an_approval_on_a_condition_opens_the_gate_which_names_it() -> None:
    world = _approved()
    reply = world.gate()
    assert reply.allowed
    assert reply.reasons[1] == (
        "review: approved on a condition (Ben Ruiz, validator), due 2026-03-12 09:00 UTC: "
        "Monitor drift weekly."
    )
    assert reply.valid_until == DUE
    assert next_deadline(world.state) == DUE


def test_conditions_are_numbered_and_shown() -> None:
    world = World(one_stage())
    facts = world.approve("review", "validator", "ben", conditions=[_given("One."), _given("Two.")])
    assert isinstance(facts[0], SignedOff)
    assert [one.id for one in facts[0].conditions] == ["1", "2"]
    shown = view(world.state)
    assert [(c.id, c.text, c.name) for c in shown.conditions] == [
        ("1", "One.", "Ben Ruiz"),
        ("2", "Two.", "Ben Ruiz"),
    ]
    (decision,) = shown.stages[0].signoffs[0].decisions
    assert len(decision.conditions) == 2
    assert "on condition 2, due" in explain(world.state).summary
    upcoming = explain(world.state).upcoming
    assert upcoming is not None
    assert upcoming.at == DUE


def test_a_condition_that_is_met_is_gone_and_the_approval_stands() -> None:
    world = _approved()
    assert kinds(_meet(world, "ben")) == ["ConditionMet"]
    assert world.tick_until(DUE + DAY) == []
    assert (world.gate().allowed, world.gate().valid_until) == (True, None)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("ben", None),  # who set it
        ("cho", None),  # another owner of the role
        ("dee", "not-an-owner"),
        ("stranger", "not-an-owner"),
        ("trainer", "producer-may-not-confirm"),
    ],
)
def test_who_may_say_that_a_condition_is_met(person: str, code: str | None) -> None:
    world = _approved()
    if code is None:
        assert kinds(_meet(world, person)) == ["ConditionMet"]
        return
    command = MeetCondition(id="meet", by=person, person=person, condition="1")
    assert world.refused(command).code == code


def test_an_owner_who_made_the_version_brings_it_to_another_owner() -> None:
    world = World(one_stage(), producers=("git:cho",))
    world.approve("review", "validator", "ben", conditions=[_given()])
    command = MeetCondition(id="meet", by="cho", person="cho", condition="1")
    refused = world.refused(command)
    assert refused.code == "producer-may-not-confirm"
    assert "Ben Ruiz" in refused.reason


@pytest.mark.parametrize(
    ("decision", "due", "code"),
    [
        ("approve", START, "condition-past"),
        ("approve", START - DAY, "condition-past"),
        ("request_changes", DUE, "condition-without-approval"),
    ],
)
def test_a_condition_that_cannot_be_kept_is_refused(decision: str, due: Any, code: str) -> None:
    world = World(one_stage())
    given = {"conditions": [_given(due=due)]}
    command = world.decision("review", "validator", "ben", decision, **given)
    assert world.refused(command).code == code


def test_more_than_ten_open_conditions_are_refused() -> None:
    world = World(one_stage(*TWO))
    world.approve("review", "validator", "ben", conditions=[_given()] * (MOST_CONDITIONS - 1))
    command = world.decision("review", "security", "dee", conditions=[_given()] * 2)
    assert world.refused(command).code == "too-many-conditions"
    world.approve("review", "security", "dee", conditions=[_given()])


def test_unmet_before_the_stage_is_approved_the_vote_no_longer_counts() -> None:
    world = _two_roles()
    world.approve("review", "validator", "cho")
    assert str(world.signoff("review", "validator").status) == "approved"
    facts = world.tick_until(DUE)
    assert kinds(facts) == ["ConditionLapsed"]
    signoff = world.signoff("review", "validator")
    assert (str(signoff.status), [v.person for v in signoff.votes]) == ("pending", ["cho"])
    world.approve("review", "security", "dee")
    assert world.status("review") == "asking"
    world.approve("review", "validator", "ben")
    assert world.status("review") == "approved"


def test_unmet_after_the_stage_is_approved_only_that_role_is_asked_anew() -> None:
    world = _two_roles()
    world.approve("review", "validator", "cho")
    world.approve("review", "security", "dee")
    assert world.gate().allowed
    facts = world.tick_until(DUE)
    assert kinds(facts)[:3] == ["ConditionLapsed", "StageReopened", "OwnersAsked"]
    (reopened,) = [fact for fact in facts if isinstance(fact, StageReopened)]
    assert (reopened.reason, reopened.voided, reopened.gate) == (
        "condition",
        ("validator",),
        "close",
    )
    assert not world.gate().allowed
    assert [v.person for v in world.signoff("review", "security").votes] == ["dee"]
    assert world.signoff("review", "validator").votes == ()
    assert world.state.conditions == {}
    approved, notice = world.state.notices
    assert approved.kind == "approved"
    assert (notice.kind, notice.people) == ("condition_lapsed", ("ben", "trainer"))


def test_the_gate_is_closed_at_the_instant_even_before_the_tick() -> None:
    world = _approved()
    world.now = DUE
    assert not world.gate().allowed
    assert "was due 2026-03-12 09:00 UTC" in world.gate().reasons[0]


def test_a_decision_past_the_date_finds_the_vote_lapsed() -> None:
    world = _two_roles()
    world.now = DUE
    world.approve("review", "validator", "cho")
    assert str(world.signoff("review", "validator").status) == "pending"
    world.approve("review", "validator", "ben")
    assert str(world.signoff("review", "validator").status) == "approved"


def test_meeting_it_past_the_date_is_refused() -> None:
    world = _approved()
    world.now = DUE
    command = MeetCondition(id="meet", by="ben", person="ben", condition="1")
    assert world.refused(command).code == "unknown-condition"


@pytest.mark.parametrize("how", ["sent back", "other bytes"])
def test_the_conditions_of_a_void_vote_are_gone(how: str) -> None:
    world = _two_roles()
    if how == "sent back":
        world.decline("review", "security", "dee")
    else:
        world.change(OTHER)
    assert world.state.conditions == {}
    assert "ConditionLapsed" not in kinds(world.tick_until(DUE + DAY))


def test_a_vote_that_is_kept_into_the_next_round_keeps_its_condition() -> None:
    drift = {"event": "alert.raised", "stage": "review", "roles": ["security"], "gate": "keep"}
    world = World(one_stage({"role": "validator"}, {"role": "security"}, reopen=[drift]))
    world.approve("review", "validator", "ben", conditions=[_given()])
    world.approve("review", "security", "dee")
    world.alert("drift")
    assert (list(world.state.conditions), world.gate().allowed) == (["1"], True)
    world.tick_until(DUE)
    assert not world.gate().allowed
    assert world.signoff("review", "validator").votes == ()


def test_a_renewal_signed_without_the_condition_outlives_it() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security"}, reopen=[
        {"event": "alert.raised", "stage": "review", "gate": "keep"}
    ]))  # fmt: skip
    world.approve("review", "validator", "ben", conditions=[_given()])
    world.approve("review", "security", "dee")
    world.alert("drift")
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    world.tick_until(DUE)
    assert not world.gate().allowed  # what stood was conditional; the new round is not complete
    assert [v.person for v in world.signoff("review", "validator").votes] == ["ben"]
    world.approve("review", "security", "dee")
    assert world.gate().allowed


def test_an_alert_that_is_withdrawn_does_not_bring_a_lapsed_condition_back() -> None:
    rules = one_stage(
        stage={"evidence": ["scan"]},
        evidence={"scan": {"max_age": "7 days"}},
        reopen=[{"event": "alert.raised", "stage": "review"}],
    )
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben", conditions=[_given()])
    world.now += 8 * DAY
    world.alert("leak")
    assert list(world.state.conditions) == ["1"]
    world.now = DUE
    world.resolve("leak")
    assert world.status("review") == "collecting"
    assert not world.gate().allowed


def test_conditions_on_advice_are_refused() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security", "advisory": True}))
    command = world.decision("review", "security", "dee", conditions=[_given()])
    assert world.refused(command).code == "condition-on-advice"


def test_who_left_no_longer_confirms() -> None:
    world = _approved()
    people = roster(number=2)
    left = people.people["ben"].model_copy(update={"left": True})
    world.people(people.model_copy(update={"people": {**people.people, "ben": left}}))
    command = MeetCondition(id="meet", by="ben", person="ben", condition="1")
    assert world.refused(command).code == "not-an-owner"
    assert kinds(_meet(world, "cho")) == ["ConditionMet"]


def test_roles_that_are_asked_after_one_wait_again_when_its_condition_is_not_met() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security", "after": ["validator"]}))
    condition = {"text": "Mend it.", "due": world.now + timedelta(days=1)}
    world.approve("review", "validator", "ben", conditions=[condition])
    assert world.signoff("review", "security").is_open
    assert kinds(world.wait(timedelta(days=2))) == ["ConditionLapsed"]
    assert world.refused(world.decision("review", "security", "dee")).code == "not-asked-yet"
    assert "SignoffOpened" in kinds(world.approve("review", "validator", "cho"))
