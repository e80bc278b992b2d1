"""A real SMTP server on this machine, which keeps what it takes and refuses what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from integrations.mail.server import MailServer

HOST = "127.0.0.1"


@dataclass
class Mailbox:
    """What came in, and what is answered to addresses."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    """The answer to a recipient's address, as `550 5.1.1 no such user`."""
    after: str = ""
    """The answer to a letter that was taken: another than 250 loses the reply."""
    tries: list[str] = field(default_factory=list)
    """Every address that was named."""
    port: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def holds(self, number: int) -> None:
        """Wait until so many letters came."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.letters) >= number)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.tries.append(address)
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        parsed = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        self.recipients.append(list(envelope.rcpt_tos))
        async with self.changed:
            self.letters.append(parsed)
            self.changed.notify_all()
        return self.after or "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """Give the letters that an address got."""
        pairs = zip(self.letters, self.recipients, strict=True)
        return [one for one, to in pairs if address in to]

    @property
    def server(self) -> MailServer:
        """Where it takes letters, without encryption."""
        return MailServer(HOST, self.port, "none")


def text_of(one: EmailMessage) -> str:
    """Give the words of a letter."""
    body = one.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@asynccontextmanager
async def mailbox(**options: Any) -> AsyncIterator[Mailbox]:
    """Run a server until the block ends."""
    found = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(found, hostname="mail.example", loop=loop, **options), HOST, 0
    )
    async with server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


def knows(user: str, password: str) -> Any:
    """Let in whoever signs in as that user."""

    def check(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
        is_them = isinstance(data, LoginPassword) and (data.login, data.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=is_them, handled=is_them)

    return check
