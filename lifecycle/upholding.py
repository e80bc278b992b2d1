"""Whether what was approved is still what stands there; if not, the next round."""

from lifecycle.basis import remembered_by_basis
from lifecycle.binding import binding, changes, deciding_rules
from lifecycle.definition import StageRule
from lifecycle.evidence import counted, objection, standing_of
from lifecycle.role_changes import roles_changed
from lifecycle.rounds_anew import affected_roles, begin_round, reopen, why_not_ready
from lifecycle.signoff_facts import StageHeld
from lifecycle.standing import approved_bytes
from lifecycle.state import Basis, Stage, StageStatus, Standing
from lifecycle.story import Story


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
        begin_round(story, rule, stage, "changed", why, affected, gate="close", anew=affected)


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
