"""One-time codes that bind a Slack account to the person whose API key made them."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database.registry_rows import read_person
from integrations.database.rows import table_of
from integrations.database.slack_tables import SlackCode, SlackTries
from lifecycle.slack_codes import (
    LASTS,
    LOCKED_FOR,
    Tries,
    after_wrong,
    check_asker,
    check_may_try,
)
from lifecycle.slack_links import SlackUser
from lifecycle.values import Frozen

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is taken for something else when it is read or typed."""
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
LENGTH = 12
"""60 random bits; a code lives for minutes, and few can be tried."""

_code = table_of(SlackCode)
_tries = table_of(SlackTries)


class Code(Frozen):
    """Whose code it was, and with which key it was made."""

    person: str
    key: str


async def make_code(connection: AsyncConnection, person: str, key: str, at: datetime) -> str:
    """Make a person's code and give it, this once; one that they had before is void.

    Raises Refused for whom no account can be confirmed.
    """
    record = await read_person(connection, person)
    check_asker(person, record.file if record else None)
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    row = {"code_hash": _hash(text), "key": key, "expires_at": at + LASTS}
    await connection.execute(
        insert(_code)
        .values(person=person, **row)
        .on_conflict_do_update(index_elements=["person"], set_=row)
    )
    return "-".join(text[start : start + 4] for start in range(0, LENGTH, 4))


async def take_code(
    connection: AsyncConnection, account: SlackUser, text: str, at: datetime
) -> Code | None:
    """Use a code up; None when it is wrong, old or used, which is counted against the account.

    Raises Refused while the account has to wait. What it counts is kept with the transaction.
    """
    tries = await _locked_tries(connection, account)
    check_may_try(tries, at)
    given = _hash(text.upper().translate(_LOOK_ALIKE))
    row = (await connection.execute(select(_code).where(_code.c.code_hash == given))).first()
    is_right = row is not None and hmac.compare_digest(row.code_hash, given)
    if row is None or not is_right or row.expires_at <= at:
        await _note(connection, account, after_wrong(tries, at))
        return None
    await connection.execute(delete(_code).where(_code.c.person == row.person))
    await _note(connection, account, Tries())
    return Code(person=row.person, key=row.key)


async def drop_old(connection: AsyncConnection, now: datetime) -> int:
    """Forget codes that are over, and tries that count no more; give how many rows."""
    codes = await connection.execute(delete(_code).where(_code.c.expires_at <= now))
    over = or_(_tries.c.last_at.is_(None), _tries.c.last_at <= now - LOCKED_FOR)
    return codes.rowcount + (await connection.execute(delete(_tries).where(over))).rowcount


async def _locked_tries(connection: AsyncConnection, account: SlackUser) -> Tries:
    """Read an account's tries so that no other try of it is judged meanwhile."""
    row = {"team": account.team, "user_id": account.user}
    await connection.execute(
        insert(_tries).values(**row, wrong=0, last_at=None).on_conflict_do_nothing()
    )
    found = await connection.execute(
        select(_tries.c.wrong, _tries.c.last_at).filter_by(**row).with_for_update()
    )
    return Tries.model_validate(dict(found.one()._mapping))


async def _note(connection: AsyncConnection, account: SlackUser, tries: Tries) -> None:
    await connection.execute(
        update(_tries)
        .where(_tries.c.team == account.team, _tries.c.user_id == account.user)
        .values(wrong=tries.wrong, last_at=tries.last_at)
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
