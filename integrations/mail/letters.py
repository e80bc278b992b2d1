"""What an e-mail asks for: plain text from a view, with nothing in it that decides by itself."""

import hashlib
import re
import shlex
from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import quote

from integrations.slack.text import calm, one_line
from lifecycle.values import moment
from lifecycle.view import AskedView, SignoffView

LONGEST_SUBJECT = 200
LONGEST_STATEMENT = 1_000
LONGEST_NAME = 80
LONGEST_SENTENCE = 500

_WRITTEN = re.compile(
    r'(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<angled>[^@\s<>]+@[^@\s<>]+)>)|(?P<plain>[^@\s<>]+@[^@\s<>]+)'
)


class BadAddress(ValueError):  # noqa: N818 - it names what was found
    """An address that no e-mail can be sent to."""


def address_in(text: str) -> Address:
    """Read one address, with or without a name; raises BadAddress for anything else."""
    found = _WRITTEN.fullmatch(text.strip()) if text.isprintable() else None
    if found is None:
        raise BadAddress(f"{text[:150]!r} is no e-mail address")
    spec = found["angled"] or found["plain"]
    try:
        address = Address(display_name=one_line(found["name"] or "", LONGEST_NAME), addr_spec=spec)
    except ValueError as error:
        raise BadAddress(f"{text[:150]!r} is no e-mail address") from error
    if address.addr_spec != spec:  # the parser left something out
        raise BadAddress(f"{text[:150]!r} is no e-mail address")
    return address


def message_id(sender: Address, signoff: str, person: str) -> str:
    """Name the message to a person about a request; a repeat of it has the same name."""
    digest = hashlib.sha256(f"{signoff}\n{person}".encode()).hexdigest()
    return f"<{digest[:40]}@{sender.domain}>"


def letter(
    view: SignoffView, person: AskedView, to: str, sender: Address, url: str | None, at: datetime
) -> EmailMessage:
    """Write the request to somebody; raises BadAddress."""
    message = EmailMessage(policy=SMTP)
    address = address_in(to)
    name = one_line(person.name or person.person, LONGEST_NAME)
    message["From"] = sender
    message["To"] = Address(display_name=name, addr_spec=address.addr_spec)
    message["Subject"] = subject(view)
    message["Message-ID"] = message_id(sender, view.id, person.person)
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers with "out of office"
    message.set_content("\n".join(_lines(view, person, name, url)) + "\n", cte="quoted-printable")
    return message


def subject(view: SignoffView) -> str:
    """Say in a line what is asked."""
    what = f"Sign-off asked as {view.role}: {view.model} {view.version}, stage {view.stage}"
    return one_line(what, LONGEST_SUBJECT)


def _lines(view: SignoffView, person: AskedView, name: str, url: str | None) -> Iterator[str]:
    version = one_line(view.version, 100)
    yield f"{name},"
    yield ""
    yield f"you are asked to sign as {view.role}{_behalf(view, person)}."
    yield ""
    for line in calm(view.statement, LONGEST_STATEMENT).split("\n"):
        yield f"> {line}"
    yield ""
    yield f"Model:    {view.model}"
    yield f"Version:  {version}"
    yield f"Stage:    {view.stage}, round {view.round}"
    if view.risk:
        yield f"Risk:     {view.risk}"
    yield f"Due:      {moment(view.due) if view.due else 'no deadline runs now'}"
    if view.upcoming:
        yield f"Next:     {moment(view.upcoming.at)}: {_sentence(view.upcoming.what)}"
    yield ""
    if person.undelivered:
        yield f"It comes by e-mail because it did not reach you in Slack: {_why(person)}."
        yield ""
    yield from _where(view, url)


def _behalf(view: SignoffView, person: AskedView) -> str:
    if not person.on_behalf_of:
        return ""
    owner = next((one.name for one in view.asked if one.person == person.on_behalf_of), "")
    return f" on behalf of {one_line(owner or person.on_behalf_of, LONGEST_NAME)}"


def _where(view: SignoffView, url: str | None) -> Iterator[str]:
    """Say where to read and to answer; by a key of one's own, as nothing here is a secret."""
    named = (view.id, view.model, one_line(view.version, 100))
    id_, model, version = (shlex.quote(each) for each in named)
    server = f" --url {shlex.quote(url)}" if url else ""
    yield "Read it, and answer with your own API key:"
    yield ""
    yield f"  undersigned show {model} {version}{server}"
    yield f"  undersigned sign {id_} approve{server}"
    yield f"  undersigned sign {id_} request-changes{server}"
    if url:
        yield ""
        yield f"  {url.rstrip('/')}/v1/signoffs/{quote(view.id, safe='')}"
    yield ""
    yield "Answering this e-mail decides nothing."


def _why(person: AskedView) -> str:
    return _sentence(person.undelivered).rstrip(".")


def _sentence(text: str) -> str:
    return one_line(text, LONGEST_SENTENCE)
