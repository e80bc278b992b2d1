"""How long an approval stands by the model's risk, and what a base model's fall means."""

from datetime import timedelta

import pytest

from lifecycle.commands import VoidBase
from lifecycle.lint import lint
from lifecycle.trust_facts import BaseVoided
from tests.lifecycle.definitions import classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
TIERS = {
    "valid_for": "180 days",
    "renew_before": "30 days",
    "by_risk": {
        "high": {"valid_for": "60 days", "renew_before": "10 days"},
        "medium": {"valid_for": "120 days"},
        "low": {"valid_for": "365 days", "on_lapse": "warn"},
    },
}


def _approved(risk: str | None) -> World:
    world = World(one_stage(trust=TIERS), roster(risk=risk))
    world.approve("review", "validator", "ben")
    world.deploy()
    return world


@pytest.mark.parametrize(
    ("risk", "renewed", "valid"),
    [
        ("high", 50, 60),
        ("medium", 90, 120),  # the file's own lead
        ("low", 335, 365),
        ("critical", 150, 180),  # no tier: the file's own lengths
        (None, 150, 180),
    ],
)
def test_an_approval_stands_as_long_as_the_risk_says(
    risk: str | None, renewed: int, valid: int
) -> None:
    standing = _approved(risk).stage("review").standing
    assert standing is not None
    assert standing.renew_at == START + renewed * DAY
    assert standing.valid_until == START + valid * DAY


@pytest.mark.parametrize(("risk", "stays_open"), [("high", False), ("low", True)])
def test_a_lapse_closes_the_gate_or_warns_as_the_tier_says(risk: str, stays_open: bool) -> None:
    world = _approved(risk)
    world.tick_until(START + 400 * DAY)
    assert "StageLapsed" in kinds(world.facts)
    assert world.gate().allowed is stays_open


def test_a_risk_that_changes_is_for_the_next_approval() -> None:
    world = _approved("low")
    world.people(roster(number=2, risk="high"))
    assert world.status("review") == "approved"
    world.tick_until(START + 340 * DAY)
    world.approve("review", "validator", "cho")
    standing = world.stage("review").standing
    assert standing is not None
    assert (standing.valid_until, standing.on_lapse) == (START + 400 * DAY, "close")


def test_a_lapse_that_warned_still_warns_after_the_risk_rose() -> None:
    world = _approved("low")
    world.people(roster(number=2, risk="high"))
    world.tick_until(START + 370 * DAY)
    assert world.gate().allowed


def test_a_tier_renews_only_what_is_deployed() -> None:
    world = World(one_stage(trust=TIERS), roster(risk="high"))
    world.approve("review", "validator", "ben")
    assert kinds(world.tick_until(START + 70 * DAY)) == ["StageLapsed"]


@pytest.mark.parametrize(
    ("tier", "says"),
    [
        ({"valid_for": "20 days"}, "30 days is not shorter than 20 days"),
        ({"valid_for": "9 days", "renew_before": "9 days"}, "9 days is not shorter than 9 days"),
        ({"valid_for": "2 days", "renew_before": "1 days"}, "longer than the 2 days"),
        ({"valid_for": "2 business days", "renew_before": "1 days"}, "needs working hours"),
    ],
)
def test_a_tier_that_cannot_work_is_found(tier: dict[str, str], says: str) -> None:
    found = lint(one_stage(stage={"due": "3 days"}, trust={**TIERS, "by_risk": {"high": tier}}))
    assert any(says in one.message and one.severity == "error" for one in found)


BASE_REOPENS = [
    {"event": "base.voided", "when": 'alert.model == "foundation"', "stage": "validate",
     "roles": ["validator"], "gate": "close"},
]  # fmt: skip
VOIDED = VoidBase(id="voided", model="foundation", version="3", why="Its licence was withdrawn")


def _classic(**changes: object) -> World:
    world = World(classic(**changes))
    world.approve_classic()
    return world


def test_who_answers_for_what_stands_is_told_that_a_base_fell() -> None:
    world = _classic()
    (fact,) = world.do(VOIDED)
    assert isinstance(fact, BaseVoided)
    assert fact.told == ("ana", "ben", "cho", "eve")
    notice = world.state.notices[-1]
    assert (notice.kind, notice.people) == ("base_voided", fact.told)
    assert "foundation 3" in notice.text
    assert world.gate().allowed


def test_a_base_that_fell_reopens_what_the_lifecycle_names() -> None:
    world = _classic(reopen=BASE_REOPENS)
    world.do(VOIDED)
    assert world.status("validate") == "asking"
    assert world.signoff("validate", "validator").votes == ()
    assert not world.gate().allowed
    assert (
        "which this is built on, is no longer approved" in world.stage("validate").history[-1].why
    )


def test_another_base_reopens_nothing() -> None:
    world = _classic(reopen=BASE_REOPENS)
    assert kinds(world.do(VOIDED.model_copy(update={"model": "embeddings"}))) == ["BaseVoided"]
    assert world.gate().allowed


def test_an_alert_meets_no_rule_for_bases() -> None:
    world = _classic(reopen=[{"event": "base.voided", "stage": "validate"}])
    assert kinds(world.alert("drift")) == ["AlertRaised"]


def test_nobody_is_told_while_nothing_stands_approved() -> None:
    world = World(classic())
    (fact,) = world.do(VOIDED)
    assert isinstance(fact, BaseVoided)
    assert (fact.told, world.state.notices) == ((), ())


def test_the_same_message_again_tells_nobody_twice() -> None:
    world = _classic()
    world.do(VOIDED)
    assert world.do(VOIDED) == []
