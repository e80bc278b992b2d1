"""The order within a stage: which roles wait for which others, and when they are asked."""

from lifecycle.asking import has_quorum
from lifecycle.clocks import planned_steps, signoffs_due
from lifecycle.definition import StageRule
from lifecycle.signoff_facts import SignoffOpened
from lifecycle.state import Signoff, SignoffStatus, Stage
from lifecycle.story import Story


def waited_for(stage: Stage, signoff: Signoff) -> tuple[str, ...]:
    """Give the roles that must still approve before a role is asked."""
    return tuple(
        role
        for role in signoff.after
        if role in stage.signoffs and stage.signoffs[role].status != SignoffStatus.APPROVED
    )


def open_next(story: Story, rule: StageRule, stage: Stage) -> None:
    """Ask a role once those before it have approved; its own clock starts then."""
    signoff = _next(stage)
    if signoff is None or has_quorum(story.state, signoff):
        return
    story.add(
        SignoffOpened(
            **story.stamp,
            stage=rule.name,
            round=stage.round,
            role=signoff.role,
            due=signoffs_due(story.state, rule, story.now),
            steps=planned_steps(story.state, rule, story.now, (signoff.role,)),
        )
    )


def _next(stage: Stage) -> Signoff | None:
    """Find a role to ask now; roles that wait for each other in a circle are asked one by one."""
    pending = [s for s in stage.signoffs.values() if s.status == SignoffStatus.PENDING]
    closed = [s for s in pending if not s.is_open]
    ready = [s for s in closed if not waited_for(stage, s)]
    is_stuck = all(s.advisory for s in pending if s.is_open)
    return next(iter([*ready, *(closed if is_stuck else ())]), None)
