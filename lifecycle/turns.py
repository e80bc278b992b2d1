"""Take a turn in a stage, or the place in its queue."""

from lifecycle.commands import Refused, TakeTurn
from lifecycle.story import Story


def take_turn(story: Story, command: TakeTurn) -> None:
    """Take a turn in a stage, or the place in its queue."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
