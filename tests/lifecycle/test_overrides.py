"""Break-glass: who may open a gate, for how long, who reviews it, and what if nobody does."""

from datetime import timedelta
from typing import Any

import pytest

from lifecycle.commands import (
    EndOverride,
    OpenFinding,
    OverrideGate,
    RequestAcceptance,
    Retire,
    WithdrawRequest,
)
from lifecycle.explain import explain
from lifecycle.facts import AnyFact
from lifecycle.instants import next_deadline
from lifecycle.overriding import MOST_OVERRIDES
from lifecycle.projecting import view
from lifecycle.roster import Roster
from lifecycle.stage_facts import OwnersAsked
from lifecycle.trust_facts import GateOverridden, TrustSuspended
from tests.lifecycle.definitions import OTHER, WEIGHTS, one_stage, roster
from tests.lifecycle.world import START, World, kinds

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULE: dict[str, Any] = {
    "roles": ["ciso", "security"],
    "at_most": "4 hours",
    "review": {"role": "security", "statement": "I reviewed this override.", "due": "3 days"},
}
OWNERS = {"validator": ("ben",), "security": ("dee", "eve"), "ciso": ("fay",)}


def _world(
    people: Roster | None = None, *, producers: Any = ("git:trainer",), **more: Any
) -> World:
    return World(one_stage(override=RULE, **more), people or roster(OWNERS), producers=producers)


def _command(person: str = "fay", **changes: Any) -> OverrideGate:
    given = {"gate": "production", "reason": "Fraud wave: the old model misses it.", "hours": 2}
    return OverrideGate.model_validate(
        {"id": f"override-{person}", "by": person, "person": person, **given, **changes}
    )


def _override(world: World, person: str = "fay", **changes: Any) -> list[AnyFact]:
    return world.do(_command(person, id=f"override-{len(world.facts)}", **changes))


def test_an_override_opens_the_gate_loudly_for_its_hours() -> None:
    world = _world()
    facts = _override(world)
    assert kinds(facts) == ["GateOverridden", "StageOpened", "OwnersAsked"]
    reply = world.gate()
    assert reply.allowed
    assert reply.reasons[0] == (
        "OVERRIDE 1: Fay Ruiz (ciso) opened production until 2026-03-02 11:00 UTC: "
        "Fraud wave: the old model misses it."
    )
    assert reply.reasons[1].startswith("Overridden: review: validator:")
    assert reply.override is not None
    assert (reply.override.person, reply.valid_until) == ("fay", START + 2 * HOUR)
    world.now += 2 * HOUR
    assert not world.gate().allowed


def test_an_override_ends_on_record() -> None:
    world = _world()
    _override(world)
    assert next_deadline(world.state) == START + 2 * HOUR
    assert kinds(world.tick_until(START + 2 * HOUR)) == ["OverrideEnded"]
    assert view(world.state).overrides[0].is_over


def test_it_is_for_the_bytes_of_then() -> None:
    world = _world()
    _override(world)
    world.change(OTHER)
    assert not world.gate(OTHER).allowed
    assert not world.gate(WEIGHTS).allowed


def test_it_is_for_one_gate() -> None:
    world = _world(gates={"production": ["review"], "staging": ["review"]})
    _override(world)
    assert not world.gate(gate="staging").allowed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"person": "ben", "by": "ben"}, "not-an-owner"),
        ({"person": "stranger", "by": "stranger"}, "not-an-owner"),
        ({"person": "", "by": "key:x", "scopes": ["admin"]}, "not-an-owner"),
        ({"gate": "nowhere"}, "unknown-gate"),
        ({"reason": "  "}, "reason-required"),
        ({"hours": 5}, "too-long"),
    ],
)
def test_who_and_what_may_not_override_is_told_why(changes: dict[str, Any], code: str) -> None:
    assert _world().refused(_command(**changes)).code == code


@pytest.mark.parametrize(
    ("producers", "requester", "code"),
    [(("git:fay",), None, "producer-may-not-sign"), ((), "fay", "requester-may-not-sign")],
)
def test_duties_stay_separated_in_an_emergency(
    producers: tuple[str, ...], requester: str | None, code: str
) -> None:
    world = _world(producers=producers or ("git:trainer",))
    if requester:
        world.request(requester)
    assert world.refused(_command()).code == code
    assert kinds(_override(world, "dee"))[0] == "GateOverridden"


def test_who_made_themselves_the_role_does_not_override() -> None:
    world = _world(roster(OWNERS, given_by={"ciso": {"fay": "fay"}}))
    assert world.refused(_command()).code == "self-assigned"


def test_without_override_in_the_file_nobody_overrides() -> None:
    assert World(one_stage(), roster(OWNERS)).refused(_command()).code == "no-override"


def test_bytes_that_nobody_knows_are_not_let_through() -> None:
    world = World(one_stage(override=RULE), roster(OWNERS), artifacts={"model": None})
    assert world.refused(_command()).code == "unknown-bytes"


def test_a_version_that_nobody_asked_a_review_of_may_be_overridden_and_is_reviewed() -> None:
    world = World(one_stage(override=RULE), roster(OWNERS), is_requested=False)
    _override(world)
    assert world.gate().allowed
    assert world.status("override.1") == "asking"
    world.tick_until(START + 3 * DAY)
    assert str(world.state.status) == "suspended"
    world.request()
    world.approve("override.1", "security", "dee")
    assert str(world.state.status) == "in_review"


@pytest.mark.parametrize("how", ["withdrawn", "retired"])
def test_a_version_that_is_over_is_not_overridden(how: str) -> None:
    world = _world()
    _override(world)
    if how == "withdrawn":
        world.do(WithdrawRequest(id="w", by="hal", person="hal", scopes=("manager",)))
    else:
        world.do(Retire(id="r", by="key:ci"))
    assert not world.gate().allowed
    assert world.refused(_command()).code == {"retired": "closed"}.get(how, how)


def test_a_freeze_does_not_stop_an_override_which_says_so() -> None:
    window = {"name": "Year-end", "from": START.isoformat(), "until": (START + DAY).isoformat()}
    world = _world(freezes=[window])
    world.approve("review", "validator", "ben")
    assert not world.gate().allowed
    _override(world)
    assert world.gate().allowed
    assert world.gate().reasons[1] == "Overridden: Frozen until 2026-03-03 09:00 UTC: Year-end."


def test_another_person_reviews_it() -> None:
    world = _world()
    facts = _override(world, "dee")
    (asked,) = [fact for fact in facts if isinstance(fact, OwnersAsked)]
    assert asked.signoffs[0].asked == ("eve",)
    refused = world.refused(world.decision("override.1", "security", "dee"))
    assert (refused.code, "somebody else reviews it" in refused.reason) == ("own-deed", True)
    world.approve("override.1", "security", "eve")
    assert view(world.state).overrides[0].is_reviewed


def test_without_anybody_else_the_review_is_unowned_and_trust_is_suspended_in_the_end() -> None:
    world = _world(roster({**OWNERS, "security": ("dee",)}))
    _override(world, "dee")
    assert world.status("override.1") == "unowned"
    world.tick_until(START + 3 * DAY)
    assert str(world.state.status) == "suspended"


def test_an_unreviewed_override_suspends_trust_and_closes_every_gate() -> None:
    world = _world()
    world.approve("review", "validator", "ben")
    _override(world)
    assert world.gate().valid_until == START + 2 * HOUR
    world.tick_until(START + DAY)
    assert (world.gate().allowed, world.gate().valid_until) == (True, START + 3 * DAY)
    facts = world.tick_until(START + 3 * DAY)
    (suspended,) = [fact for fact in facts if isinstance(fact, TrustSuspended)]
    assert suspended.told == ("ben", "hal")
    assert world.gate().reasons == (
        "Trust is suspended: Override 1 of production by Fay Ruiz was not reviewed in time.",
    )
    assert str(world.state.status) == "suspended"
    assert "Trust is suspended" in explain(world.state).summary
    assert "suspended" in [n.kind for n in world.state.notices]
    assert world.refused(_command()).code == "suspended"
    facts = world.approve("override.1", "security", "dee")
    assert kinds(facts)[-1] == "TrustRestored"
    assert (str(world.state.status), world.gate().allowed) == ("approved", True)


def test_the_gate_is_closed_when_the_review_is_late_even_before_the_tick() -> None:
    world = _world()
    world.approve("review", "validator", "ben")
    _override(world)
    world.now += 3 * DAY
    assert not world.gate().allowed


def test_a_review_that_is_declined_suspends_at_once_and_ends_a_running_override() -> None:
    world = _world()
    _override(world)
    assert "TrustSuspended" in kinds(world.decline("override.1", "security", "dee"))
    assert not world.gate().allowed
    world.request()
    assert str(world.state.status) == "suspended"
    world.approve("override.1", "security", "eve")
    assert str(world.state.status) == "in_review"
    assert world.gate().allowed  # its hours are not over


def test_suspended_trust_begins_no_review_that_nobody_asked_for() -> None:
    world = World(one_stage(override=RULE), roster(OWNERS), is_requested=False)
    _override(world)
    world.tick_until(START + 3 * DAY)
    assert (str(world.state.status), world.status("review")) == ("suspended", "waiting")
    assert world.refused(WithdrawRequest(id="w", by="hal", person="hal")).code == "not-requested"
    assert "nobody has asked for review yet" in explain(world.state).summary
    world.approve("override.1", "security", "dee")
    assert (str(world.state.status), world.status("review")) == ("registered", "waiting")
    world.request()
    assert world.status("review") == "asking"


def test_every_late_override_must_be_reviewed_before_trust_comes_back() -> None:
    world = _world()
    _override(world)
    _override(world)
    world.tick_until(START + 3 * DAY)
    world.approve("override.1", "security", "dee")
    assert str(world.state.status) == "suspended"
    numbers = [one.id for one in view(world.state).overrides]
    world.approve(f"override.{numbers[1]}", "security", "dee")
    assert world.state.suspended_why == ""


def test_a_review_in_time_suspends_nothing() -> None:
    world = _world()
    _override(world)
    world.approve("override.1", "security", "dee")
    assert "TrustSuspended" not in kinds(world.tick_until(START + 30 * DAY))


def test_other_bytes_do_not_ask_for_the_review_again() -> None:
    world = _world()
    _override(world)
    world.approve("override.1", "security", "dee")
    world.change(OTHER)
    assert world.status("override.1") == "approved"


@pytest.mark.parametrize(
    ("person", "scopes", "may"),
    [
        ("fay", (), True),
        ("dee", (), True),
        ("ben", (), False),
        ("", ("manager",), True),
        ("", ("pipeline",), False),
    ],
)
def test_who_may_close_the_gate_again(person: str, scopes: tuple[str, ...], may: bool) -> None:
    world = _world()
    _override(world)
    command = EndOverride(
        id="end", by=person or "key:x", person=person, scopes=scopes, override="1"
    )
    if not may:
        assert world.refused(command).code == "not-an-owner"
        return
    assert kinds(world.do(command)) == ["OverrideEnded"]
    assert not world.gate().allowed
    again = command.model_copy(update={"id": "again"})
    assert world.refused(again).code == "unknown-override"


def test_ten_overrides_are_open_at_most_and_all_are_counted() -> None:
    world = _world()
    for _ in range(MOST_OVERRIDES):
        _override(world)
    assert world.refused(_command()).code == "too-many-overrides"
    assert view(world.state).overridden == MOST_OVERRIDES
    (fact, *_) = [f for f in world.facts if isinstance(f, GateOverridden)]
    assert (fact.digests, fact.review_due) == ((WEIGHTS,), START + 3 * DAY)


def test_everybody_who_answers_for_a_stage_is_told() -> None:
    world = _world()
    _override(world)
    (notice, *_) = [n for n in world.state.notices if n.kind == "override"]
    assert notice.people == ("ben",)
    assert "OVERRIDE: Fay Ruiz (ciso) opened production" in notice.text
    assert "OVERRIDE 1: Fay Ruiz (ciso) opened production" in explain(world.state).summary


def test_who_asked_for_an_acceptance_does_not_give_it() -> None:
    people = roster({**OWNERS, "ciso": ("fay", "gus")})
    world = World(one_stage(findings={"accepted_by": "ciso"}), people)
    world.do(OpenFinding(id="o", by="fay", person="fay", title="It leaks.", severity="high"))
    world.do(RequestAcceptance(id="a", by="fay", person="fay", finding="1"))
    assert world.signoff("finding.1", "ciso").asked == ("gus",)
    assert world.refused(world.decision("finding.1", "ciso", "fay")).code == "own-deed"
