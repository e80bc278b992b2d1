"""Tell owners that a model this one is built on lost its approval."""

from lifecycle.commands import Refused, VoidBase
from lifecycle.story import Story


def void_base(story: Story, command: VoidBase) -> None:
    """Tell owners that a model this one is built on lost its approval."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
