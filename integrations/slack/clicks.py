"""What a person does in Slack, on its way to the workflow."""

import hashlib
import json
from typing import Annotated, Any, Protocol

from pydantic import Field, TypeAdapter

from lifecycle.commands import (
    Acknowledge,
    AnswerQuestion,
    AskQuestion,
    Attach,
    Decide,
    Delegate,
    Snooze,
)
from lifecycle.values import Frozen, SignoffKey

LONGEST_VALUE = 2_000
"""Characters of a button's value, Slack's limit."""

_CUT = "…"

APPROVE = "approve"
APPROVE_CONFIRM = "approve_confirm"
REQUEST_CHANGES = "request_changes"
DETAILS = "details"
APPROVE_WITH = "approve_with"
MORE = "more"
"""The overflow menu, whose choices follow."""
DELEGATE = "delegate"
SNOOZE = "snooze"
ON_IT = "on_it"
ASK = "ask"
ANSWER = "answer"
"""Beside a question."""

ClickedCommand = Annotated[
    Decide | Delegate | Acknowledge | Snooze | AskQuestion | AnswerQuestion | Attach,
    Field(discriminator="kind"),
]
"""What can be asked for in Slack."""
_COMMAND: TypeAdapter[ClickedCommand] = TypeAdapter(ClickedCommand)


def clicked_command(data: dict[str, Any]) -> ClickedCommand:
    """Read a command that may come from Slack; raises pydantic.ValidationError."""
    return _COMMAND.validate_python(data)


class ReplyTo(Frozen):
    """Where an answer to one person goes: `chat.postEphemeral` in the channel of the click."""

    team: str
    channel: str
    user: str
    message_ts: str = ""
    thread_ts: str | None = None
    workspace: str = ""
    """The installation that got it, from where it is answered; empty: that of the version."""


class Click(Frozen):
    """What somebody asks for in Slack, and where they hear of the outcome."""

    command: ClickedCommand
    reply_to: ReplyTo
    about: str = ""
    """The sign-off that it is about, where the command names none."""
    done: str = ""
    """What they are told once it is on record; empty where cards say it."""
    version: tuple[str, str] | None = None
    """The model and version that it is about, where it is about no sign-off."""

    @property
    def target(self) -> tuple[str, str]:
        """The model and version that it is for; raises ValueError where it names none."""
        if self.version is not None:
            return self.version
        key = SignoffKey.parse(self.signoff)
        return key.model, key.version

    @property
    def signoff(self) -> str:
        """The sign-off that it is about."""
        return self.about or getattr(self.command, "signoff", "")


class ClickNotRecorded(Exception):  # noqa: N818 - it is the answer that the person gets
    """A click that is certainly not kept, with the sentence for whoever clicked."""


class ClickTooLate(ClickNotRecorded):
    """A click that can't be kept any more, however often it comes."""


class Clicks(Protocol):
    """Takes clicks, and returns only once they are durable."""

    async def send(self, click: Click) -> None:
        """Keep a click.

        Raises `ClickNotRecorded` when it surely is not kept; after any other error nobody knows.
        """


class Choice(Frozen):
    """What a button stands for: a sign-off, the revision that was shown, what changes may say."""

    signoff: str
    revision: str
    send_back_to: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """The names of the reasons that a request for changes chooses from."""
    is_cut: bool = False
    """Whether stages and reasons did not fit, and have to be read."""

    def value(self) -> str:
        """Write a button's value, without stages and reasons where they don't fit."""
        value = f"{self.signoff}|{self.revision}"
        if not self.send_back_to and not self.reasons:
            return value
        whole = f"{value}|{','.join(self.send_back_to)}"
        whole += f"|{','.join(self.reasons)}" if self.reasons else ""
        return whole if len(whole) <= LONGEST_VALUE else f"{value}|{_CUT}"

    @classmethod
    def parse(cls, value: str) -> "Choice":
        """Read a button's value; raises ValueError when it is none of ours."""
        parts = value.split("|")
        if len(parts) not in {2, 3, 4} or not parts[0] or not parts[1]:
            raise ValueError("not the value of a sign-off's button")
        is_cut = parts[2:] == [_CUT]
        lists = () if is_cut else tuple(_listed(part) for part in parts[2:])
        stages, reasons = (*lists, (), ())[:2]
        return cls(
            signoff=parts[0], revision=parts[1], send_back_to=stages, reasons=reasons, is_cut=is_cut
        )


class QuestionRef(Frozen):
    """What the button of a question stands for."""

    signoff: str
    question: str

    def value(self) -> str:
        """Write a button's value."""
        return f"{self.signoff}|{self.question}"

    @classmethod
    def parse(cls, value: str) -> "QuestionRef":
        """Read a button's value; raises ValueError when it is none of ours."""
        signoff, _, question = value.partition("|")
        if not signoff or not question:
            raise ValueError("not the value of a question's button")
        return cls(signoff=signoff, question=question)


class Form(Frozen):
    """What a modal must remember: the sign-off, the revision that was shown, where to answer."""

    signoff: str
    revision: str
    reply_to: ReplyTo
    send_back_to: str | None = None
    """The one place it can go, when there is no choice."""
    zone: str = "UTC"
    """The reader's, in which the dates that they pick are meant."""
    is_comment_optional: bool = False
    question: str = ""
    """The question that is answered."""
    can_take_back: bool = False
    """Whether a delegation is in force, which naming nobody takes back."""


def _listed(part: str) -> tuple[str, ...]:
    return tuple(part.split(",")) if part else ()


def interaction_id(*parts: str) -> str:
    """Name an interaction, so that the same delivery again has the same name."""
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return f"slack:{digest[:40]}"
