"""What travels between the workflow and those who talk to it. New fields have defaults."""

from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from integrations.slack.clicks import ReplyTo
from integrations.workflow_names import PLACES, SIGNAL, TASK_QUEUE, WORKFLOW, workflow_id
from lifecycle.values import Frozen, Instant
from lifecycle.view import GateAnswer

__all__ = [
    "GATE",
    "NUDGE",
    "PLACES",
    "PREVIEW",
    "ROSTER_CHANGED",
    "SIGNAL",
    "TASK_QUEUE",
    "UPDATE",
    "VIEW",
    "WORKFLOW",
    "Answer",
    "Envelope",
    "GateQuestion",
    "GateReply",
    "Preview",
    "PreviewQuestion",
    "Short",
    "Start",
    "workflow_id",
]

UPDATE = "ask"
ROSTER_CHANGED = "roster_changed"
NUDGE = "nudge"
GATE = "gate"
PREVIEW = "preview"
VIEW = "view"

Short = Annotated[str, StringConstraints(max_length=500)]
"""Text that facts repeat; without a bound one message could grow past what a payload holds."""


class Envelope(Frozen):
    """Any message, taken as it comes: the workflow's loop parses the body, so none is dropped."""

    id: Short = ""
    """Names the message: a repeat of it changes nothing."""
    kind: Short = ""
    """The command's kind, as `Attach`."""
    by: Short = ""
    """The authenticated principal."""
    body: dict[str, Any] = {}
    reply_to: ReplyTo | None = None
    done: Short = ""
    """What whoever sent it is told once it is applied; empty where nothing is."""


class Start(Frozen):
    """What a version's workflow starts with; everything else it reads or is told."""

    model: str
    version: str
    carried: dict[str, Any] | None = None
    """What the run before carried over, in its format."""


class Answer(Frozen):
    """What became of a command that somebody waits for."""

    sequence: int
    recorded: bool
    """False only while the database is away."""
    changed: bool = True
    """False when the same command was taken before."""
    view: dict[str, Any]
    """The version's view, as JSON."""


class GateQuestion(Frozen):
    """Whether these bytes may pass this gate."""

    gate: str
    digest: str
    now: Instant | None = None
    """The asker's clock: an idle workflow's own stands at its last task."""


class PreviewQuestion(Frozen):
    """What a command would lead to, were it given."""

    envelope: Envelope
    now: Instant | None = None
    """The asker's clock: an idle workflow's own stands at its last task."""


class Preview(Frozen):
    """What would happen, or why the command would be refused. Nothing has happened."""

    facts: tuple[str, ...] = ()
    """The kinds of the facts, in order."""
    sentences: tuple[str, ...] = ()
    """For people: what is asked again and why, and which approvals stay."""
    code: str = ""
    """The code of the refusal; empty when there is none."""
    reason: str = ""
    sequence: int = 0
    """The state that it was judged by."""


class GateReply(Frozen):
    """The workflow's answer, with how far it is."""

    answer: GateAnswer
    sequence: int
    recorded: int
    """How many facts are recorded; fewer than `sequence` means that recording lags."""
    status: Literal["ready", "busy"] = "ready"
