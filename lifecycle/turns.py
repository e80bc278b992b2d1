"""Stages that take one version of a model at a time: asking for a turn, and taking it.

The queue itself is kept beside the versions, in `lanes`; here is what one version knows of it.
"""

from lifecycle.asking import next_round
from lifecycle.commands import TakeTurn
from lifecycle.definition import StageRule
from lifecycle.signoff_facts import TurnAwaited, TurnTaken
from lifecycle.state import Stage
from lifecycle.story import Story


def may_enter(story: Story, rule: StageRule, stage: Stage) -> bool:
    """Say whether a version may be in a stage now; one that needs a turn asks for it once.

    A round that renews an approval doesn't queue: the approval stands meanwhile, and would lapse
    behind a slow version.
    """
    if not needs_turn(rule, stage):
        return True
    if not stage.ticket:
        story.add(TurnAwaited(**story.stamp, stage=rule.name, round=next_round(stage)))
    return False


def needs_turn(rule: StageRule, stage: Stage) -> bool:
    """Say whether a version may not be in a stage before it is its turn."""
    return rule.one_at_a_time and not stage.has_turn and stage.standing is None


def take_turn(story: Story, command: TakeTurn) -> None:
    """Take the turn, or the place in the queue; what comes late or again changes nothing."""
    stage = story.state.stages.get(command.stage)
    if stage is None or stage.has_turn or not stage.ticket:
        return
    if command.ticket not in {0, stage.ticket}:
        return
    round_ = next_round(stage)
    if not command.behind:
        story.add(TurnTaken(**story.stamp, stage=stage.name, round=round_))
    elif command.behind != stage.behind:
        story.add(TurnAwaited(**story.stamp, stage=stage.name, round=round_, behind=command.behind))
