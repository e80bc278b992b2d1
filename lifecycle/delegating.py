"""Let somebody answer in an owner's place."""

from lifecycle.commands import Delegate, Refused
from lifecycle.story import Story


def delegate(story: Story, command: Delegate) -> None:
    """Let somebody answer in an owner's place."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
