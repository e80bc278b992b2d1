"""How long an approval stands, and what reopens or ends it."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import Retire, Supersede
from lifecycle.explain import explain
from lifecycle.instants import next_deadline
from lifecycle.projecting import view
from lifecycle.stage_facts import StageReopened
from tests.lifecycle.definitions import OTHER, classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
TRUST = {"valid_for": "180 days", "renew_before": "30 days"}


def _approved(**trust: Any) -> World:
    world = World(one_stage(trust={**TRUST, **trust}))
    world.approve("review", "validator", "ben")
    return world


def test_an_approval_lapses_and_closes_the_gate() -> None:
    world = _approved()
    assert world.gate().valid_until == START + 180 * DAY
    world.tick_until(START + 180 * DAY - timedelta(seconds=1))
    assert world.gate().allowed
    assert kinds(world.tick_until(START + 180 * DAY)) == ["StageLapsed"]
    assert world.gate().reasons == (
        "review: The approval lapsed at 2026-08-29 09:00 UTC; renew it.",
    )


def test_the_gate_is_closed_at_the_instant_even_before_the_tick() -> None:
    world = _approved()
    world.now = START + 180 * DAY
    assert not world.gate().allowed


def test_a_lapse_that_only_warns_leaves_the_gate_open() -> None:
    world = _approved(on_lapse="warn")
    world.tick_until(START + 200 * DAY)
    assert (world.status("review"), world.gate().allowed) == ("expired", True)


def test_only_deployed_bytes_are_renewed() -> None:
    world = _approved()
    world.deploy(OTHER)
    assert kinds(world.tick_until(START + 170 * DAY)) == []


def test_a_renewal_asks_everybody_anew_while_the_gate_stays_open() -> None:
    world = _approved()
    world.deploy()
    facts = world.tick_until(START + 150 * DAY)
    assert kinds(facts) == ["StageReopened", "OwnersAsked"]
    assert world.signoff("review", "validator").votes == ()
    assert world.gate().allowed
    world.approve("review", "validator", "cho")
    assert world.gate().valid_until == START + 330 * DAY
    assert [(a.person, a.round) for a in world.gate().approvals] == [("cho", 2)]


def test_a_renewal_that_nobody_answers_closes_the_gate_in_the_end() -> None:
    world = _approved()
    world.deploy()
    world.tick_until(START + 181 * DAY)
    assert world.status("review") == "asking"
    assert not world.gate().allowed
    world.approve("review", "validator", "ben")
    assert world.gate().allowed


def test_a_renewal_asks_anew_even_when_its_evidence_must_be_run_first() -> None:
    rules = one_stage(
        stage={"evidence": ["scan"]}, evidence={"scan": {"max_age": "7 days"}}, trust=TRUST
    )
    world = World(rules)
    world.attach("scan", digest="sha256:" + "1" * 64)
    world.approve("review", "validator", "ben")
    world.deploy()
    world.tick_until(START + 150 * DAY)
    assert (world.status("review"), world.gate().allowed) == ("collecting", True)
    world.attach("scan", digest="sha256:" + "1" * 64)
    assert (world.status("review"), world.gate().allowed) == ("asking", True)
    assert world.signoff("review", "validator").votes == ()
    world.tick_until(START + 158 * DAY)
    assert world.status("review") == "collecting"
    world.attach("scan", digest="sha256:" + "1" * 64)
    assert world.signoff("review", "validator").votes == ()
    world.approve("review", "validator", "ben")
    assert [a.round for a in world.gate().approvals] == [3]


def test_a_renewal_whose_bytes_change_closes_the_gate_at_once() -> None:
    world = _approved()
    world.deploy()
    world.tick_until(START + 150 * DAY)
    world.change(OTHER)
    assert not world.gate(OTHER).allowed
    assert str(world.state.status) == "in_review"


def test_a_renewal_whose_evidence_fails_closes_the_gate_at_once() -> None:
    rules = one_stage(stage={"evidence": ["scan"]}, evidence={"scan": {}}, trust=TRUST)
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.deploy()
    world.tick_until(START + 150 * DAY)
    world.attach("scan", verdict="fail")
    assert not world.gate().allowed


def test_a_renewal_under_a_rule_that_asks_one_more_role_closes_the_gate() -> None:
    asked = {"role": "security", "when": 'model.risk == "high"'}
    world = World(one_stage({"role": "validator"}, asked, trust=TRUST))
    world.approve("review", "validator", "ben")
    world.deploy()
    world.tick_until(START + 150 * DAY)
    assert world.gate().allowed
    world.people(roster(number=2, risk="high"))
    assert not world.gate().allowed


def test_a_renewal_can_be_sent_back() -> None:
    world = _approved()
    world.deploy()
    world.tick_until(START + 150 * DAY)
    world.decline("review", "validator", "ben")
    assert (world.status("review"), world.gate().allowed) == ("sent_back", False)


def test_a_deployment_seen_after_the_lapse_asks_for_renewal() -> None:
    world = _approved()
    world.tick_until(START + 181 * DAY)
    assert kinds(world.deploy()) == ["DeploymentObserved", "StageReopened", "OwnersAsked"]


def test_asking_for_review_renews_what_lapsed() -> None:
    world = _approved()
    world.tick_until(START + 181 * DAY)
    assert explain(world.state).summary == (
        "review: The approval lapsed; request review again to renew it."
    )
    assert kinds(world.request()) == ["ReviewRequested", "StageReopened", "OwnersAsked"]
    assert not world.gate().allowed
    world.approve("review", "validator", "ben")
    assert world.gate().allowed


def test_a_lead_as_long_as_the_trust_still_comes_to_rest() -> None:
    rules = one_stage(
        stage={"signoffs": [], "accountable": "security"},
        trust={"valid_for": "1 days", "renew_before": "2 days"},
    )
    world = World(rules)
    world.deploy()
    assert world.status("review") == "approved"
    assert next_deadline(world.state) == START + DAY
    world.tick_until(START + 5 * DAY)
    assert world.gate().allowed


def test_only_the_stages_to_renew_have_an_end() -> None:
    world = World(classic())
    world.approve_classic()
    ends = {n: s.standing.valid_until for n, s in world.state.stages.items() if s.standing}
    assert (ends["data"], ends["validate"]) == (None, START + 180 * DAY)


def _classic(risk: str = "high") -> World:
    world = World(classic(), roster(risk=risk))
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben")
    world.approve("validate", "validator", "cho")
    if risk == "high":
        world.approve("validate", "security", "dee")
    world.approve("release", "business_owner", "eve")
    assert world.gate().allowed
    return world


def test_a_drift_alert_asks_validators_anew_and_keeps_the_gate() -> None:
    world = _classic()
    world.alert("drift", "PSI 0.4")
    validator, security = world.stage("validate").signoffs.values()
    assert (validator.votes, [v.person for v in security.votes]) == ((), ["dee"])
    assert world.stage("validate").status == "asking"
    assert world.gate().allowed


def test_a_vulnerability_alert_asks_security_anew_and_closes_the_gate() -> None:
    world = _classic()
    world.alert("vulnerability")
    validator, security = world.stage("validate").signoffs.values()
    assert ([v.person for v in validator.votes], security.votes) == (["ben", "cho"], ())
    assert not world.gate().allowed
    world.approve("validate", "security", "dee")
    assert world.gate().allowed


def test_a_vulnerability_alert_closes_a_gate_that_an_open_round_kept() -> None:
    world = _classic()
    world.alert("drift")
    assert world.gate().allowed
    world.alert("vulnerability")
    assert not world.gate().allowed
    validator, security = world.stage("validate").signoffs.values()
    assert (validator.votes, security.votes) == ((), ())


def test_an_alert_that_no_rule_names_changes_nothing() -> None:
    world = _classic()
    assert kinds(world.alert("incident")) == ["AlertRaised"]
    assert world.gate().allowed


def test_an_alert_on_an_open_round_does_not_start_another() -> None:
    world = World(classic())
    world.evidence_arrives()
    world.approve("data", "data_steward", "ana")
    assert kinds(world.alert("vulnerability")) == ["AlertRaised"]
    assert world.stage("validate").round == 1


def test_an_alert_condition_that_fails_to_evaluate_reopens() -> None:
    reopen = [{"event": "alert.raised", "when": "alert.absent.deep == 1", "stage": "review"}]
    world = World(one_stage(reopen=reopen))
    world.approve("review", "validator", "ben")
    (_, reopened, *_) = world.alert("anything")
    assert isinstance(reopened, StageReopened)
    assert (reopened.gate, world.gate().allowed) == ("close", False)


def test_a_newer_version_supersedes_an_open_one() -> None:
    world = World(one_stage())
    facts = world.do(Supersede(id="newer", by_version="15"))
    assert kinds(facts) == ["VersionSuperseded"]
    assert world.stage("review").earlier["validator"].status == "void"
    assert world.explained() == "Version 15 asks for review in its place."
    assert next_deadline(world.state) is None


@pytest.mark.parametrize("case", ["deployed", "approved", "kept"])
def test_what_is_deployed_approved_or_kept_is_not_superseded(case: str) -> None:
    world = World(one_stage(supersede=case != "kept"))
    if case == "deployed":
        world.deploy()
    if case == "approved":
        world.approve("review", "validator", "ben")
    assert kinds(world.do(Supersede(id="newer", by_version="15"))) == ["NothingChanged"]


def test_retiring_ends_the_story_and_closes_the_gate() -> None:
    world = _approved()
    world.do(Retire(id="retire", by="key:ci", reason="Replaced."))
    assert world.gate().reasons[0].startswith("This version is retired")
    assert world.refused(Supersede(id="later", by_version="15")).code == "closed"
    assert world.wait(DAY * 900) == []


def test_a_renewal_that_nobody_answers_lapses_on_record_and_closes_the_gate() -> None:
    world = _approved()
    world.deploy()
    world.tick_until(START + 150 * DAY)
    assert "StageLapsed" in kinds(world.tick_until(START + 180 * DAY))
    assert world.status("review") == "asking"
    assert not world.gate().allowed
    assert "The approval before has lapsed." in world.explained()
    assert "StageLapsed" not in kinds(world.tick_until(START + 400 * DAY))
    world.approve("review", "validator", "cho")
    assert world.gate().allowed


def test_a_view_after_a_lapse_says_that_the_gate_is_closed() -> None:
    world = _approved()
    world.tick_until(START + 180 * DAY)
    (gate,) = view(world.state).gates
    assert not gate.allowed
