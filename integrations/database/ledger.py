import json
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from integrations.database import tables
from integrations.database.projection_rows import write_projection
from integrations.database.registry_rows import apply_fact
from integrations.database.rows import table_of
from lifecycle.canonical import GENESIS, Entry, Head, append, digest_of_bytes
from lifecycle.recording import Recording, version_subject
from lifecycle.registry import AnyRegistryFact
from lifecycle.view import Projection

_fact = table_of(tables.Fact)
_stored = select(
    _fact.c.subject, _fact.c.sequence, _fact.c.hash, _fact.c.body, _fact.c.recorded_at,
    _fact.c.number,
)  # fmt: skip
_new = (
    func.unnest(
        bindparam("sequences", type_=ARRAY(BigInteger)),
        bindparam("hashes", type_=ARRAY(Text)),
        bindparam("bodies", type_=ARRAY(Text)),
    )
    .table_valued("sequence", "hash", "body", name="new")
    .render_derived()
)
_append = insert(_fact).from_select(
    ["subject", "sequence", "hash", "body"],
    select(bindparam("of_subject", type_=Text), _new.c.sequence, _new.c.hash, _new.c.body),
)
REGISTRY_LOCK = 7_346_021_886
"""Registry writes are rare; one lock for all of them can't deadlock, and orders them."""


class LedgerConflict(Exception):  # noqa: N818 - it names what was found
    """Another fact is recorded at a known sequence, or a chain doesn't link; never retry it."""


class LedgerGap(Exception):  # noqa: N818 - it names what was found
    """Facts before these are not recorded yet; record them first."""


class StoredEntry(Entry):
    """An entry as the ledger holds it."""

    recorded_at: datetime
    number: int
    """Its place among all entries of the ledger; grows, with gaps."""


async def record(connection: AsyncConnection, recording: Recording) -> None:
    """Append a version's facts and bring its rows up to them; repeating it changes nothing.

    Raises LedgerConflict when another fact holds one of the sequences, LedgerGap when the entry
    before the first one is missing, ValueError when the rows are another version's.
    """
    rows = recording.projection
    if rows is not None:
        _check_rows(recording.subject, rows)
    await lock_chain(connection, recording.subject)
    if recording.entries:
        await _append_new(connection, recording.subject, recording.entries)
    if rows is not None:
        await write_projection(connection, rows)


def _check_rows(subject: str, rows: Projection) -> None:
    model, version = rows.version.model, rows.version.version
    if subject != version_subject(model, version):
        raise ValueError(f"The rows of {model} {version} came for {subject}.")


async def lock_chain(connection: AsyncConnection, subject: str) -> None:
    """Wait until nobody else writes this chain or its rows; held until the transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))


async def _append_new(
    connection: AsyncConnection, subject: str, entries: tuple[Entry, ...]
) -> None:
    _check_links(subject, entries)
    before = entries[0].sequence - 1
    known = await _hashes(connection, subject, before, entries[-1].sequence)
    if before and before not in known:
        raise LedgerGap(f"{subject}: entry {before} is not recorded, so {before + 1} can't be.")
    _refuse_another(subject, before, known.get(before, GENESIS), _previous(entries[0]))
    for entry in entries:
        _refuse_another(subject, entry.sequence, known.get(entry.sequence, entry.hash), entry.hash)
    await _insert(connection, subject, [one for one in entries if one.sequence not in known])


async def _insert(connection: AsyncConnection, subject: str, entries: list[Entry]) -> None:
    if entries:
        await connection.execute(
            _append,
            {
                "of_subject": subject,
                "sequences": [entry.sequence for entry in entries],
                "hashes": [entry.hash for entry in entries],
                "bodies": [entry.body for entry in entries],
            },
        )


async def _hashes(
    connection: AsyncConnection, subject: str, first: int, last: int
) -> dict[int, str]:
    rows = await connection.execute(
        select(_fact.c.sequence, _fact.c.hash).where(
            _fact.c.subject == subject, _fact.c.sequence.between(first, last)
        )
    )
    return {row.sequence: row.hash for row in rows}


def _refuse_another(subject: str, sequence: int, stored: str, given: str) -> None:
    if stored != given:
        raise LedgerConflict(
            f"{subject}: entry {sequence} is recorded as {stored}, and {given} came for it."
        )


def _check_links(subject: str, entries: tuple[Entry, ...]) -> None:
    """Refuse entries that are no piece of this chain, before they are in the ledger for good."""
    head: Head | None = None
    for entry in entries:
        body = _body(entry)
        if (
            (entry.subject, body.get("subject"), body.get("seq"))
            != (subject, subject, entry.sequence)
            or entry.hash != digest_of_bytes(entry.body.encode())
            or (head and (head.sequence + 1, head.hash) != (entry.sequence, body.get("prev")))
        ):
            raise LedgerConflict(f"{subject}: entry {entry.sequence} is no piece of this chain.")
        head = entry.head


def _body(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(entry.body)
    return body


def _previous(entry: Entry) -> str:
    return str(_body(entry)["prev"])


async def read_entries(
    connection: AsyncConnection, subject: str, after: int = 0, limit: int | None = None
) -> list[StoredEntry]:
    """Read a chain in order, from the entry after a sequence; an unknown subject has none."""
    rows = await connection.execute(
        _stored.where(_fact.c.subject == subject, _fact.c.sequence > after)
        .order_by(_fact.c.sequence)
        .limit(limit)
    )
    return [StoredEntry(**row._mapping) for row in rows]


async def lock_registry(connection: AsyncConnection) -> None:
    """Wait until nobody else writes to the registry; held until the transaction ends."""
    await connection.execute(select(func.pg_advisory_xact_lock(REGISTRY_LOCK)))


async def append_registry(
    connection: AsyncConnection, subject: str, fact: AnyRegistryFact
) -> StoredEntry:
    """Put a fact at the end of a subject's chain and bring its rows up to it.

    All registry writes wait for each other until their transactions end, so that no chain forks.
    Raises IdentityTaken when the fact gives somebody what is somebody else's.
    """
    await lock_registry(connection)
    head = await _head(connection, subject)
    entry = append(subject, head, fact.model_dump(mode="json", by_alias=True))
    await _insert(connection, subject, [entry])
    (stored,) = await read_entries(connection, subject, after=head.sequence)
    await apply_fact(connection, fact, stored.number)
    return stored


async def _head(connection: AsyncConnection, subject: str) -> Head:
    rows = await connection.execute(
        select(_fact.c.sequence, _fact.c.hash)
        .where(_fact.c.subject == subject)
        .order_by(_fact.c.sequence.desc())
        .limit(1)
    )
    row = rows.first()
    return Head(sequence=row.sequence, hash=row.hash) if row else Head()
