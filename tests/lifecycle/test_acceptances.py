"""The risk of a finding, accepted by a sign-off of its own."""

import pytest

from lifecycle.commands import RequestAcceptance
from lifecycle.facts import AnyFact
from lifecycle.projecting import view
from tests.lifecycle.definitions import OTHER, one_stage, roster
from tests.lifecycle.findings import DAY, RULE, closing, findings_world, open_finding
from tests.lifecycle.world import START, World, kinds


def _accept(world: World, finding: str = "1", person: str = "gus") -> list[AnyFact]:
    number = f"accept-{len(world.facts)}"
    return world.do(RequestAcceptance(id=number, by=person, person=person, finding=finding))


def test_the_risk_of_a_finding_is_accepted_by_a_signature_of_its_own() -> None:
    world = findings_world()
    open_finding(world)
    world.approve("review", "validator", "ben")
    assert kinds(_accept(world)) == ["AcceptanceRequested", "StageOpened", "OwnersAsked"]
    assert world.stage("finding.1").due == START + 3 * DAY
    assert view(world.state).findings[0].status == "acceptance_requested"
    assert not world.gate().allowed
    world.approve("finding.1", "ciso", "fay")
    assert (world.status("finding.1"), world.status("review")) == ("approved", "approved")
    assert view(world.state).findings[0].status == "accepted"
    assert world.gate().allowed


def test_other_bytes_void_the_acceptance() -> None:
    world = findings_world()
    open_finding(world)
    _accept(world)
    world.approve("finding.1", "ciso", "fay")
    world.approve("review", "validator", "ben")
    world.change(OTHER)
    assert world.status("finding.1") == "asking"
    world.approve("review", "validator", "ben")
    assert not world.gate(OTHER).allowed
    world.approve("finding.1", "ciso", "fay")
    assert world.gate(OTHER).allowed


def test_an_acceptance_that_is_declined_leaves_the_finding_in_the_way() -> None:
    world = findings_world()
    open_finding(world)
    world.approve("review", "validator", "ben")
    _accept(world)
    world.decline("finding.1", "ciso", "fay")
    assert not world.gate().allowed
    assert "OwnersAsked" in kinds(_accept(world))
    world.approve("finding.1", "ciso", "fay")
    assert world.gate().allowed


def test_closing_a_finding_ends_its_acceptance() -> None:
    world = findings_world()
    open_finding(world)
    _accept(world)
    world.do(closing("ben"))
    assert world.status("finding.1") == "waiting"
    assert str(world.stage("finding.1").earlier["ciso"].status) == "void"
    assert world.tick_until(START + 30 * DAY) == []


def test_an_acceptance_is_asked_once() -> None:
    world = findings_world()
    open_finding(world)
    _accept(world)
    command = RequestAcceptance(id="again", by="gus", person="gus", finding="1")
    assert world.refused(command).code == "asked"
    world.approve("finding.1", "ciso", "fay")
    assert world.refused(command).code == "accepted"


@pytest.mark.parametrize("finding", ["2", "x"])
def test_the_acceptance_of_an_unknown_finding_is_refused(finding: str) -> None:
    world = findings_world()
    open_finding(world)
    command = RequestAcceptance(id="a", by="gus", person="gus", finding=finding)
    assert world.refused(command).code == "unknown-finding"


def test_without_a_role_that_accepts_there_is_no_acceptance() -> None:
    world = World(one_stage(findings={"blocks": ["high"]}))
    open_finding(world)
    command = RequestAcceptance(id="a", by="gus", person="gus", finding="1")
    assert world.refused(command).code == "no-acceptance"


def test_a_producer_accepts_no_risk_of_their_own_version() -> None:
    people = roster({"validator": ("ben",), "ciso": ("fay", "gus")})
    world = World(one_stage(findings=RULE), people, producers=("git:fay",))
    open_finding(world)
    _accept(world, person="hal")
    assert world.signoff("finding.1", "ciso").asked == ("gus",)
    refused = world.refused(world.decision("finding.1", "ciso", "fay"))
    assert refused.code == "producer-may-not-sign"


def test_an_acceptance_that_lapses_is_in_the_way_again() -> None:
    world = findings_world(trust={"valid_for": "30 days"})
    open_finding(world)
    _accept(world)
    world.approve("finding.1", "ciso", "fay")
    world.now += 20 * DAY
    world.approve("review", "validator", "ben")
    assert world.gate().allowed
    world.tick_until(START + 30 * DAY)
    assert not world.gate().allowed
    assert "OwnersAsked" in kinds(_accept(world))
