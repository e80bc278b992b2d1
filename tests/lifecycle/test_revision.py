"""What a signature binds to, and what happens to it when that changes."""

from datetime import timedelta

import pytest

from lifecycle.stage_facts import StageReopened
from tests.lifecycle.definitions import CLASSIC, OTHER, WEIGHTS, classic, digest, one_stage, roster
from tests.lifecycle.world import World, kinds

TWO = {"role": "validator", "quorum": 2}


def _approved() -> World:
    world = World(classic())
    world.approve_classic()
    assert world.gate().allowed
    return world


def _reopened(world: World) -> list[tuple[str, str]]:
    return [(f.stage, f.reason) for f in world.facts if isinstance(f, StageReopened)]


def test_identical_evidence_again_changes_nothing() -> None:
    world = _approved()
    for name in ("datasheet", "evaluation", "vuln_scan"):
        facts = world.attach(name, time=world.now + timedelta(minutes=1))
        assert kinds(facts) == ["EvidenceAttached"]
    assert world.gate().allowed


def test_evidence_that_no_stage_names_changes_nothing() -> None:
    world = _approved()
    assert kinds(world.attach("carbon", value={"kg": 12})) == ["EvidenceAttached"]
    assert world.gate().allowed


def test_evidence_of_one_stage_does_not_touch_a_role_bound_to_another() -> None:
    world = World(classic())
    world.evidence_arrives()
    before = world.signoff("data", "data_steward").revision
    world.attach("evaluation", digest=OTHER)
    assert world.signoff("data", "data_steward").revision == before


def test_a_request_that_nobody_signed_moves_to_the_new_revision_in_its_round() -> None:
    world = World(one_stage(TWO))
    seen = world.signoff("review", "validator").revision
    assert kinds(world.change(OTHER)) == ["ArtifactChanged", "SignoffRevised"]
    signoff = world.signoff("review", "validator")
    assert (signoff.round, signoff.revision == seen) == (1, False)


def test_changed_bytes_void_the_votes_of_an_open_round_and_ask_again() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    assert kinds(world.change(OTHER)) == ["ArtifactChanged", "StageReopened", "OwnersAsked"]
    assert world.stage("review").earlier["validator"].status == "void"
    assert world.signoff("review", "validator").votes == ()
    world.approve("review", "validator", "ben")
    assert "StageApproved" in kinds(world.approve("review", "validator", "cho"))


@pytest.mark.parametrize("approve_both", [True, False])
def test_bytes_that_change_and_change_back_are_signed_anew(approve_both: bool) -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    if approve_both:
        world.approve("review", "validator", "cho")
    world.change(OTHER)
    world.change(WEIGHTS)
    assert world.status("review") == "asking"
    assert world.signoff("review", "validator").votes == ()


def test_bytes_that_change_and_change_back_while_evidence_is_awaited_are_signed_anew() -> None:
    rules = one_stage(TWO, stage={"evidence": ["scan"]}, evidence={"scan": {}})
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert world.stage("review").earlier["validator"].status == "void"
    world.change(WEIGHTS)
    assert world.status("review") == "asking"
    assert world.signoff("review", "validator").votes == ()


def test_a_role_that_approved_is_void_when_its_bytes_change_with_the_evidence() -> None:
    rules = one_stage(
        {"role": "validator"}, {"role": "security"},
        stage={"evidence": ["scan"]}, evidence={"scan": {}},
    )  # fmt: skip
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert {r: str(s.status) for r, s in world.stage("review").earlier.items()} == {
        "validator": "void", "security": "void"
    }  # fmt: skip


def test_the_earliest_affected_stage_is_the_one_that_is_worked_on() -> None:
    world = _approved()
    world.change(OTHER)
    assert not world.gate(OTHER).allowed
    assert _reopened(world)[0] == ("data", "changed")
    statuses = {name: str(stage.status) for name, stage in world.state.stages.items()}
    assert statuses == {"data": "collecting", "validate": "waiting", "release": "waiting"}
    assert world.state.status == "in_review"
    world.now += timedelta(minutes=1)
    for name in ("datasheet", "evaluation", "vuln_scan"):
        world.attach(name, subject=OTHER)
    world.approve("data", "data_steward", "ana")
    assert world.stage("data").round == world.stage("validate").round == 2
    world.approve("validate", "validator", "ben")
    world.approve("validate", "validator", "cho")
    world.approve("release", "business_owner", "eve")
    assert world.gate(OTHER).allowed
    assert not world.gate(WEIGHTS).allowed


def test_new_weights_alone_do_not_ask_a_role_that_binds_to_the_data() -> None:
    data = digest("data")
    world = World(classic(), artifacts={"data": data, "model": WEIGHTS})
    world.attach("datasheet", subject=data)
    world.attach("evaluation")
    world.attach("vuln_scan")
    world.approve("data", "data_steward", "ana")
    world.change(OTHER, "model")
    assert world.status("data") == "approved"
    assert world.status("validate") == "collecting"


def test_unaffected_roles_keep_their_approval_in_the_next_round() -> None:
    data = digest("data")
    rules = one_stage(
        {"role": "data_steward", "binds": ["artifact.data"]},
        {"role": "validator", "binds": ["artifact.model"]},
    )
    world = World(rules, artifacts={"data": data, "model": WEIGHTS})
    world.approve("review", "data_steward", "ana")
    world.approve("review", "validator", "ben")
    world.change(OTHER, "model")
    steward, validator = world.stage("review").signoffs.values()
    assert (str(steward.status), [v.person for v in steward.votes]) == ("approved", ["ana"])
    assert (str(validator.status), validator.votes) == ("pending", ())
    assert "StageApproved" in kinds(world.approve("review", "validator", "ben"))
    rounds = {a.role: a.round for a in world.gate(OTHER).approvals}
    assert rounds == {"data_steward": 1, "validator": 2}


def test_a_report_with_another_result_voids_what_was_signed_on_it() -> None:
    world = _approved()
    world.attach("evaluation", value={"auc": 0.99}, time=world.now + timedelta(seconds=1))
    assert world.status("validate") == "asking"
    assert not world.gate().allowed
    assert world.status("data") == "approved"


def test_evidence_that_fails_closes_the_stage_that_names_it() -> None:
    world = _approved()
    world.attach("vuln_scan", verdict="fail", time=world.now + timedelta(seconds=1))
    assert world.status("validate") == "collecting"
    assert not world.gate().allowed


def test_evidence_that_fails_closes_the_stage_even_when_no_role_binds_to_it() -> None:
    asked = {"role": "validator", "binds": ["artifact.model"]}
    world = World(one_stage(asked, stage={"evidence": ["scan"]}, evidence={"scan": {}}))
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.attach("scan", verdict="fail", time=world.now + timedelta(seconds=1))
    assert not world.gate().allowed
    facts = world.attach("scan", time=world.now + timedelta(seconds=2))
    assert kinds(facts)[-3:] == ["SignoffApproved", "StageApproved", "VersionApproved"]
    assert [a.person for a in world.gate().approvals] == ["ben"]


def test_evidence_that_grows_old_after_the_approval_changes_nothing() -> None:
    world = _approved()
    assert "StageReopened" not in kinds(world.tick_until(world.now + timedelta(days=100)))
    assert world.gate().allowed


def test_a_higher_risk_asks_one_more_role_and_keeps_the_others() -> None:
    world = _approved()
    world.people(roster(number=2, risk="high"))
    assert not world.gate().allowed
    validator, security = world.stage("validate").signoffs.values()
    assert [v.person for v in validator.votes] == ["ben", "cho"]
    assert str(security.status) == "pending"
    world.approve("validate", "security", "dee")
    assert world.gate().allowed


def test_a_lower_risk_asks_one_role_less() -> None:
    world = World(classic(), roster(risk="high"))
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.approve("validate", "validator", "cho")
    assert world.status("validate") == "asking"
    assert "StageApproved" in kinds(world.people(roster(number=2, risk="low")))
    assert [a.role for a in world.stage("validate").standing.approvals] == ["validator"]  # type: ignore[union-attr]  # it stands


def test_a_condition_that_fails_to_evaluate_asks_the_role() -> None:
    asked = {"role": "validator", "when": "model.absent.deep == 1"}
    assert World(one_stage(asked)).status("review") == "asking"


def test_the_same_digest_again_is_no_change() -> None:
    world = World(one_stage())
    assert kinds(world.change(WEIGHTS)) == ["NothingChanged"]


def test_which_artifact_changed_must_be_known() -> None:
    world = World(one_stage(), artifacts={"a": WEIGHTS, "b": OTHER})
    with pytest.raises(Exception, match="Name the artifact: a or b"):
        world.change(digest("c"))
    with pytest.raises(Exception, match="There is no artifact c"):
        world.change(digest("c"), "c")


def test_a_statement_is_part_of_what_is_signed() -> None:
    first = World(one_stage({"role": "validator", "statement": "I looked."}))
    second = World(one_stage({"role": "validator", "statement": "I looked twice."}))
    assert first.signoff("review", "validator").revision != (
        second.signoff("review", "validator").revision
    )


def test_revisions_of_two_roles_are_never_the_same() -> None:
    asked = [{"role": role, "statement": "I agree."} for role in ("validator", "security")]
    first, second = World(one_stage(*asked)).stage("review").signoffs.values()
    assert first.revision != second.revision


def test_stages_may_be_listed_before_what_they_need() -> None:
    data, validate, release = CLASSIC["stages"]
    release = {**release, "needs": ["validate"]}
    world = World(classic(stages=[release, validate, {**data, "needs": []}]))
    world.approve_classic()
    world.change(OTHER)
    assert world.status("data") == "collecting"
    assert {world.status("validate"), world.status("release")} == {"waiting"}
