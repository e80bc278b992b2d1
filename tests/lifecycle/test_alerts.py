"""Alerts that must fire for a time, and alerts that go away before anybody was asked."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import RequestReview
from lifecycle.facts import AlertRaised
from lifecycle.instants import next_deadline
from lifecycle.lint import lint
from lifecycle.stage_facts import StageReopened
from lifecycle.trust_evolve import MOST_ALERTS
from tests.lifecycle.definitions import OTHER, one_stage, roster
from tests.lifecycle.world import START, World, kinds

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DRIFT: dict[str, Any] = {
    "event": "alert.raised",
    "when": 'alert.kind == "drift"',
    "stage": "review",
    "firing_for": "30 minutes",
}
LEAK: dict[str, Any] = {
    "event": "alert.raised",
    "when": 'alert.kind == "leak"',
    "stage": "review",
}


def _approved(*reopen: dict[str, Any], **changes: Any) -> World:
    world = World(one_stage(reopen=list(reopen or (DRIFT,)), **changes))
    world.approve("review", "validator", "ben")
    return world


def test_an_alert_reopens_once_it_has_fired_long_enough() -> None:
    world = _approved()
    (raised,) = world.alert("drift", "PSI 0.4")
    assert isinstance(raised, AlertRaised)
    assert next_deadline(world.state) == START + 30 * MINUTE
    assert world.tick_until(START + 29 * MINUTE) == []
    assert world.gate().allowed
    facts = world.tick_until(START + 30 * MINUTE)
    assert kinds(facts) == ["AlertPersisted", "StageReopened", "OwnersAsked", "VersionReopened"]
    assert not world.gate().allowed
    assert world.stage("review").history[-1].why == "drift alert: PSI 0.4"


def test_an_alert_that_is_resolved_in_time_reopens_nothing() -> None:
    world = _approved()
    world.alert("drift")
    world.now += 29 * MINUTE
    assert kinds(world.resolve("drift")) == ["AlertResolved"]
    assert next_deadline(world.state) is None
    assert world.tick_until(START + DAY) == []
    assert world.gate().allowed


def test_an_alert_resolved_late_counts_as_having_fired_even_before_the_tick() -> None:
    world = _approved()
    world.alert("drift")
    world.now += 31 * MINUTE
    assert "StageReopened" in kinds(world.resolve("drift"))
    assert not world.gate().allowed


def test_another_alert_of_the_same_kind_does_not_resolve_it() -> None:
    world = _approved()
    world.alert("drift", name="one")
    world.resolve("drift", name="two")
    assert "StageReopened" in kinds(world.tick_until(START + DAY))


def test_raising_it_again_does_not_begin_the_wait_anew() -> None:
    world = _approved()
    world.alert("drift")
    world.now += 20 * MINUTE
    world.alert("drift")
    assert next_deadline(world.state) == START + 30 * MINUTE


@pytest.mark.parametrize("status", ["asking", "registered"])
def test_what_is_not_approved_yet_is_not_reopened_by_an_alert_that_fires_on(status: str) -> None:
    world = World(one_stage(reopen=[DRIFT]), is_requested=status == "asking")
    world.alert("drift")
    assert kinds(world.tick_until(START + DAY)) == ["AlertPersisted"]
    assert next_deadline(world.state) is None


def test_only_the_named_roles_are_asked_anew_and_the_gate_stays() -> None:
    rules = one_stage(
        {"role": "validator"},
        {"role": "security"},
        reopen=[{**DRIFT, "roles": ["security"], "gate": "keep"}],
    )
    world = World(rules)
    world.approve("review", "validator", "ben")
    world.approve("review", "security", "dee")
    world.alert("drift")
    world.tick_until(START + DAY)
    assert [v.person for v in world.signoff("review", "validator").votes] == ["ben"]
    assert world.signoff("review", "security").votes == ()
    assert world.gate().allowed


def _collecting(*reopen: dict[str, Any]) -> World:
    """Give a version whose stage is reopened by a leak, and waits for a younger scan."""
    rules = one_stage(
        stage={"evidence": ["scan"]},
        evidence={"scan": {"max_age": "7 days"}},
        reopen=list(reopen or (LEAK,)),
    )
    world = World(rules)
    world.attach("scan", digest="sha256:" + "1" * 64)
    world.approve("review", "validator", "ben")
    world.now += 8 * DAY
    world.alert("leak")
    assert (world.status("review"), world.stage("review").round) == ("collecting", 2)
    assert not world.gate().allowed
    return world


def test_an_alert_resolved_before_anybody_was_asked_withdraws_what_it_reopened() -> None:
    world = _collecting()
    facts = world.resolve("leak")
    assert kinds(facts) == ["AlertResolved", "ReopeningWithdrawn", "VersionApproved"]
    stage = world.stage("review")
    assert (str(stage.status), stage.round, stage.history) == ("approved", 1, ())
    assert [v.person for v in stage.signoffs["validator"].votes] == ["ben"]
    assert world.gate().allowed
    assert world.gate().approvals[0].person == "ben"


def test_an_alert_resolved_after_people_were_asked_leaves_it_to_them() -> None:
    world = _approved(LEAK)
    world.alert("leak")
    assert world.status("review") == "asking"
    assert kinds(world.resolve("leak")) == ["AlertResolved"]
    assert not world.gate().allowed
    world.approve("review", "validator", "ben")
    assert world.gate().allowed


def test_people_who_were_asked_meanwhile_decide_even_when_the_round_is_open_again() -> None:
    world = _collecting()
    world.attach("scan", digest="sha256:" + "2" * 64)
    assert world.status("review") == "asking"
    world.tick_until(world.now + 8 * DAY)
    assert world.status("review") == "collecting"
    assert kinds(world.resolve("leak")) == ["AlertResolved"]
    assert not world.gate().allowed


@pytest.mark.parametrize("what", ["bytes", "failed scan"])
def test_what_changed_meanwhile_keeps_the_stage_reopened(what: str) -> None:
    world = _collecting()
    if what == "bytes":
        world.change(OTHER)
    else:
        world.attach("scan", verdict="fail")
    assert kinds(world.resolve("leak")) == ["AlertResolved"]
    assert world.status("review") == "collecting"


def test_another_alert_that_still_fires_keeps_the_stage_reopened() -> None:
    world = _collecting()
    world.alert("leak", name="second")
    assert kinds(world.resolve("leak")) == ["AlertResolved"]
    assert "ReopeningWithdrawn" in kinds(world.resolve("leak", name="second"))
    assert world.gate().allowed


def test_an_alert_that_closes_what_another_kept_open_gives_all_back_once_both_are_over() -> None:
    keep = {**LEAK, "when": 'alert.kind == "drift"', "gate": "keep"}
    rules = one_stage(
        stage={"evidence": ["scan"]},
        evidence={"scan": {"max_age": "7 days"}},
        reopen=[LEAK, keep],
    )
    world = World(rules)
    world.attach("scan", digest="sha256:" + "1" * 64)
    world.approve("review", "validator", "ben")
    world.now += 8 * DAY
    world.alert("drift", name="first")
    assert world.gate().allowed
    world.alert("leak", name="second")
    assert not world.gate().allowed
    world.resolve("drift", name="first")
    assert not world.gate().allowed
    world.resolve("leak", name="second")
    assert (world.gate().allowed, world.stage("review").round) == (True, 1)


def test_an_approval_that_lapsed_meanwhile_stands_again_only_until_it_lapses() -> None:
    rules = one_stage(
        stage={"evidence": ["scan"]},
        evidence={"scan": {"max_age": "7 days"}},
        reopen=[LEAK],
        trust={"valid_for": "9 days"},
    )
    world = World(rules)
    world.attach("scan")
    world.approve("review", "validator", "ben")
    world.now += 8 * DAY
    world.alert("leak")
    world.now += 2 * DAY
    assert "StageLapsed" in kinds(world.resolve("leak"))
    assert not world.gate().allowed


def test_the_next_round_after_a_withdrawn_one_has_its_own_id() -> None:
    world = _collecting()
    world.resolve("leak")
    world.attach("scan", digest="sha256:" + "1" * 64)
    world.alert("leak")
    assert (world.status("review"), world.signoff("review", "validator").round) == ("asking", 2)


def test_fifty_alerts_are_kept_and_one_more_to_wait_for_reopens_at_once() -> None:
    world = _approved()
    for number in range(MOST_ALERTS):
        assert "StageReopened" not in kinds(world.alert("drift", name=str(number)))
    assert "StageReopened" in kinds(world.alert("drift", name="last"))
    assert len(world.state.alerts) == MOST_ALERTS


def test_an_alert_that_was_let_go_of_no_longer_withdraws() -> None:
    world = _collecting()
    for number in range(MOST_ALERTS):
        world.alert("leak", name=str(number))
    for number in range(MOST_ALERTS):
        world.resolve("leak", name=str(number))
    assert world.status("review") == "collecting"


def test_edition_one_records_alerts_as_it_did() -> None:
    world = World(one_stage(reopen=[LEAK]), edition=1)
    world.approve("review", "validator", "ben")
    raised, reopened, *_ = world.alert("leak")
    assert isinstance(raised, AlertRaised)
    assert isinstance(reopened, StageReopened)
    assert "stages" not in raised.model_dump()
    assert "alert" not in reopened.model_dump()


def test_a_request_for_review_changes_nothing_about_a_wait() -> None:
    world = _approved()
    world.alert("drift")
    world.do(RequestReview(id="again", by="key:ci"))
    assert next_deadline(world.state) == START + 30 * MINUTE


def test_an_unowned_reopening_is_withdrawn_too() -> None:
    world = _approved(LEAK)
    world.people(roster({"validator": ()}, number=2))
    world.alert("leak")
    assert world.status("review") == "unowned"
    world.resolve("leak")
    assert world.status("review") == "approved"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({**DRIFT, "event": "base.voided"}, "fires for no time"),
        ({**DRIFT, "firing_for": "3 business hours"}, "needs working hours"),
    ],
)
def test_a_wait_that_cannot_work_is_found(rule: dict[str, Any], says: str) -> None:
    assert any(says in one.message for one in lint(one_stage(reopen=[rule])))
