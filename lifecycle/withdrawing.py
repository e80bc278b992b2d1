"""Take an owner's answer back."""

from lifecycle.commands import Refused, WithdrawAnswer
from lifecycle.story import Story


def withdraw_answer(story: Story, command: WithdrawAnswer) -> None:
    """Take an owner's answer back."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
