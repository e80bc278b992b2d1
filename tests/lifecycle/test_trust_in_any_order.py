"""In whatever order things happen, a gate opens only for what stands or is overridden."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.blocking import blocking
from lifecycle.commands import (
    CloseFinding,
    EndOverride,
    MeetCondition,
    OpenFinding,
    OverrideGate,
    Refused,
    RequestAcceptance,
    Tick,
    VoidBase,
)
from lifecycle.decide import decide
from lifecycle.definition import Lifecycle
from lifecycle.evolve import evolve, fold
from lifecycle.explain import explain
from lifecycle.instants import next_deadline
from lifecycle.projecting import replay, view
from lifecycle.stage_facts import StageApproved, StageReopened
from lifecycle.trust_facts import (
    ConditionMet,
    GateOverridden,
    OverrideEnded,
    TrustRestored,
    TrustSuspended,
)
from tests.lifecycle.definitions import MODEL, OTHER, VERSION, WEIGHTS, one_stage, roster
from tests.lifecycle.world import START, World

HOUR = timedelta(hours=1)
PEOPLE = ("ben", "dee", "eve", "fay", "gus")
STAGES = ("review", "finding.1", "finding.2", "override.1", "override.2")


def _definition() -> Lifecycle:
    return one_stage(
        {"role": "validator"},
        {"role": "security"},
        stage={"evidence": ["scan"]},
        evidence={"scan": {"findings": True, "max_age": "10 days"}},
        findings={"accepted_by": "ciso"},
        override={
            "roles": ["ciso"],
            "review": {"role": "security", "statement": "I reviewed it.", "due": "1 days"},
        },
        trust={"valid_for": "20 days", "by_risk": {"low": {"valid_for": "9 days"}}},
        freezes=[
            {"name": "Freeze", "from": (START + 90 * HOUR).isoformat(),
             "until": (START + 120 * HOUR).isoformat()}
        ],
        reopen=[
            {"event": "alert.raised", "when": 'alert.kind == "drift"', "stage": "review",
             "roles": ["validator"], "gate": "keep", "firing_for": "5 hours"},
            {"event": "alert.raised", "when": 'alert.kind == "leak"', "stage": "review"},
            {"event": "base.voided", "stage": "review", "roles": ["security"]},
        ],
    )  # fmt: skip


def _personal(world: World, kind: type[Any], person: str, **given: Any) -> None:
    world.sent += 1
    named = {"id": f"p{world.sent}", "by": person, "person": person}
    world.do(kind.model_validate({**named, **given}))


def _entries(number: int) -> dict[str, Any]:
    severity = ("low", "high", "critical")[number % 3]
    return {"findings": [{"id": "a", "title": "A.", "severity": severity}][: number % 2]}


def _asked(world: World) -> list[tuple[str, str, str]]:
    return [
        (stage.name, signoff.role, person)
        for stage in view(world.state).stages
        for signoff in stage.signoffs
        for person in signoff.can_decide
    ]


def _sign(world: World, person: str, stage: str, number: int, **more: Any) -> None:
    """Answer one of the open requests, half the time by whom it is asked of."""
    asked = _asked(world)
    if not asked:
        return
    one = asked[number % len(asked)]
    name = stage if stage in world.state.stages and number == 0 else one[0]
    world.do(world.decision(name, one[1], one[2] if number % 2 else person, **more))


def _of(known: Iterable[str], number: int) -> str:
    """Name one of what there is, or something that there is not."""
    names = [*known, "none"]
    return names[number % len(names)]


def _scan(world: World, number: int) -> None:
    now = world.state.artifacts["model"].digest
    world.attach("scan", subject=now, value=_entries(number), source="ci")


def _next(world: World) -> None:
    at = next_deadline(world.state)
    if at is not None and at <= world.now + 100 * HOUR:
        world.tick_until(max(at, world.now))


def _people(world: World, number: int) -> None:
    risk = ("low", "high")[number % 2]
    world.people(roster(_owners(), number=len(world.facts), risk=risk))


def _due(world: World, number: int) -> dict[str, Any]:
    return {"conditions": [{"text": "Do it.", "due": world.now + (number + 1) * 3 * HOUR}]}


SEVERITIES = ("low", "medium", "high", "critical")
ACTS: dict[str, Callable[[World, str, str, int], Any]] = {
    "sign": _sign,
    "conditional": lambda w, p, s, n: _sign(w, p, s, n, **_due(w, n)),
    "decline": lambda w, p, s, n: _sign(w, p, s, n, decision="request_changes"),
    "scan": lambda w, _p, _s, n: _scan(w, n),
    "bytes": lambda w, _p, _s, n: w.change((WEIGHTS, OTHER)[n % 2]),
    "raise": lambda w, _p, _s, n: w.alert(("drift", "leak")[n % 2], name=str(n % 3)),
    "resolve": lambda w, _p, _s, n: w.resolve("drift", name=str(n % 3)),
    "base": lambda w, _p, _s, _n: _personal_free(w),
    "meet": lambda w, p, _s, n: _personal(
        w, MeetCondition, p, condition=_of(w.state.conditions, n)
    ),
    "finding": lambda w, p, _s, n: _personal(
        w, OpenFinding, p, title="It.", severity=SEVERITIES[n % 4]
    ),
    "close": lambda w, p, _s, n: _personal(
        w, CloseFinding, p, finding=_of(w.state.findings, n), resolution="Fixed."
    ),
    "accept": lambda w, p, _s, n: _personal(
        w, RequestAcceptance, p, finding=_of(w.state.findings, n)
    ),
    "override": lambda w, p, _s, n: _personal(
        w, OverrideGate, p, gate="production", reason="Now.", hours=n % 5 + 1
    ),
    "end": lambda w, p, _s, n: _personal(w, EndOverride, p, override=_of(w.state.overrides, n)),
    "time": lambda w, _p, _s, n: w.wait((n + 1) * 4 * HOUR),
    "tick": lambda w, _p, _s, _n: _next(w),
    "risk": lambda w, _p, _s, n: _people(w, n),
}


def _everybody_signs(world: World) -> None:
    """Let whoever can decide approve, so that stories reach open gates often."""
    for _ in range(6):
        asked = _asked(world)
        if not asked:
            return
        stage, role, person = asked[0]
        world.approve(stage, role, person)


def _personal_free(world: World) -> None:
    world.sent += 1
    world.do(VoidBase(id=f"p{world.sent}", model="base", version="1", why="Gone"))


def _owners() -> dict[str, tuple[str, ...]]:
    return {"validator": ("ben", "cho"), "security": ("dee", "eve"), "ciso": ("fay", "gus")}


_FALLS = {"StageSentBack", "StagePaused"}


def _stands(world: World) -> bool:
    """Judge from the facts alone whether the stage stands approved."""
    stands = False
    for fact in world.facts:
        if getattr(fact, "stage", "") != "review":
            continue
        if isinstance(fact, StageApproved) or fact.kind == "ReopeningWithdrawn":
            stands = True
        elif fact.kind in _FALLS or (isinstance(fact, StageReopened) and fact.gate == "close"):
            stands = False
    return stands


def _running(world: World, digest: str) -> bool:
    """Judge from the facts alone whether an override opens the gate for some bytes."""
    running: dict[str, GateOverridden] = {}
    is_suspended = False
    for fact in world.facts:
        match fact:
            case GateOverridden():
                running[fact.override] = fact
            case OverrideEnded():
                running.pop(fact.override, None)
            case TrustSuspended():
                is_suspended = True
            case TrustRestored():
                is_suspended = False
            case _:
                pass
    live = [one for one in running.values() if digest in one.digests and world.now < one.until]
    return bool(live) and not is_suspended


def _check(world: World) -> None:
    for digest in (WEIGHTS, OTHER):
        reply = world.gate(digest)
        assert reply.reasons
        if not reply.allowed:
            continue
        assert world.state.artifacts["model"].digest == digest
        assert world.state.suspended_why == ""
        assert reply.valid_until is None or reply.valid_until > world.now
        if reply.override is not None:
            assert _running(world, digest)
            continue
        assert _stands(world)
        assert not blocking(world.state, ("review",))
        assert all(one.due > world.now for one in reply_conditions(world))
        standing = world.stage("review").standing
        assert standing is not None
        assert standing.valid_until is None or standing.valid_until > world.now
        assert not START + 90 * HOUR <= world.now < START + 120 * HOUR


def reply_conditions(world: World) -> list[Any]:
    """Give the conditions of the votes by which the stage stands, unless they are met."""
    standing = world.stage("review").standing
    met = {fact.condition for fact in world.facts if isinstance(fact, ConditionMet)}
    votes = [v for a in (standing.approvals if standing else ()) for v in a.votes]
    return [one for vote in votes for one in vote.conditions if one.id not in met]


def _rests(world: World) -> None:
    """Tick at the next deadline, which must move it: no clock runs in a circle."""
    at = next_deadline(world.state)
    if at is None:
        return
    now, state = max(world.now, at), world.state
    for fact in decide(state, Tick(), now):
        state = evolve(state, fact)
    later = next_deadline(state)
    assert later is None or later > now


_acts = st.tuples(
    st.sampled_from([*ACTS, *["everybody", "conditional", "accept", "override", "tick"] * 2]),
    st.sampled_from(PEOPLE),
    st.sampled_from(STAGES),
    st.integers(0, 7),
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(_acts, min_size=20, max_size=50))
def test_a_gate_opens_only_for_what_stands_or_is_overridden(
    acts: list[tuple[str, str, str, int]],
) -> None:
    world = World(_definition(), roster(_owners(), risk="high"))
    world.attach("scan", value={"findings": []}, source="ci")
    _check(world)
    for what, person, stage, number in acts:
        with suppress(Refused):
            if what == "everybody":
                _everybody_signs(world)
            else:
                ACTS[what](world, person, stage, number)
        _check(world)
        _rests(world)
        assert explain(world.state).summary
    assert fold(MODEL, VERSION, world.facts) == world.state
    assert replay(MODEL, VERSION, world.facts).version == view(world.state)
