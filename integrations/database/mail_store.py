"""Which letters were handed to the mail server, so that a repeat hands none in again."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals
from integrations.database.rows import any_in, table_of, upsert_rows, write
from lifecycle.values import Frozen, Instant

_letter = table_of(journals.MailMessage)
_put = upsert_rows(journals.MailMessage)


class Letter(Frozen):
    """One letter: to whom, about which sign-off, and what became of it."""

    signoff: str
    person: str
    address: str = ""
    message_id: str = ""
    state: str
    """`posting` before a try, then `posted` or `failed`."""
    error: str = ""
    sent_at: Instant | None = None


async def letters_of(
    connection: AsyncConnection, signoffs: Iterable[str]
) -> dict[tuple[str, str], Letter]:
    """Give all letters about these sign-offs, by (sign-off, person), in one query."""
    rows = await connection.execute(select(_letter).where(_letter.c.signoff == any_in(signoffs)))
    found = (Letter(**row._mapping) for row in rows)
    return {(one.signoff, one.person): one for one in found}


async def save_letter(connection: AsyncConnection, letter: Letter) -> None:
    """Write down one letter as it is now."""
    await write(connection, _put, [letter.model_dump(mode="json")])
