"""The mail server: one connection for the letters of one version, every refusal sorted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
from pydantic import SecretStr

from integrations.slack.text import one_line

ANSWERS_WITHIN = timedelta(seconds=20)
LONGEST_WHY = 200
Security = Literal["starttls", "tls", "none"]


class MailUnavailable(Exception):  # noqa: N818 - named as the state it is
    """The server takes nothing now, or not this; the same may work later."""


class MailRefused(Exception):  # noqa: N818 - named as the answer it is
    """The server will not take this letter, and says why; the same is refused again."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: SecretStr | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["MailLine"]:
        """Connect and sign in; raises MailUnavailable."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password.get_secret_value() if self.password else None,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            # Whatever is wrong with the server or its settings, no letter is the cause.
            raise MailUnavailable(_said(error)) from error
        try:
            yield MailLine(client)
        finally:
            client.close()


class MailLine:
    """An open connection to the server."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, letter: EmailMessage, sender: str, to: str) -> None:
        """Hand a letter in for one address; raises MailRefused, MailUnavailable."""
        try:
            await self._client.send_message(letter, sender=sender, recipients=[to])
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _sorted(refused.recipients[0]) from refused
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as refused:
            raise _sorted(refused) from refused
        except aiosmtplib.SMTPNotSupported as refused:  # an address beyond ASCII
            raise MailRefused(_said(refused)) from refused
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable(_said(error)) from error


def _sorted(refused: aiosmtplib.SMTPResponseException) -> MailRefused | MailUnavailable:
    is_final = 500 <= refused.code < 600
    return MailRefused(_said(refused)) if is_final else MailUnavailable(_said(refused))


def _said(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return one_line(f"{error.code} {error.message}", LONGEST_WHY)
    return one_line(str(error) or type(error).__name__, LONGEST_WHY)
