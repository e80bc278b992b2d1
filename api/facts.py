"""Audit trails: the facts of one subject, in order, as they were recorded."""

import json
from typing import Any

from starlette.responses import JSONResponse

from api.auth import Principal
from api.deps import Composition
from api.paging import Paging, bad_cursor, listed
from api.problems import NotFound
from integrations.database.ledger import StoredEntry, read_entries
from integrations.database.pages import Page, read_cursor, write_cursor


async def facts_of(
    composition: Composition, principal: Principal, subject: str, paging: Paging
) -> JSONResponse:
    """Give a page of a subject's facts; raises NotFound when there are none."""
    after = _after(subject, paging.cursor)
    async with composition.database.transaction() as connection:
        entries = await read_entries(connection, subject, after, paging.limit + 1)
    if not entries and after == 0:
        raise NotFound(f"Nothing is recorded of {subject[:300]}.")
    shown = entries[: paging.limit]
    following = None
    if len(entries) > paging.limit:
        following = write_cursor(f"facts {subject}", [str(shown[-1].sequence)])
    items = tuple(_shown(entry, shows_people=principal.has("manager", "auditor"))
                  for entry in shown)  # fmt: skip
    return listed(composition, Page(items=items, next=following))


def _after(subject: str, cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(read_cursor(f"facts {subject}", cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor(error) from error


def _shown(entry: StoredEntry, *, shows_people: bool) -> dict[str, Any]:
    body = json.loads(entry.body)
    fact = body["fact"]
    withheld: list[str] = []
    if not shows_people and fact["kind"] == "RosterRead":
        # The roster holds everybody's e-mail and accounts; only managers and auditors see these.
        fact["roster"]["people"] = {}
        withheld.append("fact.roster.people")
    if "secret_hash" in fact:
        # A secret that an operator chose could be guessed from it.
        fact["secret_hash"] = ""
        withheld.append("fact.secret_hash")
    return {
        "seq": entry.sequence,
        "at": fact["at"],
        "kind": fact["kind"],
        "hash": entry.hash,
        "prev": body["prev"],
        "subject": entry.subject,
        "fact": fact,
        "recorded_at": entry.recorded_at,
        "withheld": withheld,
    }
