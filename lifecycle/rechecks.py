"""Whether what was asked or approved is still what stands there; if not, the next round."""

from datetime import datetime
from typing import Literal

from lifecycle import asking
from lifecycle.binding import asked_rules, binding, changes, revision, unresolved
from lifecycle.clocks import evidence_due
from lifecycle.definition import StageRule
from lifecycle.eligibility import eligible_owners, producers_problem
from lifecycle.evidence import counted, objection, standing_of
from lifecycle.facts import OwnersChanged, SignoffRevised, StageReopened
from lifecycle.rounds import is_ready
from lifecycle.standing import approved_bytes
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story

Reason = Literal["changed", "evidence", "alert", "renewal", "rule"]
Gate = Literal["keep", "close"]


def recheck(story: Story, rule: StageRule, stage: Stage) -> None:
    """Look whether what owners were asked for is still what stands there."""
    if not is_ready(story.state, rule, story.now):
        why = why_not_ready(story.state, rule, story.now)
        reopen(story, rule, stage, "evidence", why, ())
        return
    roles = tuple(one.role for one in asked_rules(story.state, rule))
    if roles != tuple(stage.signoffs):
        reopen(story, rule, stage, "rule", "Which roles must sign has changed.", ())
        return
    for one in asked_rules(story.state, rule):
        if _revise(story, rule, stage, stage.signoffs[one.role]):
            return
    _owners(story, rule, stage)


def why_not_ready(state: VersionState, rule: StageRule, now: datetime) -> str:
    """Say in sentences what keeps owners from being asked."""
    unmet = [s.why for s in (standing_of(state, n, now) for n in rule.evidence) if not s.is_met]
    unknown = [f"artifact {name} has no digest." for name in unresolved(state, rule)]
    return " ".join([*unmet, *unknown]) or producers_problem(state) or "It is not ready."


def _current(state: VersionState, rule: StageRule, role: str) -> tuple[str, dict[str, str]] | None:
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
    if signoff.votes or signoff.status != SignoffStatus.PENDING:
        reopen(story, rule, stage, "changed", " ".join(changed), affected_roles(story, rule, stage))
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


def affected_roles(story: Story, rule: StageRule, stage: Stage) -> tuple[str, ...]:
    """Give the roles of a round whose binding is another now."""
    affected = []
    for role, signoff in stage.signoffs.items():
        current = _current(story.state, rule, role)
        if current is None or current[0] != signoff.revision:
            affected.append(role)
    return tuple(affected)


def _owners(story: Story, rule: StageRule, stage: Stage) -> None:
    for one in asked_rules(story.state, rule):
        signoff = stage.signoffs[one.role]
        owners = eligible_owners(story.state, one.role)
        asked, count = tuple(m.id for m in owners), asking.needed(one, owners)
        if signoff.status != SignoffStatus.PENDING:
            continue
        if (asked, count) != (signoff.asked, signoff.needed):
            story.add(
                OwnersChanged(
                    **story.stamp,
                    stage=rule.name,
                    round=stage.round,
                    role=one.role,
                    asked=asked,
                    needed=count,
                )
            )
            return


def reopen(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
) -> None:
    """Start the next round; a gate that an open round keeps open stays as it is."""
    is_open = stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED}
    gate: Gate = "keep" if is_open and stage.standing is not None else "close"
    _next_round(story, rule, stage, reason, why, voided, gate=gate)


def _next_round(
    story: Story,
    rule: StageRule,
    stage: Stage,
    reason: Reason,
    why: str,
    voided: tuple[str, ...],
    *,
    gate: Gate,
) -> None:
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.name,
            round=stage.round + 1,
            reason=reason,
            why=why,
            gate=gate,
            voided=voided,
            evidence_due=evidence_due(story.state, rule, story.now),
        )
    )


def still_holds(story: Story, rule: StageRule, stage: Stage) -> None:
    """Look whether an approved stage is still about what it approved."""
    standing = stage.standing
    if standing is None:
        return
    roles = tuple(one.role for one in asked_rules(story.state, rule))
    if roles != tuple(a.role for a in standing.approvals):
        reopen(story, rule, stage, "rule", "Which roles must sign has changed.", ())
        return
    affected = affected_roles(story, rule, stage) if stage.signoffs else ()
    if affected:
        bound = binding(story.state, rule, asked_rules(story.state, rule)[roles.index(affected[0])])
        why = " ".join(changes(stage.signoffs[affected[0]].binding, bound))
        reopen(story, rule, stage, "changed", why, affected)
    elif not roles and not _rules_hold(story, rule, stage):
        why = why_not_ready(story.state, rule, story.now)
        reopen(story, rule, stage, "changed", why, ())


def _rules_hold(story: Story, rule: StageRule, stage: Stage) -> bool:
    """Say whether a stage that rules alone approved is about these bytes still."""
    standing = stage.standing
    if standing is None or standing.artifacts != approved_bytes(story.state, rule):
        return False
    judged = (standing_of(story.state, name, standing.at) for name in rule.evidence)
    return all(s.is_met for s in judged)


def kept_standing_holds(story: Story, rule: StageRule, stage: Stage) -> None:
    """Close the gate that a reopened stage kept open when its bytes or results turn bad.

    Newer evidence that passes is what a renewal waits for, so it does not close the gate.
    """
    standing = stage.standing
    if standing is None:
        return
    now = {n: a.digest for n, a in story.state.artifacts.items() if n in standing.artifacts}
    bad = [
        objection(story.state, name, evidence)
        for name in rule.evidence
        if (evidence := counted(story.state, name)) is not None
    ]
    why = (
        "The approved bytes changed." if now != standing.artifacts else " ".join(filter(None, bad))
    )
    if why:
        _next_round(story, rule, stage, "changed", why, tuple(stage.signoffs), gate="close")
