"""What people ask for about a sign-off, beside answering it."""

from typing import Literal

from lifecycle.asked import Id, Personal, SignoffCommand
from lifecycle.values import Comment, Name, Sentence, SentInstant


class WithdrawAnswer(SignoffCommand):
    """Take back one's own answer, an approval or an objection."""

    kind: Literal["WithdrawAnswer"] = "WithdrawAnswer"
    reason: Comment = ""


class Delegate(SignoffCommand):
    """Let somebody answer in one's place; without `to` the delegation is taken back."""

    kind: Literal["Delegate"] = "Delegate"
    to: Name | None = None
    until: SentInstant | None = None
    reason: Comment = ""


class Acknowledge(SignoffCommand):
    """Say that one is on it: no more reminders; the deadline stays."""

    kind: Literal["Acknowledge"] = "Acknowledge"


class Snooze(SignoffCommand):
    """Be reminded at an instant, and not before; never past the deadline."""

    kind: Literal["Snooze"] = "Snooze"
    until: SentInstant


class AskQuestion(SignoffCommand):
    """Ask the producers; the clock stands until they answer."""

    kind: Literal["AskQuestion"] = "AskQuestion"
    text: Sentence


class AnswerQuestion(Personal):
    """Answer an owner's question."""

    kind: Literal["AnswerQuestion"] = "AnswerQuestion"
    question: Id
    text: Sentence
