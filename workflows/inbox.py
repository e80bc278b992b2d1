"""The one inbox: every message in the order it came, and whoever waits for its outcome."""

from collections import deque
from collections.abc import Sequence

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from activities.contracts import AccountSeen
from lifecycle.canonical import digest_of_bytes
from lifecycle.commands import INTERNAL, AnyCommand, Refused, parse_command
from workflows.messages import SIGNAL, Envelope


class Ticket:
    """A message in the inbox, and what became of it."""

    def __init__(
        self,
        envelope: Envelope,
        *,
        is_awaited: bool = False,
        command: AnyCommand | None = None,
    ) -> None:
        self.envelope = envelope
        self.command = command
        """The command itself, when it is the workflow's own."""
        self.is_awaited = is_awaited
        """Whether somebody hears of a refusal at once; otherwise it is put on record."""
        self.is_done = False
        self.sequence = 0
        self.changed = False
        self.refusal: Refused | None = None
        self.trouble = ""
        """What went wrong unexpectedly; nothing was decided."""


class Unreadable(ValueError):  # noqa: N818 - it names what was found
    """A message that no command can be made of."""


class Inbox:
    """Messages that wait for their turn."""

    def __init__(self, envelopes: tuple[Envelope, ...]) -> None:
        self._waiting: deque[Ticket | RawValue] = deque(Ticket(e) for e in envelopes)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, envelope: Envelope) -> Ticket:
        """Put a message that somebody waits for at the end."""
        ticket = Ticket(envelope, is_awaited=True)
        self._waiting.append(ticket)
        return ticket

    def put_signal(self, name: str, values: Sequence[RawValue]) -> None:
        """Put a signal at the end as it came; it is read when its turn comes."""
        if name == SIGNAL and values:
            self._waiting.extend(values)
        else:
            error = "the signal is empty" if name == SIGNAL else f"no signal {name[:100]} is known"
            data = b"".join(value.payload.data for value in values)
            self._waiting.append(Ticket(_unread(data, error)))

    def first(self) -> Ticket:
        """Look at the first message and leave it where it is."""
        first = self._waiting[0]
        if not isinstance(first, Ticket):
            first = self._waiting[0] = Ticket(read(first))
        return first

    def next(self) -> Ticket:
        """Take the first message; one that is no envelope comes as one without a kind."""
        first = self.first()
        self._waiting.popleft()
        return first

    def left_over(self) -> tuple[Envelope, ...]:
        """Give what is still here, for the next run."""
        return tuple(t.envelope if isinstance(t, Ticket) else read(t) for t in self._waiting)


def read(raw: RawValue) -> Envelope:
    """Read a signal; one that can't be read keeps its bytes' digest and the reason."""
    try:
        data = workflow.payload_converter().from_payload(raw.payload)
        return Envelope.model_validate(data)
    except (ValueError, TypeError, RuntimeError, KeyError) as error:
        return _unread(raw.payload.data, f"{type(error).__name__}: {error}")


def _unread(data: bytes, error: str) -> Envelope:
    return Envelope(body={"digest": digest_of_bytes(data), "error": error[:500]})


def number_in(values: Sequence[RawValue]) -> int | None:
    """Read a signal that is one number; None when it is anything else."""
    if len(values) != 1:
        return None
    try:
        return int(workflow.payload_converter().from_payload(values[0].payload, int))
    except (ValueError, TypeError, RuntimeError, KeyError):
        return None


def command_of(envelope: Envelope) -> AnyCommand:
    """Read an envelope's command; raises Unreadable with the reason."""
    if not envelope.kind:
        raise Unreadable(str(envelope.body.get("error", "the message names no command")))
    if envelope.kind in INTERNAL:
        raise Unreadable(f"{envelope.kind} is taken from nobody but the version itself")
    body = {**envelope.body, "kind": envelope.kind, "id": envelope.id, "by": envelope.by}
    try:
        return parse_command(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"{place}: {first['msg']}"[:500]) from error


def account_of(envelope: Envelope) -> AccountSeen | None:
    """Give the Slack account behind a click that names no person; None when it names one."""
    via = envelope.body.get("via")
    if envelope.body.get("person") or not isinstance(via, dict) or not via.get("slack_user"):
        return None
    return AccountSeen(team=str(via.get("team")), user=str(via["slack_user"]))
