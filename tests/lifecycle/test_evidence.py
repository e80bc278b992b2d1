"""When evidence counts."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.evidence import standing_of
from tests.lifecycle.definitions import OTHER, WEIGHTS, digest, one_stage
from tests.lifecycle.world import World, kinds

EVALUATED = one_stage(
    stage={"evidence": ["evaluation"]},
    evidence={"evaluation": {"from": ["evaluation"], "require": "value.auc >= 0.9"}},
)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "passed"),
        ({"value": {"auc": 1}}, "passed"),
        ({"value": {"auc": 0.9}}, "passed"),
        ({"value": {"auc": 0.89}}, "evaluation does not meet `value.auc >= 0.9`."),
        ({"value": {"auc": 0}}, "evaluation does not meet `value.auc >= 0.9`."),
        ({"value": {}}, "evaluation could not be judged by `value.auc >= 0.9`: "),
        ({"value": {"auc": "0.95"}}, "evaluation could not be judged by `value.auc >= 0.9`: "),
        ({"value": {"auc": None}}, "evaluation could not be judged by `value.auc >= 0.9`: "),
        ({"verdict": "fail"}, "evaluation failed; see its report."),
        ({"source": "laptop"}, "evaluation came from laptop; only evaluation counts."),
        ({"subject": OTHER}, "evaluation from evaluation is about other bytes"),
    ],
)
def test_evidence_is_met_only_when_everything_about_it_is_right(
    changes: dict[str, Any], why: str
) -> None:
    world = World(EVALUATED)
    world.attach("evaluation", **changes)
    judged = standing_of(world.state, "evaluation", world.now)
    assert judged.why.startswith(why)
    assert judged.is_met == (why == "passed")
    assert world.status("review") == ("asking" if judged.is_met else "collecting")


@pytest.mark.parametrize("require", ["1", "'yes'", "value.auc", "value", "evidence.other.verdict"])
def test_a_requirement_that_is_no_plain_true_is_not_met(require: str) -> None:
    rules = {"evaluation": {"require": require}}
    world = World(one_stage(stage={"evidence": ["evaluation"]}, evidence=rules))
    world.attach("evaluation")
    assert not standing_of(world.state, "evaluation", world.now).is_met


def test_evidence_that_has_not_arrived_is_named_with_its_source() -> None:
    judged = standing_of(World(EVALUATED).state, "evaluation", World(EVALUATED).now)
    assert judged.why == "evaluation from evaluation has not arrived."


def test_evidence_about_other_bytes_counts_once_the_bytes_are_those() -> None:
    world = World(EVALUATED)
    world.attach("evaluation", subject=OTHER)
    assert world.status("review") == "collecting"
    assert kinds(world.change(OTHER)) == ["ArtifactChanged", "OwnersAsked"]


def test_evidence_is_too_old_from_the_very_instant_of_its_age() -> None:
    rules = {"scan": {"max_age": "7 days"}}
    world = World(one_stage(stage={"evidence": ["scan"]}, evidence=rules))
    world.attach("scan", time=world.now)
    week = timedelta(days=7)
    assert standing_of(world.state, "scan", world.now + week - timedelta(seconds=1)).is_met
    judged = standing_of(world.state, "scan", world.now + week)
    assert (judged.is_met, judged.why) == (False, "scan is older than 7 days; run it again.")


def test_owners_are_not_asked_on_evidence_that_arrives_too_old() -> None:
    rules = {"scan": {"max_age": "7 days"}}
    world = World(one_stage(stage={"evidence": ["scan"]}, evidence=rules))
    world.attach("scan", time=world.now - timedelta(days=7))
    assert world.status("review") == "collecting"


def test_evidence_that_grows_old_while_owners_are_asked_ends_the_round() -> None:
    rules = {"scan": {"max_age": "7 days"}}
    world = World(one_stage(stage={"evidence": ["scan"]}, evidence=rules))
    world.attach("scan", time=world.now)
    facts = world.tick_until(world.now + timedelta(days=8))
    assert kinds(facts) == ["StageReopened"]
    assert world.explained() == "review: scan is older than 7 days; run it again."


def test_the_newest_result_counts_however_they_arrive() -> None:
    world = World(EVALUATED)
    world.attach("evaluation", verdict="fail", time=world.now)
    world.attach("evaluation", time=world.now - timedelta(hours=1))
    assert world.status("review") == "collecting"
    world.attach("evaluation", time=world.now + timedelta(seconds=1))
    assert world.status("review") == "asking"


def test_of_two_results_of_one_instant_the_order_of_arrival_does_not_matter() -> None:
    ends = []
    for order in (("a", "b"), ("b", "a")):
        world = World(EVALUATED)
        for event in order:
            world.attach("evaluation", event_id=event, value={"auc": 0.95, "event": event})
        ends.append(standing_of(world.state, "evaluation", world.now).evidence)
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0].id == ends[1].id == "b"


def test_a_result_of_another_source_does_not_stand_in_for_a_failed_one() -> None:
    world = World(EVALUATED)
    world.attach("evaluation", verdict="fail")
    world.attach("evaluation", source="laptop", time=world.now + timedelta(seconds=1))
    assert world.status("review") == "collecting"


def test_evidence_from_the_future_is_refused() -> None:
    world = World(EVALUATED)
    with pytest.raises(Exception, match="check the sender's clock"):
        world.attach("evaluation", time=world.now + timedelta(hours=1))


def test_an_artifact_without_digest_keeps_owners_from_being_asked() -> None:
    world = World(one_stage(), artifacts={"model": None})
    assert world.status("review") == "collecting"
    assert "Artifact model has no digest yet" in world.explained()
    assert kinds(world.change(WEIGHTS)) == ["ArtifactChanged", "OwnersAsked"]


def test_an_artifact_that_nobody_binds_to_may_stay_without_digest() -> None:
    asked = {"role": "validator", "binds": ["artifact.model"]}
    world = World(one_stage(asked), artifacts={"model": WEIGHTS, "notes": None})
    assert world.status("review") == "asking"


def test_evidence_about_any_current_artifact_counts() -> None:
    tokenizer = digest("tokenizer")
    world = World(EVALUATED, artifacts={"model": WEIGHTS, "tokenizer": tokenizer})
    world.attach("evaluation", subject=tokenizer)
    assert world.status("review") == "asking"


def test_a_stage_without_signoffs_is_approved_by_rules_alone() -> None:
    world = World(
        one_stage(
            stage={"signoffs": [], "accountable": "security", "evidence": ["scan"]},
            evidence={"scan": {}},
        )
    )
    assert kinds(world.attach("scan")) == ["EvidenceAttached", "StageApproved", "VersionApproved"]
    assert world.gate().allowed
    assert "StageReopened" in kinds(world.attach("scan", verdict="fail"))
    assert not world.gate().allowed
