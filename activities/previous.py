"""Reading the approvals that the last approved version of a model stands on."""

import asyncio
import json

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.contracts import VersionKey
from integrations.database.ledger import StoredEntry, read_entries
from integrations.database.older_versions import last_approved
from lifecycle.earlier import approvals_of
from lifecycle.evolve import fold
from lifecycle.fact_values import Previous
from lifecycle.facts import parse_fact
from lifecycle.recording import version_subject

NONE = Previous(version="")
"""No other version of the model stands approved."""


async def read_previous(connection: AsyncConnection, of: VersionKey) -> Previous:
    """Read the version that was approved last, beside this one, from the ledger.

    What an approval binds to is in its facts alone, so they are folded.
    """
    version = await last_approved(connection, of.model, of.version)
    if version is None:
        return NONE
    entries = await read_entries(connection, version_subject(of.model, version))
    return await asyncio.to_thread(_previous, of.model, version, entries)


def _previous(model: str, version: str, entries: list[StoredEntry]) -> Previous:
    facts = (parse_fact(json.loads(entry.body)["fact"]) for entry in entries)
    return approvals_of(fold(model, version, facts))
