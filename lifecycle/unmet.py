"""What lapses when the condition of an approval is not met in time."""

from lifecycle.clocks import evidence_due
from lifecycle.conditional import is_among, standing_votes
from lifecycle.side_stages import stage_rule
from lifecycle.stage_facts import StageReopened
from lifecycle.state import Condition
from lifecycle.story import Story
from lifecycle.trust_facts import ConditionLapsed


def lapse_conditions(story: Story) -> None:
    """Let an approval lapse whose condition is not met by its date.

    Before its stage stands approved the vote no longer counts; afterwards the stage is reopened
    for the role alone, and its gates close.
    """
    for condition in story.state.conditions.values():
        if condition.due <= story.now:
            _lapse(story, condition)
            return


def _lapse(story: Story, condition: Condition) -> None:
    stage = story.state.stages[condition.stage]
    stands = is_among(standing_votes(stage, condition.role), condition)
    current = stage.signoffs.get(condition.role)
    is_current = current is not None and is_among(current.votes, condition)
    story.add(
        ConditionLapsed(
            **story.stamp,
            condition=condition.id,
            stage=condition.stage,
            round=stage.round,
            role=condition.role,
            person=condition.person,
        )
    )
    if stands:
        _reopen(story, condition, (condition.role,) if is_current else ())


def _reopen(story: Story, condition: Condition, roles: tuple[str, ...]) -> None:
    """Close the gates; a role that signed anew meanwhile without the condition is not asked."""
    stage = story.state.stages[condition.stage]
    rule = stage_rule(story.state, condition.stage)
    story.add(
        StageReopened(
            **story.stamp,
            stage=stage.name,
            round=stage.round + 1,
            reason="condition",
            why=f"A condition of {condition.role}'s approval is not met: {condition.text}",
            gate="close",
            roles=roles or None,
            voided=roles,
            evidence_due=evidence_due(story.state, rule, story.now),
        )
    )
