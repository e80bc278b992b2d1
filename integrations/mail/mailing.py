"""Asks people by e-mail, each once for a request, and says what became of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from integrations.database import mail_store, registry
from integrations.database.mail_store import Letter
from integrations.mail.letters import BadAddress, address_in, letter, message_id
from integrations.mail.server import MailLine, MailRefused, MailServer, MailUnavailable
from integrations.slack.moments import now
from lifecycle.mailing import Unasked
from lifecycle.receipts import Receipt
from lifecycle.view import AskedView, SignoffView, VersionView

POSTING, POSTED, FAILED = "posting", "posted", "failed"
NO_ADDRESS = "no e-mail address is known"


@dataclass(frozen=True)
class Handed:
    """What came of handing letters in."""

    receipts: tuple[Receipt, ...] = ()
    trouble: MailUnavailable | None = None
    """Why others are still to be tried."""


@dataclass(frozen=True)
class Due:
    """A letter that is to be written."""

    request: Unasked
    view: SignoffView
    person: AskedView


class Mailing:
    """Hands letters in at one server, from one sender."""

    def __init__(
        self, server: MailServer, engine: AsyncEngine, *, sender: str, url: str | None = None
    ) -> None:
        """Keep what it sends with; raises BadAddress for a sender that is none."""
        self._server = server
        self._engine = engine
        self._sender = address_in(sender)
        self._url = url
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def send(self, view: VersionView, requests: Sequence[Unasked]) -> Handed:
        """Ask everybody who was not asked by e-mail; repeating it asks nobody twice.

        A letter whose fate is not known is handed in again under the same Message-ID.
        """
        lock = self._locks.setdefault((view.model, view.version), asyncio.Lock())
        async with lock:  # an attempt that was given up may still be under way
            async with self._engine.connect() as connection:
                known = await mail_store.letters_of(connection, [one.signoff for one in requests])
            found = {(d.view.id, d.person.person): d for d in _due(view, requests)}
            open_ = [d for key, d in found.items() if not _is_done(known.get(key))]
            trouble = await self._hand_in(open_, known) if open_ else None
        receipts = (_receipt(due.request, known.get(key)) for key, due in found.items())
        return Handed(tuple(one for one in receipts if one is not None), trouble)

    async def _hand_in(
        self, due: Sequence[Due], known: dict[tuple[str, str], Letter]
    ) -> MailUnavailable | None:
        """Hand letters in over one connection; the trouble of one doesn't hold up the others."""
        trouble = None
        try:
            async with self._server.open() as line:
                for one in due:
                    key = (one.view.id, one.person.person)
                    try:
                        known[key] = await self._one(line, one)
                    except MailUnavailable as error:
                        trouble = error
        except MailUnavailable as error:
            return error
        return trouble

    async def _one(self, line: MailLine, due: Due) -> Letter:
        """Hand one letter in; raises MailUnavailable, and then it is noted as uncertain."""
        person = due.person.person
        row = Letter(signoff=due.view.id, person=person, state=FAILED)
        async with self._engine.connect() as connection:
            file = await registry.get_person(connection, person)
        if file is None or not file.email:
            return await self._save(row, error=NO_ADDRESS)
        named = message_id(self._sender, due.view.id, person)
        row = row.model_copy(update={"address": file.email, "message_id": named})
        try:
            text = letter(due.view, due.person, file.email, self._sender, self._url, now())
        except BadAddress as error:
            return await self._save(row, error=str(error))
        await self._save(row, state=POSTING)
        try:
            await line.send(text, self._sender.addr_spec, file.email)
        except MailRefused as refused:
            return await self._save(row, error=str(refused))
        return await self._save(row, state=POSTED)

    async def _save(self, row: Letter, *, state: str = FAILED, error: str = "") -> Letter:
        changed = {"state": state, "error": error[:200], "sent_at": now()}
        row = row.model_copy(update=changed)
        async with self._engine.begin() as connection:
            await mail_store.save_letter(connection, row)
        return row


def _due(view: VersionView, requests: Sequence[Unasked]) -> list[Due]:
    """Find what the view says of the requests and people that are named."""
    views = {signoff.id: signoff for stage in view.stages for signoff in stage.signoffs}
    return [
        Due(request, views[request.signoff], asked)
        for request in requests
        if request.signoff in views
        for asked in views[request.signoff].asked
        if asked.person in request.people
    ]


def _is_done(row: Letter | None) -> bool:
    return row is not None and row.state in {POSTED, FAILED}


def _receipt(request: Unasked, row: Letter | None) -> Receipt | None:
    if row is None or not _is_done(row):
        return None
    return Receipt(
        stage=request.stage,
        round=request.round,
        role=request.role,
        way="email",
        outcome="sent" if row.state == POSTED else "failed",
        why=row.error,
        people=(row.person,),
    )
