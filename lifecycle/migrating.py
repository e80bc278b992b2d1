"""Move a version to another definition."""

from lifecycle.commands import Migrate, Refused
from lifecycle.story import Story


def migrate(story: Story, command: Migrate) -> None:
    """Move a version to another definition."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
