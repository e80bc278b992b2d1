"""What a version takes of its surroundings: the definition at its request, the version before."""

from datetime import timedelta
from typing import Any

from lifecycle.calendars import WorkingTime
from lifecycle.canonical import digest_of
from lifecycle.commands import Prepare, WithdrawRequest
from lifecycle.earlier import approvals_of
from lifecycle.fact_values import EarlierApproval, Previous
from lifecycle.state import EDITION, Finding
from tests.lifecycle.definitions import OTHER, classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

LATER = one_stage({"role": "security"})
BEFORE = Previous(
    version="13",
    approvals=(
        EarlierApproval(
            signoff="fraud-scorer:13:review:1:validator",
            stage="review",
            role="validator",
            statement="I vouch as validator.",
            binding={"statement": OTHER},
            votes=(),
        ),
    ),
)


def test_the_newest_file_applies_until_somebody_asks_for_review() -> None:
    world = World(one_stage(), is_requested=False)
    assert kinds(world.do(Prepare(definition=LATER, edition=EDITION))) == ["LifecyclePinned"]
    world.request()
    assert list(world.stage("review").signoffs) == ["security"]
    assert world.do(Prepare(definition=one_stage(), edition=EDITION)) == []
    assert world.state.lifecycle_digest == LATER.digest


def test_the_same_file_is_not_pinned_again() -> None:
    world = World(one_stage(), is_requested=False)
    assert world.do(Prepare(definition=one_stage(), edition=EDITION)) == []


def test_a_version_of_the_first_edition_takes_the_newer_rules_at_its_request() -> None:
    world = World(one_stage(), is_requested=False)
    world.state = world.state.model_copy(update={"edition": 1})
    assert kinds(world.do(Prepare(definition=one_stage(), edition=2))) == ["LifecyclePinned"]
    assert world.state.edition == 2


def test_the_working_time_of_another_calendar_goes_with_its_definition() -> None:
    def of(zone: str) -> dict[str, Any]:
        definition = classic(calendar={"zone": zone})
        assert definition.calendar is not None
        working = WorkingTime(
            calendar=digest_of(definition.calendar.model_dump(mode="json")),
            since=START, until=START + timedelta(days=400), day_minutes=480, opens=(), closes=(),
        )  # fmt: skip
        return {"definition": definition, "working": working, "edition": EDITION}

    world = World(one_stage(), is_requested=False)
    assert kinds(world.do(Prepare(**of("Europe/Paris")))) == ["LifecyclePinned", "CalendarResolved"]
    assert kinds(world.do(Prepare(**of("Asia/Tokyo")))) == ["LifecyclePinned", "CalendarResolved"]
    world.do(Prepare(definition=one_stage(), edition=EDITION))
    assert world.state.working is None


def test_the_version_before_is_taken_once_and_only_before_a_review() -> None:
    world = World(one_stage(), is_requested=False)
    assert kinds(world.do(Prepare(previous=BEFORE))) == ["PreviousRead"]
    assert world.do(Prepare(previous=BEFORE)) == []
    assert world.state.previous == BEFORE
    world.request()
    assert world.do(Prepare(previous=Previous(version="12"))) == []
    world.do(WithdrawRequest(id="w", by="key:ci"))
    assert kinds(world.do(Prepare(previous=Previous(version="")))) == ["PreviousRead"]
    assert world.do(Prepare(previous=Previous(version=""))) == []


def test_that_there_is_no_version_before_is_no_news() -> None:
    world = World(one_stage(), is_requested=False)
    assert world.do(Prepare(previous=Previous(version=""))) == []


def test_nothing_is_read_of_the_version_before_under_the_first_edition() -> None:
    world = World(one_stage(), is_requested=False)
    world.state = world.state.model_copy(update={"edition": 1})
    assert world.do(Prepare(previous=BEFORE)) == []


def test_what_stands_is_given_with_what_it_binds_to_even_while_it_is_renewed() -> None:
    world = World(classic())
    world.evidence_arrives()
    assert approvals_of(world.state) == Previous(version="")
    world.approve("data", "data_steward", "ana")
    world.approve("validate", "validator", "ben", comment="x" * 900)
    world.approve("validate", "validator", "cho")
    world.approve("release", "business_owner", "eve")
    found = approvals_of(world.state)
    assert [(a.stage, a.role) for a in found.approvals] == [
        ("data", "data_steward"), ("validate", "validator"), ("release", "business_owner"),
    ]  # fmt: skip
    validator = found.approvals[1]
    assert validator.signoff == "fraud-scorer:14:validate:1:validator"
    assert set(validator.binding) == {
        "statement", "artifact model", "evidence evaluation", "evidence vuln_scan"
    }  # fmt: skip
    assert [v.person for v in validator.votes] == ["ben", "cho"]
    assert len(validator.votes[0].comment) == 300
    world.alert("drift")
    assert world.status("validate") != "approved"
    assert approvals_of(world.state).approvals[1].binding == validator.binding
    world.people(roster(number=9, risk="high"))
    assert approvals_of(world.state) == Previous(version="")


def test_what_a_finding_owes_outlives_another_definition() -> None:
    accepted = {"findings": {"accepted_by": "ciso"}}
    world = World(one_stage(**accepted), is_requested=False)
    found = Finding(
        id="1", title="Leaks.", severity="high", opened_at=START, acceptance_requested=True
    )
    world.state = world.state.model_copy(update={"findings": {"1": found}})
    other = one_stage({"role": "security"}, **accepted)
    world.do(Prepare(definition=other, edition=EDITION))
    assert list(world.state.stages) == ["review", "finding.1"]
    world.do(Prepare(definition=LATER, edition=EDITION))
    assert list(world.state.stages) == ["review"]
