"""Take a finding in."""

from lifecycle.commands import CloseFinding, OpenFinding, Refused, RequestAcceptance
from lifecycle.story import Story


def open_finding(story: Story, command: OpenFinding) -> None:
    """Take a finding in."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def close_finding(story: Story, command: CloseFinding) -> None:
    """Close a finding."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def request_acceptance(story: Story, command: RequestAcceptance) -> None:
    """Ask for a finding's risk to be accepted."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
