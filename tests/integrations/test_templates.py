"""The shipped templates: what they say checks out, and people can take a version through them."""

from pathlib import Path
from typing import Any

import pytest

from api.cli.documents import Documents, read_documents
from integrations.templates import NAMES, is_overlay, starting_text, summary, template_text
from lifecycle.commands import Refused, TakeTurn
from lifecycle.definition import Lifecycle
from lifecycle.queueing import is_queued
from lifecycle.roster import Member, ModelFile, PersonFile, Roster
from lifecycle.state import SignoffStatus, StageStatus
from tests.lifecycle.definitions import WEIGHTS
from tests.lifecycle.world import World

TEMPLATES = Path(__file__).parents[2] / "lifecycle" / "templates"
ALONE = [name for name in NAMES if not is_overlay(name)]
VALUES: dict[str, dict[str, Any]] = {
    "evaluation": {"auc": 0.95},
    "fairness": {"worst_group_gap": 0.05},
    "evals": {"task_success": 0.9, "groundedness": 0.95},
    "regression": {"worse_cases": 0},
    "content_safety": {"harmful_rate": 0.0},
    "jailbreaks": {"success_rate": 0.01},
    "provenance": {"slsa_level": 3},
    "load_test": {"p99_ms": 200, "error_rate": 0.0},
    "dangerous_evals": {"over_threshold": 0},
    "parallel_run": {"mismatches": 0},
}
"""What the templates' `require` asks of evidence."""


def _set(place: Path, name: str, *, base: str = "") -> Documents:
    """Read a starting set as `undersigned init` writes it."""
    texts = {"people": starting_text("people"), "model": starting_text(f"{name}.model")}
    overlay = starting_text(f"{name}.lifecycle") if is_overlay(name) else template_text(name)
    texts["lifecycle"] = overlay.replace("[classic-ml,", f"[{base},") if base else overlay
    paths = [place / f"{part}.yaml" for part in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return read_documents(paths, are_all=True)


def _roster(people: dict[str, PersonFile], model: ModelFile) -> Roster:
    members = {
        name: Member(id=name, name=one.name or name, manager=one.manager, machine=one.machine,
                     identities=one.identities)
        for name, one in people.items()
    }  # fmt: skip
    return Roster(
        number=1, model=model.model, layer=model.layer, risk=model.risk, owners=model.owners,
        people=members,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_starting_set_has_nothing_to_say_about(name: str, tmp_path: Path) -> None:
    found = _set(tmp_path, name)
    assert [str(remark) for remark in found.remarks] == []
    assert (len(found.lifecycles), len(found.models)) == (1, 1)


@pytest.mark.parametrize("base", ALONE)
def test_the_overlay_for_the_eu_lies_over_every_other_template(base: str, tmp_path: Path) -> None:
    found = _set(tmp_path, "eu-ai-act-high-risk", base=base)
    at_fault = [r for r in found.remarks if "lifecycle.yaml" in r.where]
    assert at_fault == []
    ((_, lifecycle),) = found.lifecycles.values()
    needed = lifecycle.needs_of("release")
    assert {"conformity", "risk-management", "rights-impact", "validate"} <= set(needed)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_what_it_is_and_has_a_guide_that_names_every_stage(name: str) -> None:
    head = template_text(name).partition("\nlifecycle:")[0].partition("\noverlay:")[0]
    assert "A starting point, not legal advice." in head
    assert len(summary(name)) <= 120
    guide = (TEMPLATES / f"{name}.md").read_text(encoding="utf-8")
    assert "A starting point, not legal advice" in guide
    stages = [
        line.split()[-1] for line in template_text(name).splitlines()
        if line.startswith("  - name: ")
    ]  # fmt: skip
    assert [stage for stage in stages if f"`{stage}`" not in guide] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_of_a_template_names_its_source(name: str) -> None:
    above = ""
    for line in (
        template_text(name).partition("\nstages:\n")[2].partition("\ngates:")[0].splitlines()
    ):
        if line.startswith("  - name: ") and not line.endswith(" release"):
            assert "Source: " in above, line
        above = above + line if line.startswith("  #") else line


@pytest.mark.parametrize("name", NAMES)
def test_people_take_a_version_through_the_template_to_an_open_gate(
    name: str, tmp_path: Path
) -> None:
    found = _set(tmp_path, name)
    ((_, lifecycle),) = found.lifecycles.values()
    ((_, model),) = found.models.values()
    people = {one: file for one, (_, file) in found.people.items()}
    world = World(
        lifecycle,
        _roster(people, model),
        producers=("mlflow:svc-train",),
        commit_authors=("git:gil-a",),
        artifacts=_artifacts(lifecycle),
    )
    for evidence, rule in lifecycle.evidence.items():
        value = {**VALUES.get(evidence, {}), **({"findings": []} if rule.findings else {})}
        world.attach(evidence, value=value, source=next(iter(rule.sources), "ci"))
    for _ in lifecycle.stages:
        _answer_everything(world, list(people))
        for stage in [s for s in world.state.stages.values() if is_queued(s)]:
            world.do(TakeTurn(stage=stage.name))
    assert {s: world.status(s) for s in world.state.stages} == {
        stage.name: StageStatus.APPROVED for stage in lifecycle.stages
    }
    assert all(world.gate(gate=gate).allowed for gate in lifecycle.gates)


def _artifacts(lifecycle: Lifecycle) -> dict[str, str | None]:
    """Give the artifacts that something binds to, or one; the bytes are the same everywhere."""
    bound = [
        item.removeprefix("artifact.")
        for stage in lifecycle.stages for signoff in stage.signoffs
        for item in signoff.binds or () if item.startswith("artifact.")
    ]  # fmt: skip
    return dict.fromkeys(bound or ["model"], WEIGHTS)


def _answer_everything(world: World, people: list[str]) -> None:
    """Let whoever may approve what is asked; who may not is refused."""
    for name, stage in list(world.state.stages.items()):
        if stage.status == StageStatus.ASKING:
            for role in list(stage.signoffs):
                for person in people:
                    if world.signoff(name, role).status == SignoffStatus.PENDING:
                        _approve(world, name, role, person)


def _approve(world: World, stage: str, role: str, person: str) -> None:
    try:
        world.approve(stage, role, person)
    except Refused:
        return
