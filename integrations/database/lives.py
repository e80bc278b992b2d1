"""Reading every version's facts from the ledger, one life after the other."""

import json
from collections.abc import AsyncIterator

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from lifecycle.facts import AnyFact, parse_fact
from lifecycle.recording import parse_version_subject
from lifecycle.values import encode_part

_fact = table_of(tables.Fact)
Life = tuple[str, str, list[AnyFact]]
"""Model, version, and its facts in order."""


async def lives(connection: AsyncConnection, model: str | None = None) -> AsyncIterator[Life]:
    """Give each recorded version with its facts; reads in the connection's transaction.

    Rows are streamed, so that one life at a time is held.
    """
    await connection.execute(text("SET LOCAL statement_timeout = 0"))
    prefix = "version/" if model is None else f"version/{encode_part(model)}/"
    rows = await connection.stream(
        select(_fact.c.subject, _fact.c.body)
        .where(_fact.c.subject.startswith(prefix, autoescape=True))
        .order_by(_fact.c.subject, _fact.c.sequence)
    )
    subject, facts = "", list[AnyFact]()
    async for row in rows:
        if row.subject != subject and facts:
            yield (*parse_version_subject(subject), facts)
            facts = []
        subject = row.subject
        facts.append(parse_fact(json.loads(row.body)["fact"]))
    if facts:
        yield (*parse_version_subject(subject), facts)
