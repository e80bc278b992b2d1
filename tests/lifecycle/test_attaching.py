"""Evidence that people attach: who may, and under which names."""

from typing import Any

import pytest

from lifecycle.asked import Refused
from lifecycle.commands import Attach
from lifecycle.fact_values import Via
from lifecycle.facts import EvidenceAttached
from tests.lifecycle.definitions import one_stage
from tests.lifecycle.world import World

EVIDENCE: dict[str, Any] = {
    "evaluation": {"from": ["eval"]},
    "review": {"from": ["slack", "eval"]},
    "anything": {},
}
IN_SLACK = Via(surface="slack", team="T1", slack_user="U1")


def world() -> World:
    return World(one_stage(evidence=EVIDENCE), producers=("git:gus",))


def attached(where: World, person: str, name: str = "notes", **fields: Any) -> EvidenceAttached:
    weights = next(iter(where.state.artifacts.values())).digest
    given: dict[str, Any] = {
        "id": where._id(),
        "by": person,
        "person": person,
        "via": IN_SLACK,
        "name": name,
        "subject": weights,
        "verdict": "pass",
        "digest": "sha256:" + "7" * 64,
        "time": where.now,
        "source": "slack",
        "event_id": "T1/C1/1.1",
        **fields,
    }
    [fact, *_] = where.do(Attach.model_validate(given))
    assert isinstance(fact, EvidenceAttached)
    return fact


@pytest.mark.parametrize("person", ["gus", "ben"])
def test_who_made_it_or_holds_a_role_attaches_and_is_on_record(person: str) -> None:
    fact = attached(world(), person)
    assert (fact.evidence.by, fact.evidence.source, fact.via) == (person, "slack", IN_SLACK)


@pytest.mark.parametrize(("person", "code"), [("hal", "may-not-attach"), ("zoe", "not-an-owner")])
def test_who_takes_no_part_or_is_unknown_does_not(person: str, code: str) -> None:
    where = world()
    with pytest.raises(Refused) as refused:
        attached(where, person)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "reason"),
    [("evaluation", "is taken from eval"), ("anything", "comes from pipelines")],
)
def test_a_name_that_is_not_taken_from_people_is_refused(name: str, reason: str) -> None:
    where = world()
    with pytest.raises(Refused, match=reason) as refused:
        attached(where, "ben", name)
    assert refused.value.code == "not-taken-from-people"


def test_a_name_that_the_lifecycle_takes_from_slack_is_attached() -> None:
    assert attached(world(), "ben", "review").evidence.name == "review"


def test_an_account_that_nobody_is_known_behind_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        attached(world(), "", by="slack:T1/U1")
    assert refused.value.code == "not-an-owner"


def test_a_pipelines_evidence_is_its_keys_matter() -> None:
    fact = attached(world(), "", "anything", by="key:ci", via=Via(), source="ci")
    assert (fact.evidence.by, fact.via) == ("key:ci", Via())
    assert "via" not in fact.model_dump()
