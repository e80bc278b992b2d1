"""Taking one's own answer back, before and after a stage is approved."""

from typing import Any

import pytest

from lifecycle.commands import WithdrawAnswer
from lifecycle.fact_values import Via
from lifecycle.facts import AnyFact
from lifecycle.projecting import view
from lifecycle.stage_facts import StageReopened
from lifecycle.values import signoff_id
from tests.lifecycle.definitions import MODEL, VERSION, classic, member, one_stage, roster
from tests.lifecycle.test_asking_rules import ORDERED
from tests.lifecycle.world import World, kinds

TWO = {"role": "validator", "quorum": 2}


def _asked(world: World, stage: str, role: str, person: str, **given: Any) -> WithdrawAnswer:
    round_ = given.pop("round", world.stage(stage).round)
    signoff = signoff_id(MODEL, VERSION, stage, round_, role)
    world.sent += 1
    return WithdrawAnswer(id=f"withdraw-{world.sent}", signoff=signoff, person=person, **given)


def _withdrawn(world: World, stage: str, role: str, person: str, **given: Any) -> list[AnyFact]:
    return world.do(_asked(world, stage, role, person, **given))


def test_an_approval_that_is_withdrawn_before_the_stage_is_approved_no_longer_counts() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    assert kinds(_withdrawn(world, "review", "validator", "ben")) == ["ApprovalWithdrawn"]
    assert "StageApproved" not in kinds(world.approve("review", "validator", "cho"))
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))


def test_what_was_taken_back_stays_to_be_seen() -> None:
    world = World(one_stage({"role": "validator", "quorum": 2, "changes_quorum": 2}))
    world.approve("review", "validator", "ben")
    _withdrawn(world, "review", "validator", "ben", reason="Too soon.")
    world.decline("review", "validator", "cho")
    _withdrawn(world, "review", "validator", "cho")
    (signoff,) = view(world.state).stages[0].signoffs
    seen = [(one.person, one.name, one.was, one.reason) for one in signoff.withdrawn]
    assert seen == [
        ("ben", "Ben Ruiz", "approve", "Too soon."),
        ("cho", "Cho Ruiz", "request_changes", ""),
    ]


def test_a_role_that_had_approved_is_pending_again() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security"}))
    world.approve("review", "validator", "ben")
    _withdrawn(world, "review", "validator", "ben")
    signoff = world.signoff("review", "validator")
    assert (str(signoff.status), signoff.votes, signoff.decided_at) == ("pending", (), None)
    assert world.waited_for() == [("owner", "ben"), ("owner", "cho"), ("owner", "dee")]


def test_roles_after_one_that_is_withdrawn_wait_again() -> None:
    world = World(one_stage(*ORDERED))
    world.approve("review", "validator", "ben")
    assert world.signoff("review", "security").is_open
    _withdrawn(world, "review", "validator", "ben")
    assert not world.signoff("review", "security").is_open
    assert "SignoffOpened" in kinds(world.approve("review", "validator", "cho"))


def _approved() -> World:
    world = World(classic())
    world.approve_classic()
    return world


def test_an_approval_that_is_withdrawn_afterwards_reopens_its_stage_for_the_role_alone() -> None:
    world = World(one_stage({"role": "validator"}, {"role": "security"}))
    world.approve("review", "validator", "ben")
    world.approve("review", "security", "dee")
    assert world.gate().allowed
    facts = _withdrawn(world, "review", "security", "dee", reason="I missed a leak.")
    assert kinds(facts)[:3] == ["ApprovalWithdrawn", "StageReopened", "OwnersAsked"]
    (reopened,) = [f for f in facts if isinstance(f, StageReopened)]
    assert (reopened.reason, reopened.gate, reopened.voided) == (
        "withdrawn", "close", ("security",)
    )  # fmt: skip
    assert reopened.why == "Dee Ruiz withdrew the approval as security: I missed a leak."
    assert not world.gate().allowed
    validator, security = world.stage("review").signoffs.values()
    assert (str(validator.status), str(security.status)) == ("approved", "pending")
    assert "StageApproved" in kinds(world.approve("review", "security", "dee"))


def test_all_votes_of_the_role_are_given_anew() -> None:
    world = _approved()
    _withdrawn(world, "validate", "validator", "ben")
    assert world.signoff("validate", "validator").votes == ()
    assert str(view(world.state).status) == "in_review"


def test_an_approval_that_a_renewal_keeps_standing_can_be_withdrawn() -> None:
    world = _approved()
    world.alert("drift")
    assert world.gate().allowed
    facts = _withdrawn(world, "validate", "validator", "ben", round=1)
    assert kinds(facts)[:2] == ["ApprovalWithdrawn", "StageReopened"]
    assert not world.gate().allowed


def test_an_objection_that_sent_nothing_back_can_be_withdrawn() -> None:
    rules = one_stage({**TWO, "changes_quorum": 2})
    world = World(rules, roster({"validator": ("ben", "cho", "eve")}))
    world.decline("review", "validator", "ben")
    _withdrawn(world, "review", "validator", "ben")
    assert view(world.state).stages[0].dissents == ()
    assert kinds(world.decline("review", "validator", "cho")) == ["Dissented"]


def test_withdrawing_an_approval_leaves_the_objection_before_it_on_record() -> None:
    rules = one_stage({**TWO, "changes_quorum": 2})
    world = World(rules, roster({"validator": ("ben", "cho", "eve")}))
    world.decline("review", "validator", "ben")
    world.approve("review", "validator", "ben")
    _withdrawn(world, "review", "validator", "ben")
    (dissent,) = view(world.state).stages[0].dissents
    assert dissent.approved_since
    assert world.refused(_asked(world, "review", "validator", "ben")).code == "no-answer"


NOT_THEIRS = "You gave no answer as validator that could be taken back. Ben Ruiz answered; only they take it back."  # noqa: E501 - one sentence
REFUSED = [
    ("cho", {}, "no-answer", NOT_THEIRS),
    ("gus", {}, "no-answer", NOT_THEIRS),
    ("nobody", {}, "not-an-owner", None),
    ("ben", {"round": 2}, "unknown-signoff", None),
]


@pytest.mark.parametrize(("person", "given", "code", "sentence"), REFUSED)
def test_only_who_answered_takes_an_answer_back(
    person: str, given: dict[str, Any], code: str, sentence: str | None
) -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    refused = world.refused(_asked(world, "review", "validator", person, **given))
    assert refused.code == code
    assert sentence in {None, refused.reason}


def test_nobody_withdraws_the_approval_of_another_after_the_stage_is_approved() -> None:
    refused = (world := _approved()).refused(_asked(world, "validate", "validator", "hal"))
    assert refused.reason == (
        "You gave no answer as validator that could be taken back. "
        "Ben Ruiz and Cho Ruiz answered; only they take it back."
    )


def test_what_was_sent_back_is_not_taken_back() -> None:
    world = World(one_stage())
    world.decline("review", "validator", "ben")
    refused = world.refused(_asked(world, "review", "validator", "ben", round=1))
    assert refused.code == "other-revision"


def test_a_click_in_slack_takes_an_answer_back() -> None:
    linked = member("ben")
    linked = linked.model_copy(update={"identities": (*linked.identities, "slack:T1/U1")})
    people = roster(people=(linked, member("cho"), member("trainer", machine=True)))
    world = World(one_stage(TWO), people)
    world.approve("review", "validator", "ben")
    via = Via(surface="slack", team="T1", slack_user="U1")
    assert kinds(_withdrawn(world, "review", "validator", "", via=via)) == ["ApprovalWithdrawn"]


def test_somebody_who_left_the_role_still_takes_their_own_answer_back() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    world.people(roster({"validator": ("cho", "gus")}, number=2))
    assert kinds(_withdrawn(world, "review", "validator", "ben")) == ["ApprovalWithdrawn"]
