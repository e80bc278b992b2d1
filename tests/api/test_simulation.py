"""A lifecycle is tried with lives on record and with drawn years, through the core itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.simulation.observing import observed
from api.simulation.past import script_of
from api.simulation.report import Report, quantile
from api.simulation.trying import try_past, try_year, working_time
from api.simulation.year import roster_for, value_for
from integrations.database.lives import Life
from integrations.documents import parse_documents
from lifecycle.definition import Lifecycle
from tests.lifecycle.definitions import CLASSIC, MODEL, classic, roster
from tests.lifecycle.world import World

TEMPLATES = Path(__file__).parents[2] / "lifecycle" / "templates"


def without_trust(**changes: Any) -> Lifecycle:
    return classic(**{"trust": None, **changes})


def life(version: str = "14", definition: Lifecycle | None = None, **given: Any) -> Life:
    """Live a classic version to its approval, each answer some hours after the last."""
    world = World(definition or without_trust(), **given)
    world.evidence_arrives()
    for stage, role, person in (
        ("data", "data_steward", "ana"),
        ("validate", "validator", "ben"),
        ("validate", "validator", "cho"),
        ("release", "business_owner", "eve"),
    ):
        world.wait(timedelta(hours=3))
        world.approve(stage, role, person)
    return MODEL, version, world.facts


def tried(definition: Lifecycle, *lives: Life) -> Report:
    return try_past(lives, definition, seed=1, source="Some.")


def test_the_same_lifecycle_changes_nothing() -> None:
    report = tried(without_trust(), life())
    assert report.before == report.after
    assert report.after.p50 == timedelta(hours=12)
    assert not report.newly_asked
    assert not report.no_longer_asked


def test_another_role_is_newly_asked_and_takes_its_time() -> None:
    data, validate, release = CLASSIC["stages"]
    everyone = [{k: v for k, v in s.items() if k != "when"} for s in validate["signoffs"]]
    changed = without_trust(stages=[data, {**validate, "signoffs": everyone}, release])
    report = tried(changed, life())
    assert report.before is not None
    assert report.newly_asked == {"dee": 1}
    assert report.after.approved == 1
    assert report.after.p50 is not None
    assert report.after.p50 >= timedelta(hours=12)
    assert [load.role for load in report.after.load if load.role == "security"] == ["security"]


def test_an_answer_that_other_rules_refuse_is_counted_with_its_sentence() -> None:
    strict = without_trust()
    given = life(definition=without_trust(separation={"never": ["producer"]}), requester="eve")
    report = tried(strict, given)
    assert report.before is not None
    assert report.before.approved == 1
    assert report.after.approved == 0
    assert report.after.stuck or report.after.refused
    assert report.no_longer_asked["eve"] >= 1


def test_an_answer_that_nobody_asks_for_any_more_is_counted() -> None:
    data, validate, release = CLASSIC["stages"]
    one = [{**validate["signoffs"][0], "quorum": 1}]
    changed = without_trust(stages=[data, {**validate, "signoffs": one}, release])
    report = tried(changed, life())
    assert report.after.approved == 1
    assert report.after.not_asked == 1
    assert report.after.p50 == timedelta(hours=9)


def test_a_version_without_people_has_no_script() -> None:
    world = World(without_trust())
    registered = [fact for fact in world.facts if fact.kind == "VersionRegistered"]
    assert script_of(MODEL, "14", registered) is None


def test_a_year_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    people = roster_for(classic(), None, {})
    first, again, other = (
        try_year(classic(), None, people, versions=30, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first.after.versions == first.after.approved == 30
    assert first.after.asked != other.after.asked or first.after.p50 != other.after.p50


def test_a_year_under_two_lifecycles_differs_by_what_differs_in_them() -> None:
    faster = without_trust(stages=CLASSIC["stages"][:1], gates={"production": ["data"]}, reopen=[])
    report = try_year(
        faster, without_trust(), roster_for(without_trust(), None, {}), versions=40, seed=3
    )
    assert report.before is not None
    assert report.before.p50 is not None
    assert report.after.p50 is not None
    assert report.after.p50 < report.before.p50
    assert "validator-1" in report.no_longer_asked


def test_a_version_that_is_never_approved_says_what_it_waits_for() -> None:
    strict = without_trust(evidence={**CLASSIC["evidence"], "datasheet": {"from": ["nobody"]}})
    report = tried(strict, life())
    assert report.after.approved == 0
    (sentence,) = report.after.stopped
    assert "datasheet came from training; only nobody counts." in sentence


@pytest.mark.parametrize("name", ["classic-ml", "genai-application", "model-platform"])
def test_a_year_of_a_template_comes_to_approvals(name: str) -> None:
    file = TEMPLATES / f"{name}.yaml"
    (document,) = parse_documents(file.read_bytes(), name=name)
    lifecycle = Lifecycle.model_validate(document.data)
    report = try_year(lifecycle, None, roster_for(lifecycle, None, {}), versions=5, seed=1)
    assert report.after.approved == 5, report.after.stopped


@pytest.mark.parametrize(
    ("require", "value"),
    [
        (None, {}),
        ("value.auc >= 0.9", {"auc": 0.9}),
        ("value.auc > 0.9 && value.drift < 2", {"auc": 1.9, "drift": 1.0}),
        ("value.ok == true", {"ok": True}),
        ("model.risk == 'high'", {}),
    ],
)
def test_drawn_evidence_meets_plain_conditions(require: str | None, value: dict[str, Any]) -> None:
    assert value_for(require) == value


def test_the_calendar_is_resolved_once_a_quarter() -> None:
    world = World(classic())
    first = working_time(classic(), world.now)
    assert first is working_time(classic(), world.now + timedelta(days=20))
    assert first is not working_time(classic(), world.now + timedelta(days=95))


def test_quantiles_are_of_the_nearest_rank() -> None:
    times = [timedelta(hours=n) for n in range(1, 11)]
    assert quantile(times, 50) == timedelta(hours=5)
    assert quantile(times, 90) == timedelta(hours=9)
    assert quantile([], 50) is None


def test_figures_of_a_life_are_counted_from_its_facts() -> None:
    _, _, facts = life()
    seen = observed(facts)
    assert seen.to_approval == timedelta(hours=12)
    assert seen.answered["validate", "validator", "ben"] == 1
    assert seen.asked["validate", "validator", "cho"] == 1
    assert roster().owners["validator"] == ("ben", "cho")
