"""What a lifecycle names beside roles: people, groups and rotations that an escalation reaches."""

from lifecycle.definition import Lifecycle
from lifecycle.ownership import GROUP, PERSON, ROTATION


def escalation_targets(lifecycle: Lifecycle) -> tuple[str, ...]:
    """Give the people, groups and rotations that escalations name, as `group:risk-team`."""
    named = (
        target
        for steps in lifecycle.escalations.values()
        for step in steps
        for target in (step.tell, step.ask)
        if target and target.startswith((PERSON, GROUP, ROTATION))
    )
    return tuple(dict.fromkeys(named))
