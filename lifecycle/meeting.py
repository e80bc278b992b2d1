"""Take note that a condition of an approval is met."""

from lifecycle.commands import MeetCondition, Refused
from lifecycle.story import Story


def meet_condition(story: Story, command: MeetCondition) -> None:
    """Take note that a condition of an approval is met."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
