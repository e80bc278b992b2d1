"""Open a gate without its stages."""

from lifecycle.commands import EndOverride, OverrideGate, Refused
from lifecycle.story import Story


def override_gate(story: Story, command: OverrideGate) -> None:
    """Open a gate without its stages."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def end_override(story: Story, command: EndOverride) -> None:
    """End an override before its time."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
