"""Whether what was asked or approved is still what stands there; if not, the next round."""

from datetime import datetime
from typing import Literal

from lifecycle import asking
from lifecycle.assigning import Chosen, chosen
from lifecycle.basis import remembered_by_basis
from lifecycle.binding import asked_rules, binding, changes, deciding_rules, revision, unresolved
from lifecycle.clocks import evidence_due
from lifecycle.definition import StageRule
from lifecycle.eligibility import producers_problem
from lifecycle.evidence import counted, objection, standing_of
from lifecycle.pacing import quiet_until
from lifecycle.role_changes import roles_changed
from lifecycle.rounds import is_ready
from lifecycle.signoff_facts import StageHeld
from lifecycle.stage_facts import OwnersChanged, SignoffRevised, StageReopened
from lifecycle.standing import approved_bytes
from lifecycle.state import (
    Basis,
    Signoff,
    SignoffStatus,
    Stage,
    StageStatus,
    Standing,
    VersionState,
)
from lifecycle.story import Story

Reason = Literal["changed", "evidence", "alert", "renewal", "rule"]
Gate = Literal["keep", "close"]


def recheck(story: Story, rule: StageRule, stage: Stage) -> None:
    """Look whether what owners were asked for is still what stands there."""
    if not is_ready(story.state, rule, story.now):
        affected = affected_roles(story.state, rule, stage)
        why = why_not_ready(story.state, rule, story.now)
        changed = _what_changed(story, rule, stage, affected)
        reopen(story, rule, stage, "evidence", " ".join([*changed, why]), affected)
        return
    if _is_as_asked(story.state, rule, stage):
        return
    roles = tuple(one.role for one in asked_rules(story.state, rule))
    if roles != tuple(stage.signoffs):
        why = roles_changed(story.state, rule, stage, tuple(stage.signoffs), roles)
        reopen(story, rule, stage, "rule", why, affected_roles(story.state, rule, stage))
        return
    for one in asked_rules(story.state, rule):
        if _revise(story, rule, stage, stage.signoffs[one.role]):
            return
    void = _without_quorum(story.state, stage)
    if void is not None:
        why = f"Who approved as {void} may not sign any more."
        _next_round(story, rule, stage, "rule", why, (void,), gate=_gate_of(stage), anew=())
        return
    _owners(story, rule, stage)


def _is_as_asked(state: Basis, rule: StageRule, stage: Stage) -> bool:
    """Say whether the same is asked of the same people as is open, whatever the instant."""
    return (
        tuple(one.role for one in asked_rules(state, rule)) == tuple(stage.signoffs)
        and not affected_roles(state, rule, stage)
        and _without_quorum(state, stage) is None
        and _changed_owners(state, rule, stage) is None
    )


def _what_changed(
    story: Story, rule: StageRule, stage: Stage, affected: tuple[str, ...]
) -> tuple[str, ...]:
    """Say which bytes are others now; what is wrong with evidence is said by its standing."""
    sentences: dict[str, None] = {}
    for role in affected:
        current = _current(story.state, rule, role)
        found = changes(stage.signoffs[role].binding, current[1]) if current else ()
        sentences.update(dict.fromkeys(s for s in found if s.startswith("artifact ")))
    return tuple(sentences)


def _without_quorum(state: Basis, stage: Stage) -> str | None:
    """Find a role whose approval no longer comes from enough people who may sign.

    Somebody may have left, asked for the review, or turned out to be a producer since. Votes that
    count are kept for the next round.
    """
    for role, signoff in stage.signoffs.items():
        is_approved = signoff.status == SignoffStatus.APPROVED and not signoff.advisory
        if is_approved and not asking.has_quorum(state, signoff):
            return role
    return None


def why_not_ready(state: VersionState, rule: StageRule, now: datetime) -> str:
    """Say in sentences what keeps owners from being asked."""
    unmet = [s.why for s in (standing_of(state, n, now) for n in rule.evidence) if not s.is_met]
    unknown = [f"artifact {name} has no digest." for name in unresolved(state, rule)]
    return " ".join([*unmet, *unknown]) or producers_problem(state) or "It is not ready."


@remembered_by_basis
def _current(state: Basis, rule: StageRule, role: str) -> tuple[str, dict[str, str]] | None:
    for one in asked_rules(state, rule):
        if one.role == role:
            bound = binding(state, rule, one)
            return revision(state, role, bound), bound
    return None


def _revise(story: Story, rule: StageRule, stage: Stage, signoff: Signoff) -> bool:
    current = _current(story.state, rule, signoff.role)
    if current is None or current[0] == signoff.revision:
        return False
    named, bound = current
    changed = changes(signoff.binding, bound)
    has_answers = signoff.votes or signoff.status != SignoffStatus.PENDING
    if has_answers and not signoff.advisory:
        affected = affected_roles(story.state, rule, stage)
        reopen(story, rule, stage, "changed", " ".join(changed), affected)
    else:
        story.add(
            SignoffRevised(
                **story.stamp,
                stage=rule.name,
                round=stage.round,
                role=signoff.role,
                revision=named,
                binding=bound,
                changed=changed,
            )
        )
    return True


def affected_roles(state: Basis, rule: StageRule, stage: Stage) -> tuple[str, ...]:
    """Give the roles of a round whose binding is another now."""
    affected = []
    for role, signoff in stage.signoffs.items():
        current = _current(state, rule, role)
        if current is None or current[0] != signoff.revision:
            affected.append(role)
    return tuple(affected)


def _owners(story: Story, rule: StageRule, stage: Stage) -> None:
    changed = _changed_owners(story.state, rule, stage)
    if changed is None:
        return
    role, people = changed
    story.add(
        OwnersChanged(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            role=role,
            asked=people.asked,
            needed=people.needed,
            roles=people.roles,
            fallback=people.fallback,
        )
    )


def _changed_owners(state: Basis, rule: StageRule, stage: Stage) -> tuple[str, Chosen] | None:
    """Find the first role that others are asked for than its request says, and who they are."""
    for one in asked_rules(state, rule):
        signoff = stage.signoffs[one.role]
        if signoff.status != SignoffStatus.PENDING or _is_carried(state, signoff):
            continue
        people = chosen(state, stage, one, signoff, _picked_elsewhere(stage, one.role))
        known = (signoff.asked, signoff.needed, signoff.roles, signoff.fallback)
        if people != known:
            return one.role, people
    return None


def _is_carried(state: Basis, signoff: Signoff) -> bool:
    """Say whether carried approvals are enough, so that nobody is asked."""
    return any(v.carried_from for v in signoff.votes) and asking.has_quorum(state, signoff)


def _picked_elsewhere(stage: Stage, role: str) -> tuple[str, ...]:
    return tuple(p for r, s in stage.signoffs.items() if r != role for p in s.asked)


def reopen(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
) -> None:
    """Start the next round; a gate that an open round keeps open stays as it is."""
    _next_round(story, rule, stage, reason, why, voided, gate=_gate_of(stage), anew=voided)


def _gate_of(stage: Stage) -> Gate:
    is_open = stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}
    return "keep" if is_open and stage.standing is not None else "close"


def _next_round(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
    *,
    gate: Gate,
    anew: tuple[str, ...],
) -> None:
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.name,
            round=stage.round + 1,
            reason=reason,
            why=why,
            gate=gate,
            roles=anew or None,
            voided=voided,
            evidence_due=evidence_due(story.state, rule, story.now),
            quiet_until=quiet_until(story.state, stage, story.now),
        )
    )


def still_holds(story: Story, rule: StageRule, stage: Stage) -> None:
    """Look whether an approved stage is still about what it approved."""
    standing = stage.standing
    if standing is None or _is_unchanged(story.state, rule, stage, standing):
        return
    roles = tuple(one.role for one in deciding_rules(story.state, rule))
    if roles != _approved_roles(rule, standing):
        affected = affected_roles(story.state, rule, stage)
        why = roles_changed(story.state, rule, stage, _approved_roles(rule, standing), roles)
        reopen(story, rule, stage, "rule", why, affected)
        return
    affected = tuple(r for r in affected_roles(story.state, rule, stage) if r in roles)
    if affected:
        one = deciding_rules(story.state, rule)[roles.index(affected[0])]
        bound = binding(story.state, rule, one)
        why = " ".join(changes(stage.signoffs[affected[0]].binding, bound))
        reopen(story, rule, stage, "changed", why, affected)
    elif not roles and not _rules_hold(story.state, rule, standing):
        why = why_not_ready(story.state, rule, story.now)
        reopen(story, rule, stage, "changed", why, ())
    elif objections := _objections(story.state, rule):
        reopen(story, rule, stage, "evidence", " ".join(objections), ())


@remembered_by_basis
def _is_unchanged(state: Basis, rule: StageRule, stage: Stage, standing: Standing) -> bool:
    """Say whether nothing that an approved stage is about is another now."""
    roles = tuple(one.role for one in deciding_rules(state, rule))
    return (
        roles == _approved_roles(rule, standing)
        and not any(role in roles for role in affected_roles(state, rule, stage))
        and (bool(roles) or _rules_hold(state, rule, standing))
        and not _objections(state, rule)
    )


def _approved_roles(rule: StageRule, standing: Standing) -> tuple[str, ...]:
    """Give the roles whose approval a stage rests on; advice is left out."""
    advising = {one.role for one in rule.signoffs if one.advisory}
    return tuple(a.role for a in standing.approvals if a.role not in advising)


def _rules_hold(state: Basis, rule: StageRule, standing: Standing) -> bool:
    """Say whether a stage that rules alone approved is about these bytes still."""
    if standing.artifacts != approved_bytes(state, rule):
        return False
    judged = (standing_of(state, name, standing.at) for name in rule.evidence)
    return all(s.is_met for s in judged)


def kept_standing_holds(story: Story, rule: StageRule, stage: Stage) -> None:
    """Close the gate that a reopened stage kept open when its bytes or results turn bad.

    Newer evidence that passes is what a renewal waits for, so it does not close the gate.
    """
    standing = stage.standing
    if standing is None:
        return
    now = {n: a.digest for n, a in story.state.artifacts.items() if n in standing.artifacts}
    roles = tuple(one.role for one in deciding_rules(story.state, rule))
    why = " ".join(_objections(story.state, rule))
    if now != standing.artifacts:
        why = "The approved bytes changed."
    elif roles != _approved_roles(rule, standing):
        why = roles_changed(story.state, rule, stage, _approved_roles(rule, standing), roles)
    if why:
        affected = affected_roles(story.state, rule, stage)
        _next_round(story, rule, stage, "changed", why, affected, gate="close", anew=affected)


def held_standing_holds(story: Story, rule: StageRule, stage: Stage) -> None:
    """Close the gate that a held stage kept open as well; it stays held, and nobody is told again.

    What must be looked at is the same; only a release asks owners.
    """
    kept_standing_holds(story, rule, stage)
    if story.stage(rule).status != StageStatus.HELD:
        story.add(
            StageHeld(**story.stamp, stage=rule.name, round=story.stage(rule).round, why=stage.why)
        )


@remembered_by_basis
def _objections(state: Basis, rule: StageRule) -> tuple[str, ...]:
    """Say what is wrong with the results that a stage names, whatever their age."""
    found = ((name, counted(state, name)) for name in rule.evidence)
    said = (objection(state, name, evidence) for name, evidence in found if evidence is not None)
    return tuple(sentence for sentence in said if sentence)
