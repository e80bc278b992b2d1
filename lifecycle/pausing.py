"""Pause somebody's reminders."""

from lifecycle.commands import Acknowledge, AnswerQuestion, AskQuestion, Refused, Snooze
from lifecycle.story import Story


def acknowledge(story: Story, command: Acknowledge) -> None:
    """Pause somebody's reminders."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def snooze(story: Story, command: Snooze) -> None:
    """Remind somebody later."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def ask_question(story: Story, command: AskQuestion) -> None:
    """Ask the producers, and let the clock stand."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")


def answer_question(story: Story, command: AnswerQuestion) -> None:
    """Take an answer, and let the clock go on."""
    raise Refused("not-available", f"{story.state.version} can't take {command.kind} yet.")
