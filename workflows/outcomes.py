"""What is put on record of messages that led to nothing, and what is said of them."""

import json
from datetime import datetime

from temporalio.exceptions import ApplicationError

from activities.contracts import ClickAnswer
from integrations.slack.clicks import ReplyTo
from lifecycle.canonical import Entry, digest_of
from lifecycle.commands import Refused
from lifecycle.facts import (
    AnyFact,
    CommandQuarantined,
    CommandRefused,
    CommandUnreadable,
    parse_fact,
)
from workflows.inbox import Ticket
from workflows.messages import Envelope

REFUSED = "Refused"


def refusal_error(refusal: Refused) -> ApplicationError:
    """Give a refusal as the error that an update answers: its sentence, its code as detail."""
    return ApplicationError(refusal.reason, refusal.code, type=REFUSED, non_retryable=True)


def refused(ticket: Ticket, refusal: Refused, now: datetime) -> CommandRefused:
    """Put a refusal on record."""
    envelope = ticket.envelope
    return CommandRefused(
        at=now,
        cause=envelope.id,
        command=envelope.kind,
        code=refusal.code,
        reason=refusal.reason,
        by=envelope.by,
    )


def unreadable(ticket: Ticket, error: str, now: datetime) -> CommandUnreadable:
    """Put a message that nobody could read on record, by its digest."""
    envelope = ticket.envelope
    return CommandUnreadable(
        at=now,
        cause=envelope.id,
        command=envelope.kind,
        digest=_digest(envelope),
        error=_plain(error),
    )


def _digest(envelope: Envelope) -> str:
    """Name what came: the bytes of a signal that was no envelope, or else its body."""
    if not envelope.kind and "digest" in envelope.body:
        return str(envelope.body["digest"])
    return digest_of(json.dumps(envelope.body, sort_keys=True, default=str))


def _plain(text: str) -> str:
    """Write lone surrogates out: errors repeat what came, and no record can hold those."""
    return text.encode(errors="backslashreplace").decode()


def quarantined(ticket: Ticket, error: Exception, now: datetime) -> CommandQuarantined:
    """Put a command on record that met an unexpected error."""
    cause = "" if ticket.is_awaited else ticket.envelope.id
    what = _plain(f"{type(error).__name__}: {error}"[:500])
    return CommandQuarantined(at=now, cause=cause, command=ticket.envelope.kind, error=what)


def click_answer(reply_to: ReplyTo, sentence: str) -> ClickAnswer:
    """Give what is said to whoever clicked."""
    return ClickAnswer(reply_to=reply_to, sentence=sentence)


def fact_of(entry: Entry) -> AnyFact:
    """Read the fact of a recorded entry."""
    return parse_fact(json.loads(entry.body)["fact"])
