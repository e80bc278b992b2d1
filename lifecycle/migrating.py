"""Moving a version to another definition: what stays, what is asked again."""

from collections.abc import Iterator
from typing import NamedTuple

from lifecycle.binding import asked_rules
from lifecycle.clocks import evidence_due
from lifecycle.commands import Migrate, Refused
from lifecycle.definition import Lifecycle, SignoffRule, StageRule
from lifecycle.eligibility import eligible_owners
from lifecycle.evidence import standing_of
from lifecycle.facts import CalendarResolved
from lifecycle.notices import called
from lifecycle.requesting import is_in_charge, member_of
from lifecycle.separation import exclusion
from lifecycle.side_stages import is_side_stage
from lifecycle.stage_facts import StagePaused, StageReopened
from lifecycle.state import SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.trust_facts import LifecycleMigrated


def migrate(story: Story, command: Migrate) -> None:
    """Move a version to another definition; raises Refused with what to do instead.

    Stages of the same name keep their rounds and approvals; those whose rules are others for what
    was asked or approved begin their next round.
    """
    _check(story.state, command)
    before, definition = story.lifecycle, command.definition
    member = member_of(story.state, command)
    for name in _removed(story.state, definition):
        _end(story, story.state.stages[name])
    story.add(
        LifecycleMigrated(
            **story.stamp,
            digest=definition.digest,
            definition=definition,
            before=story.state.lifecycle_digest,
            by=member.id if member else command.by,
            reason=command.reason,
        )
    )
    working = command.working
    if working is not None and working != story.state.working:
        story.add(CalendarResolved(**story.stamp, working=working))
    for rule in definition.stages:
        _ask_again(story, before, rule)


def _check(state: VersionState, command: Migrate) -> None:
    named = f"{state.model} {state.version}"
    if not is_in_charge(command):
        raise Refused(
            "may-not-migrate",
            f"Only a manager or an administrator moves {named} to another lifecycle; ask one.",
        )
    if state.lifecycle is None or state.is_unrequested:
        raise Refused(
            "not-requested",
            f"Nobody has asked for the review of {named} yet; a request takes the current "
            "lifecycle by itself.",
        )
    if state.is_withdrawn:
        raise Refused(
            "withdrawn", f"{state.closed_why} Request review of {named} before it is moved."
        )
    if command.definition.digest == state.lifecycle_digest:
        raise Refused("nothing-differs", f"{named} follows this very definition already.")
    if command.problems:
        raise Refused(
            "invalid-lifecycle",
            f"The definition can't be followed; correct it first: {' '.join(command.problems)}",
        )
    owed = [one.id for one in state.overrides.values() if not one.is_reviewed]
    if owed and command.definition.override is None:
        raise Refused(
            "review-owed",
            f"Override {', '.join(owed)} of {named} is not reviewed, and the new definition has "
            "no `override`; have it reviewed first.",
        )


def _removed(state: VersionState, definition: Lifecycle) -> tuple[str, ...]:
    """Give the stages that the definition no longer leads to."""
    kept = {rule.name for rule in definition.stages}
    accepts = definition.findings is not None and definition.findings.accepted_by is not None
    return tuple(
        name
        for name in state.stages
        if name not in kept
        and not (is_side_stage(name) and (accepts or not name.startswith("finding.")))
    )


def _end(story: Story, stage: Stage) -> None:
    """End an open round of a stage that goes away, while its requests can still be shown."""
    if stage.status not in {StageStatus.APPROVED, StageStatus.EXPIRED, StageStatus.WAITING}:
        why = "The lifecycle no longer has this stage."
        story.add(StagePaused(**story.stamp, stage=stage.name, round=stage.round, why=why))


class Changed(NamedTuple):
    """Why the approvals of a role are looked at again, and whether they count on."""

    role: str
    why: str
    is_void: bool


def _ask_again(story: Story, before: Lifecycle, rule: StageRule) -> None:
    """Begin the next round of a stage whose rules are others for what was asked or approved."""
    stage = story.stage(rule)
    known = next((one for one in before.stages if one.name == rule.name), None)
    if known is None or (stage.standing is None and stage.status != StageStatus.ASKING):
        return
    stricter = _stricter(before, story.lifecycle, known, rule)
    changes = [*_changes(story, known, rule, stage), *_excluded(story.state, rule, stage, stricter)]
    missing = _new_evidence(story, known, rule)
    if not changes and not missing:
        return
    void = tuple(one.role for one in changes if one.is_void)
    story.add(
        StageReopened(
            **story.stamp,
            stage=rule.name,
            round=stage.round + 1,
            reason="rule",
            why=" ".join(["The lifecycle changed.", *(one.why for one in changes), *missing]),
            gate="close",
            roles=void or None,
            voided=void,
            evidence_due=evidence_due(story.state, rule, story.now),
        )
    )


def _changes(story: Story, known: StageRule, rule: StageRule, stage: Stage) -> Iterator[Changed]:
    """Find what differs for the roles that are asked before and after.

    Roles that come or go, and bindings that are others, are found by the rules for every round.
    """
    former = {one.role: one for one in known.signoffs}
    for one in asked_rules(story.state, rule):
        then = former.get(one.role)
        if then is None:
            continue
        if then.statement != one.statement:
            yield Changed(one.role, f"{one.role} signs another statement.", is_void=True)
        elif then.roles != one.roles:
            yield Changed(one.role, f"Others may sign as {one.role}.", is_void=True)
        elif then.advisory and not one.advisory:
            yield Changed(one.role, f"{one.role} no longer only advises.", is_void=True)
        elif (needed := _needed(story.state, one)) > (given := _given(stage, one.role)) >= 0:
            why = f"{one.role} needs {needed} approvals and has {given}."
            yield Changed(one.role, why, is_void=False)


def _stricter(
    before: Lifecycle, now: Lifecycle, known: StageRule, rule: StageRule
) -> frozenset[str]:
    """Give the codes of the duties that the definition separates at a stage and did not before."""
    added = set(now.separation.never) - set(before.separation.never)
    codes = {f"{one.replace('_', '-')}-may-not-sign" for one in added}
    if set(rule.independent_of) - set(known.independent_of):
        codes.add("signed-earlier-stage")
    return frozenset(codes)


def _excluded(
    state: VersionState, rule: StageRule, stage: Stage, stricter: frozenset[str]
) -> Iterator[Changed]:
    """Find roles whose approval comes from somebody who may not sign by the new definition."""
    for approval in stage.standing.approvals if stricter and stage.standing else ():
        people = dict.fromkeys(p for v in approval.votes for p in (v.person, v.on_behalf_of) if p)
        for person in people:
            found = exclusion(state, approval.role, person, rule.name)
            if found is not None and found.code in stricter:
                name = called(state, (person,))
                why = f"{name} {found.said_of_them} and may not sign as {approval.role} any more."
                yield Changed(approval.role, why, is_void=False)
                break


def _needed(state: VersionState, rule: SignoffRule) -> int:
    owners = {owner.id for role in rule.roles for owner in eligible_owners(state, role)}
    return rule.needed(len(owners))


def _given(stage: Stage, role: str) -> int:
    """Count the approvals that a role's yes rests on; -1 while it is not decided."""
    signoff = stage.signoffs.get(role)
    if stage.status == StageStatus.ASKING and signoff is not None:
        return len(signoff.votes) if signoff.status == SignoffStatus.APPROVED else -1
    standing = stage.standing
    found = (a for a in standing.approvals if a.role == role) if standing else iter(())
    return next((len(approval.votes) for approval in found), -1)


def _new_evidence(story: Story, known: StageRule, rule: StageRule) -> tuple[str, ...]:
    judged = (
        standing_of(story.state, name, story.now)
        for name in rule.evidence
        if name not in known.evidence
    )
    return tuple(one.why for one in judged if not one.is_met)
