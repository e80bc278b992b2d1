"""What time alone does: remind, tell, ask, call pipelines late; and when it does so next."""

from datetime import datetime

from lifecycle.definition import StageRule
from lifecycle.eligibility import can_decide, exclusion, producers_of
from lifecycle.evidence import expiry_of, standing_of
from lifecycle.fact_values import PlannedStep
from lifecycle.lapsing import lapse_instants
from lifecycle.notices import pending_roles
from lifecycle.roster import Member
from lifecycle.side_stages import stage_rules
from lifecycle.stage_facts import EscalationAsked, EscalationTold, OwnersReminded, PipelinesLate
from lifecycle.standing import is_deployed
from lifecycle.state import Stage, StageStatus, VersionState
from lifecycle.story import Story


def act_on_time(story: Story) -> None:
    """Take every escalation step and lateness that is due by now, in the order of their times."""
    if story.state.lifecycle is None or story.state.is_closed or story.state.is_withdrawn:
        return
    for rule in stage_rules(story.state):
        _late(story, rule)
        for step in story.stage(rule).steps:
            if step.at <= story.now and story.stage(rule).status == StageStatus.ASKING:
                _escalate(story, rule, step)


def _late(story: Story, rule: StageRule) -> None:
    stage = story.stage(rule)
    if stage.evidence_due is None or stage.evidence_due > story.now or stage.is_late:
        return
    judged = (standing_of(story.state, name, story.now) for name in rule.evidence)
    told = dict.fromkeys(owner.id for owner in _owners(story.state, rule.accountable or ""))
    told.update(dict.fromkeys(producers_of(story.state)))
    story.add(
        PipelinesLate(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            missing=tuple(s.name for s in judged if not s.is_met),
            told=tuple(told),
        )
    )


def _owners(state: VersionState, role: str) -> tuple[Member, ...]:
    return state.roster.owners_of(role) if state.roster else ()


def _escalate(story: Story, rule: StageRule, step: PlannedStep) -> None:
    stage = story.stage(rule)
    people = target_people(story.state, rule, stage, step.target)
    if step.action == "remind":
        story.add(
            OwnersReminded(
                **story.stamp, stage=stage.name, round=stage.round, step=step.index, people=people
            )
        )
    elif step.action == "tell":
        story.add(
            EscalationTold(
                **story.stamp,
                stage=stage.name,
                round=stage.round,
                step=step.index,
                target=step.target,
                people=people,
            )
        )
    else:
        _ask(story, stage, step, people)


def _ask(story: Story, stage: Stage, step: PlannedStep, people: tuple[str, ...]) -> None:
    roles = pending_roles(stage)
    roster = story.state.roster
    may = tuple(
        person
        for person in people
        if all(not exclusion(story.state, role, person) for role in roles)
        and not (roster and roster.gave_themselves(step.target, person))
    )
    story.add(
        EscalationAsked(
            **story.stamp,
            stage=stage.name,
            round=stage.round,
            step=step.index,
            target=step.target,
            roles=roles,
            people=may,
        )
    )


def silent_people(state: VersionState, stage: Stage) -> tuple[str, ...]:
    """Give those who could still answer a stage's pending requests."""
    roles = pending_roles(stage)
    people = [p for role in roles for p in can_decide(state, stage, stage.signoffs[role])]
    return tuple(dict.fromkeys(people))


def target_people(
    state: VersionState, rule: StageRule, stage: Stage, target: str
) -> tuple[str, ...]:
    """Give the people that an escalation's target names: a role, or somebody's manager."""
    silent = silent_people(state, stage)
    match target:
        case "owners":
            return silent
        case "manager":
            members = [state.roster.person(p) for p in silent] if state.roster else []
            managers = [m.manager for m in members if m and m.manager]
            return tuple(dict.fromkeys(managers))
        case "accountable":
            target = rule.accountable or ""
    return tuple(owner.id for owner in _owners(state, target))


def next_deadline(state: VersionState) -> datetime | None:
    """Give the next instant at which time alone changes something; the one timer to keep."""
    if state.lifecycle is None or state.is_closed or state.is_withdrawn:
        return None
    instants = [
        instant
        for rule in stage_rules(state)
        for instant in _instants(state, rule, state.stages[rule.name])
    ]
    instants += lapse_instants(state)
    return min(instants, default=None)


def _instants(state: VersionState, rule: StageRule, stage: Stage) -> tuple[datetime, ...]:
    instants: list[datetime | None] = []
    if stage.evidence_due is not None and not stage.is_late:
        instants.append(stage.evidence_due)
    if stage.status == StageStatus.ASKING:
        instants.extend(step.at for step in stage.steps)
        instants.append(expiry_of(state, rule))
    standing = stage.standing
    is_done = stage.status in {StageStatus.APPROVED, StageStatus.EXPIRED}
    if standing is not None and is_done and is_deployed(state, stage):
        instants.append(standing.renew_at)
    if standing is not None and not standing.is_lapsed:
        instants.append(standing.valid_until)
    return tuple(instant for instant in instants if instant is not None)
