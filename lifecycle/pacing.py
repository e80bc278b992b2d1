"""Let a held stage go on."""

from lifecycle.commands import Refused, Release
from lifecycle.story import Story


def release(story: Story, command: Release) -> None:
    """Let a held stage go on."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
