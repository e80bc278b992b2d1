"""Take an owner's answer back."""

from lifecycle.commands import Refused, WithdrawAnswer, WithdrawRequest
from lifecycle.story import Story


def withdraw_answer(story: Story, command: WithdrawAnswer) -> None:
    """Take an owner's answer back."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def withdraw_request(story: Story, command: WithdrawRequest) -> None:
    """Take a request for review back."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
