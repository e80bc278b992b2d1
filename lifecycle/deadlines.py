"""What time alone does: escalation steps, late pipelines."""

from lifecycle.definition import StageRule
from lifecycle.eligibility import people_named
from lifecycle.escalating import escalate
from lifecycle.evidence import standing_of
from lifecycle.fact_values import PlannedStep
from lifecycle.involvement import producers_of
from lifecycle.rounds import asks_at
from lifecycle.side_stages import stage_rules
from lifecycle.silence import steps_to_come
from lifecycle.stage_facts import PipelinesLate
from lifecycle.story import Story
from lifecycle.turning import catch_up


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
