"""A year of a version in production: six stages, renewed again and again before they lapse."""

import time
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from lifecycle.commands import ObserveDeployment
from tests.workflows.office import WEIGHTS, Office, Version, kinds, troubles

STAGES = ("data", "build", "validate", "security", "legal", "release")
OWNERS = dict(zip(STAGES, (("ana", "ben"), ("cho",), ("ben", "cho"), ("dee",), ("ana",), ("cho",)),
                  strict=True))  # fmt: skip
YEAR: dict[str, Any] = {
    "lifecycle": "year",
    "calendar": {"zone": "Europe/Paris", "hours": "09:00-17:30", "holidays": "FR"},
    "roles": [*STAGES, "ciso"],
    "evidence": {"evaluation": {"from": ["eval"], "require": "value.auc >= 0.9"}},
    "escalations": {
        "standard": [{"after": "50%", "remind": "owners"}, {"after": "100%", "ask": "ciso"}]
    },
    "stages": [
        {
            "name": stage,
            "evidence": ["evaluation"] if stage == "validate" else [],
            "signoffs": [{"role": stage, "statement": f"I vouch for {stage}."}],
            "due": "5 business days",
            "escalate": "standard",
        }
        for stage in STAGES
    ],
    "gates": {"production": ["release"]},
    "trust": {"valid_for": "90 days", "renew_before": "45 days", "on_lapse": "close"},
}
MONTH = timedelta(days=365) / 12
APART = timedelta(seconds=10)
"""Between two signatures; so nobody asks while a run continues as new, see `skipping`.

What falls due of the stages is as far apart, so no run ends just when the timer it stops fires.
"""
SECONDS = 60
"""Measured: 11 on two cores that did much else."""


async def sign_everything(version: Version, skipping: WorkflowEnvironment) -> int:
    """Let the first who may sign each open request; give how many were signed."""
    signed = 0
    while True:
        view = await version.view()
        asked = [s for stage in view.stages for s in stage.signoffs if s.can_decide]
        if not asked:
            return signed
        for signoff in asked:
            await version.ask(version.decision(signoff, signoff.can_decide[0]))
            await skipping.sleep(APART)
            signed += 1


@pytest.mark.slow
async def test_a_year_of_six_stages_with_recertification_passes_in_seconds(
    engine: AsyncEngine, skipping: WorkflowEnvironment
) -> None:
    office = Office(engine, skipping.client)
    owners = {**OWNERS, "ciso": ("dee",)}
    version = office.version(await office.describe(YEAR, owners=owners))
    began = time.perf_counter()
    async with office.worker():
        await version.register()
        await version.request()
        await version.tell(version.evidence())
        await version.until(lambda view: view.stages[0].status == "asking")
        signed = await sign_everything(version, skipping)
        assert signed == len(STAGES)
        await version.ask(
            ObserveDeployment(id="seen", by="key:ci", digest=WEIGHTS, environment="production")
        )
        for _ in range(12):
            await skipping.sleep(MONTH)
            assert (await version.gate()).answer.allowed
            signed += await sign_everything(version, skipping)
        facts = await version.settled()
        runs = await version.runs()
        view = await version.view()
    took = time.perf_counter() - began
    print(f"a year in {took:.1f} s: {len(facts)} facts, {signed} signatures, {len(runs)} runs")  # noqa: T201 - measured
    assert took < SECONDS
    assert signed == sum(fact.kind == "SignedOff" for fact in facts)
    assert facts[-1].at - facts[0].at >= timedelta(days=330)
    for stage in STAGES:
        given = [f.at for f in facts if f.kind == "StageApproved" and f.stage == stage]
        assert len(given) >= 6
        assert all(after - before < timedelta(days=90) for before, after in pairwise(given))
    assert "StageLapsed" not in kinds(facts)
    assert "OwnersReminded" in kinds(facts)
    assert view.status == "approved"
    assert await office.is_intact()
    assert not troubles(runs)
