import json

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import tables
from integrations.database.rows import table_of
from lifecycle.canonical import Head, digest_of_bytes
from lifecycle.recording import version_subject
from lifecycle.values import Frozen

_fact = table_of(tables.Fact)
_version = table_of(tables.Version)


class Broken(Frozen):
    """The first entry of a chain that is not what was recorded."""

    subject: str
    sequence: int
    why: str
    """A whole sentence."""


class Verified(Frozen):
    """What the stored bytes say."""

    chains: int
    entries: int
    broken: tuple[Broken, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether every chain hangs together."""
        return not self.broken


async def verify(connection: AsyncConnection) -> Verified:
    """Hash the stored bytes of every chain and follow its links, entry by entry.

    The end of a version's chain is compared with the version's row too: a chain that lost its last
    entries hangs together all the same. Reads in the connection's transaction.
    """
    # Reading everything may take longer than a statement usually may.
    await connection.execute(text("SET LOCAL statement_timeout = 0"))
    heads: dict[str, Head] = {}
    broken: dict[str, Broken] = {}
    entries = 0
    stream = await connection.stream(
        select(_fact.c.subject, _fact.c.sequence, _fact.c.hash, _fact.c.body).order_by(
            _fact.c.subject, _fact.c.sequence
        )
    )
    async for row in stream.mappings():
        entries += 1
        subject = row["subject"]
        why = _problem(heads.get(subject, Head()), row)
        heads[subject] = Head(sequence=row["sequence"], hash=row["hash"])
        if why and subject not in broken:
            broken[subject] = Broken(subject=subject, sequence=row["sequence"], why=why)
    for one in await _shortened(connection, heads):
        broken.setdefault(one.subject, one)
    return Verified(
        chains=len(heads), entries=entries, broken=tuple(broken[one] for one in sorted(broken))
    )


def _problem(head: Head, row: RowMapping) -> str | None:
    if row["sequence"] != head.sequence + 1:
        return f"After entry {head.sequence} comes entry {row['sequence']}; those between are gone."
    if digest_of_bytes(row["body"].encode()) != row["hash"]:
        return "Its bytes are not those that were hashed."
    try:
        body = json.loads(row["body"])
    except ValueError:
        return "Its bytes are not JSON."
    if (body.get("subject"), body.get("seq")) != (row["subject"], row["sequence"]):
        return "It was recorded at another place."
    if body.get("prev") != head.hash:
        return "It does not follow from the entry before it."
    return None


async def _shortened(connection: AsyncConnection, heads: dict[str, Head]) -> list[Broken]:
    rows = await connection.execute(
        select(_version.c.model, _version.c.version, _version.c.sequence)
    )
    found = []
    for row in rows:
        subject = version_subject(row.model, row.version)
        last = heads.get(subject, Head()).sequence
        if last < row.sequence:
            why = f"The version's row is at entry {row.sequence}, the chain ends at {last}."
            found.append(Broken(subject=subject, sequence=last + 1, why=why))
    return found
