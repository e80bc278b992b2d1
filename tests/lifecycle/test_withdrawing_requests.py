"""A request for review is taken back, and a new one goes on from there."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import RaiseAlert, Retire, Supersede, WithdrawRequest
from lifecycle.instants import next_deadline
from lifecycle.projecting import replay, view
from lifecycle.stage_facts import StageApproved
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, classic, one_stage, roster
from tests.lifecycle.world import START, World, kinds

DAY = timedelta(days=1)
TWO = {"role": "validator", "quorum": 2}


def withdraw(world: World, **given: Any) -> list[Any]:
    world.sent += 1
    return world.do(WithdrawRequest(id=f"withdraw-{world.sent}", **given))


def managed(world: World, reason: str = "") -> list[Any]:
    return withdraw(world, by="key:lead", scopes=("manager",), reason=reason)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ({"by": "gus", "person": "gus"}, True),  # asked for the review
        ({"by": "key:ci"}, False),
        ({"by": "ana", "person": "ana"}, True),  # answers for the open stage
        ({"by": "eve", "person": "eve"}, False),  # answers for one that is not open
        ({"by": "hal", "person": "hal"}, True),  # made the version
        ({"by": "key:1", "scopes": ("manager",)}, True),
        ({"by": "key:2", "scopes": ("admin", "owner")}, True),
        ({"by": "key:3", "scopes": ("auditor", "pipeline")}, False),
        ({"by": "slack", "person": ""}, False),
        ({}, False),
    ],
)
def test_who_may_withdraw_a_request(who: dict[str, Any], may: bool) -> None:
    world = World(classic(), producers=("git:hal",), is_requested=False)
    world.request("gus")
    if may:
        assert kinds(withdraw(world, **who)) == ["RequestWithdrawn"]
    else:
        assert world.refused(WithdrawRequest(id="w", **who)).code == "may-not-withdraw"


def test_the_principal_that_asked_may_withdraw() -> None:
    assert kinds(withdraw(World(classic()), by="key:ci")) == ["RequestWithdrawn"]


def test_a_slack_account_stands_for_its_person() -> None:
    people = roster()
    ana = people.people["ana"]
    linked = ana.model_copy(update={"identities": (*ana.identities, "slack:T1/U1")})
    known = people.model_copy(update={"people": {**people.people, "ana": linked}})
    world = World(classic(), known)
    via = {"surface": "slack", "team": "T1", "slack_user": "U1"}
    (fact,) = withdraw(world, via=via)
    assert fact.person == "ana"


def test_nothing_is_withdrawn_before_a_request_or_twice() -> None:
    world = World(classic(), is_requested=False)
    asked = WithdrawRequest(id="w", scopes=("admin",))
    assert world.refused(asked).code == "not-requested"
    world.request()
    managed(world)
    assert world.refused(asked).code == "already-withdrawn"


def test_a_withdrawn_request_ends_its_rounds_and_closes_its_gates() -> None:
    world = World(one_stage(TWO, stage={"due": "3 days"}))
    world.approve("review", "validator", "ben")
    managed(world, "We found a leak.")
    shown = view(world.state)
    assert (shown.status, shown.stages[0].status) == ("withdrawn", "waiting")
    (row,) = replay(MODEL, VERSION, world.facts).signoffs.values()
    assert (row.status, row.can_decide) == ("void", ())
    assert row.why == "key:lead withdrew the request for review: We found a leak."
    assert world.gate().reasons[0].startswith("This version is withdrawn: key:lead withdrew")
    assert "A new request goes on with it." in world.explained()
    assert not world.waited_for()
    assert next_deadline(world.state) is None
    assert world.wait(900 * DAY) == []
    assert world.refused(world.decision("review", "validator", "cho")).code == "withdrawn"


def test_a_new_request_resumes_with_the_approvals_that_still_bind_to_the_same() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    managed(world)
    facts = world.request()
    assert kinds(facts) == ["ReviewRequested", "StageOpened", "OwnersAsked"]
    assert world.stage("review").round == 2
    assert [vote.person for vote in world.signoff("review", "validator").votes] == ["ben"]
    assert kinds(world.approve("review", "validator", "cho"))[-1] == "VersionApproved"


def test_a_new_request_asks_anew_where_the_bytes_changed_meanwhile() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    managed(world)
    assert kinds(world.change(OTHER)) == ["ArtifactChanged"]
    world.request()
    assert world.signoff("review", "validator").votes == ()


def test_stages_that_stood_approved_stand_again_when_they_still_hold() -> None:
    world = World(classic())
    world.approve_classic()
    assert world.gate().allowed
    managed(world)
    assert not world.gate().allowed
    assert kinds(world.request()) == ["ReviewRequested", "VersionApproved"]
    assert world.gate().allowed


def test_a_stage_that_stood_and_changed_meanwhile_is_asked_again_on_resuming() -> None:
    world = World(classic())
    world.approve_classic()
    managed(world)
    world.attach("datasheet", digest=OTHER)
    world.request()
    assert world.status("data") == "asking"
    assert not world.gate().allowed


def test_a_signal_while_it_rests_is_not_forgotten_and_starts_no_clock() -> None:
    world = World(classic())
    world.approve_classic()
    managed(world)
    given = {"alert": "vulnerability", "source": "scan", "event_id": "v"}
    world.do(RaiseAlert(id="alert", by="key:ci", **given))
    assert world.wait(30 * DAY) == []
    world.request()
    assert world.stage("validate").standing is None
    assert world.stage("validate").evidence_due == world.now + 2 * DAY


def test_what_was_sent_back_is_ready_again_by_a_new_request() -> None:
    world = World(one_stage())
    world.decline("review", "validator", "ben")
    managed(world)
    world.request()
    assert world.status("review") == "asking"


def test_an_approval_that_lapsed_while_it_rested_is_renewed_on_resuming() -> None:
    world = World(classic())
    world.approve_classic()
    managed(world)
    world.now = START + 400 * DAY
    facts = world.request()
    assert "StageLapsed" in kinds(facts)
    assert world.status("release") == "asking"
    assert not world.gate().allowed


def test_withdrawing_during_a_renewal_closes_the_gate_and_resuming_opens_it() -> None:
    world = World(one_stage(trust={"valid_for": "180 days", "renew_before": "30 days"}))
    world.approve("review", "validator", "ben")
    world.deploy()
    world.tick_until(START + 151 * DAY)
    managed(world)
    assert not world.gate().allowed
    world.request()
    assert world.gate().allowed
    assert world.status("review") == "asking"
    world.approve("review", "validator", "cho")
    assert isinstance(world.facts[-1], StageApproved)


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_withdrawn_version_gives_way_to_a_newer_one(is_kept: bool) -> None:
    world = World(one_stage(supersede=not is_kept))
    managed(world)
    found = kinds(world.do(Supersede(id="newer", by_version="15")))
    assert found == (["NothingChanged"] if is_kept else ["VersionSuperseded"])
    assert world.state.is_closed is not is_kept


def test_a_superseded_version_closes_its_cards() -> None:
    world = World(one_stage(TWO))
    world.approve("review", "validator", "ben")
    world.do(Supersede(id="newer", by_version="15"))
    (row,) = replay(MODEL, VERSION, world.facts).signoffs.values()
    assert (row.status, row.can_decide) == ("void", ())
    assert row.why == "Version 15 asks for review in its place."


def test_a_version_on_registration_does_not_restart_by_itself() -> None:
    world = World(one_stage(start="on_registration"), is_requested=False)
    assert world.status("review") == "asking"
    managed(world)
    assert world.wait(DAY) == []
    assert world.state.is_withdrawn


def test_a_withdrawn_version_may_be_retired() -> None:
    world = World(one_stage())
    managed(world)
    world.do(Retire(id="end", reason="Never mind."))
    assert world.state.is_closed
