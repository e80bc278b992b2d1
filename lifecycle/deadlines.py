"""What time alone does: escalation steps, late pipelines; and when it does so next."""

from datetime import datetime

from lifecycle.definition import StageRule
from lifecycle.eligibility import people_named, producers_of
from lifecycle.escalating import escalate
from lifecycle.evidence import expiry_of, standing_of
from lifecycle.fact_values import PlannedStep
from lifecycle.lapsing import lapse_instants
from lifecycle.rounds import asks_at
from lifecycle.side_stages import stage_rules
from lifecycle.silence import steps_to_come
from lifecycle.stage_facts import PipelinesLate
from lifecycle.standing import is_deployed
from lifecycle.state import Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.turning import catch_up, next_turn


def act_on_time(story: Story) -> None:
    """Take every escalation step and lateness that is due by now, in the order of their times."""
    if story.state.lifecycle is None or story.state.is_closed or story.state.is_withdrawn:
        return
    catch_up(story)
    if story.state.edition < 2:
        _act_by_stage(story)
        return
    for rule in stage_rules(story.state):
        _late(story, rule)
    while (due := _first_due(story)) is not None:
        escalate(story, *due)


def _act_by_stage(story: Story) -> None:
    """Take what is due stage by stage, as the first edition of the rules did."""
    for rule in stage_rules(story.state):
        _late(story, rule)
        for step in story.stage(rule).steps:
            if step.at <= story.now and step in steps_to_come(story.stage(rule)):
                escalate(story, rule, step)


def _first_due(story: Story) -> tuple[StageRule, PlannedStep] | None:
    """Give the earliest step that is due, of all stages."""
    due = [
        (rule, step)
        for rule in stage_rules(story.state)
        for step in steps_to_come(story.stage(rule))
        if step.at <= story.now
    ]
    return min(due, key=lambda one: (one[1].at, one[1].index), default=None)


def _late(story: Story, rule: StageRule) -> None:
    stage = story.stage(rule)
    if stage.evidence_due is None or stage.evidence_due > story.now or stage.is_late:
        return
    if asks_at(story.state, rule, stage) is not None:
        return
    judged = (standing_of(story.state, name, story.now) for name in rule.evidence)
    told = dict.fromkeys(people_named(story.state, rule.accountable or ""))
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


def next_deadline(state: VersionState) -> datetime | None:
    """Give the next instant at which time alone changes something; the one timer to keep."""
    if state.lifecycle is None or state.is_closed or state.is_withdrawn:
        return None
    instants = [
        instant
        for rule in stage_rules(state)
        for instant in _instants(state, rule, state.stages[rule.name])
    ]
    instants += [at for at in (next_turn(state),) if at is not None]
    instants += lapse_instants(state)
    return min(instants, default=None)


def _instants(state: VersionState, rule: StageRule, stage: Stage) -> tuple[datetime, ...]:
    instants: list[datetime | None] = []
    asked_at = asks_at(state, rule, stage)
    if asked_at is not None:
        instants.append(asked_at)
    elif stage.evidence_due is not None and not stage.is_late:
        instants.append(stage.evidence_due)
    if stage.status == StageStatus.ASKING:
        instants.extend(step.at for step in steps_to_come(stage))
        instants.append(expiry_of(state, rule))
    standing = stage.standing
    is_done = stage.status in {StageStatus.APPROVED, StageStatus.EXPIRED}
    if standing is not None and is_done and is_deployed(state, stage):
        instants.append(standing.renew_at)
    if standing is not None and not standing.is_lapsed:
        instants.append(standing.valid_until)
    return tuple(instant for instant in instants if instant is not None)
