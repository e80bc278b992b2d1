"""Saying in Slack when one is away: through the same code as the API's away periods."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from api.absences import Speaker, described, put_away_periods
from api.deps import Composition
from api.problems import Problem
from api.rosters import tell_of_person
from api.slack_payload import Sender
from api.slack_persons import Persons
from api.slack_telling import Telling
from integrations.database.ledger import lock_registry
from integrations.database.reporting_lines import people_named
from integrations.slack.away_form import DELEGATE, STARTS, UNTIL, Entered
from lifecycle.away import with_absence
from lifecycle.roster import Away

WRITTEN_WITHIN = timedelta(seconds=1.3)
FOUND_WITHIN = timedelta(seconds=0.5)
"""Together with half a second for telling below the three seconds after which Slack gives up."""
READ_WITHIN = timedelta(seconds=1)

UNKNOWN_DELEGATE = (
    "Undersigned doesn't know this account. Whoever stands in has to be in the people file, with "
    "the e-mail address that Slack has for them."
)
NOT_NOW = "This can't be read or written now. Try again in a minute."
UNCERTAIN = "It is not certain that this was stored. Look at your Home tab, or save it again."
UNTOLD = (
    "It is stored, but not every open version could be told. Save it again, which changes nothing "
    "else."
)

_log = logging.getLogger(__name__)

Change = Callable[[tuple[Away, ...], datetime], tuple[Away, ...]]


class NotTaken(Exception):  # noqa: N818 - it is the answer that the person gets
    """Why a time away was not taken, and which field is wrong."""

    def __init__(self, sentence: str, field: str = UNTIL) -> None:
        super().__init__(sentence)
        self.field = field


class Taken(NamedTuple):
    """The times away that stand now, and the names of those who stand in."""

    away: tuple[Away, ...]
    names: dict[str, str]
    zone: str | None = None
    """The person's own zone."""


class Absences:
    """Writes times away and tells the versions that they concern."""

    def __init__(self, composition: Composition, persons: Persons, telling: Telling) -> None:
        self._composition = composition
        self._persons = persons
        self._telling = telling

    async def add(self, who: Sender, said: Entered, delegate: str | None = None) -> Taken:
        """Add a time away; `delegate` is a person's id, else an account was entered.

        Raises NotTaken with the sentence.
        """
        named = delegate or (await self._delegate(who, said.delegate) if said.delegate else None)
        try:
            new = Away.model_validate({"from": said.starts, "until": said.until, "delegate": named})
        except ValidationError as error:
            first = error.errors()[0]
            field = {"from": STARTS, "delegate": DELEGATE}.get(str((*first["loc"], "")[0]), UNTIL)
            sentence = str(first["msg"]).removeprefix("Value error, ")
            raise NotTaken(f"This can't be used: {sentence}.", field) from error
        return await self._change(who, lambda known, now: with_absence(known, new, now))

    async def clear(self, who: Sender) -> Taken:
        """Say that somebody is not away at all; raises NotTaken."""
        return await self._change(who, lambda _known, _now: ())

    async def known(self, who: Sender) -> Taken:
        """Give the times away that are not over; raises NotTaken."""
        person = await self._person(who)
        now = self._composition.clock()
        try:
            async with (
                asyncio.timeout(READ_WITHIN.total_seconds()),
                self._composition.database.transaction() as connection,
            ):
                file = await described(connection, person)
                coming = tuple(one for one in file.away if one.until > now)
                people = await people_named(connection, [o.delegate for o in coming if o.delegate])
        except Problem as problem:
            raise NotTaken(problem.detail) from problem
        except TimeoutError as error:
            raise NotTaken(NOT_NOW) from error
        return Taken(coming, {id_: one.name or id_ for id_, one in people.items()}, file.zone)

    async def _change(self, who: Sender, change: Change) -> Taken:
        person = await self._person(who)
        speaker, composition = Speaker(who.identity, person), self._composition
        try:
            async with (
                asyncio.timeout(WRITTEN_WITHIN.total_seconds()),
                composition.database.transaction() as connection,
            ):
                await lock_registry(connection)  # else two at once lose one
                known = (await described(connection, person)).away
                away = change(known, composition.clock())
                await put_away_periods(connection, composition, person, away, speaker)
                people = await people_named(connection, [o.delegate for o in away if o.delegate])
        except Problem as problem:
            raise _not_taken(problem) from problem
        except TimeoutError as error:
            raise NotTaken(UNCERTAIN) from error
        if not await self._telling.all(tell_of_person(composition, person)):
            raise NotTaken(UNTOLD)
        return Taken(away, {id_: file.name or id_ for id_, file in people.items()})

    async def _delegate(self, who: Sender, user: str) -> str:
        found = await _in_time(self._persons.colleague(Sender(who.enterprise, who.team, user)))
        if found is None:
            raise NotTaken(UNKNOWN_DELEGATE, DELEGATE)
        return found

    async def _person(self, who: Sender) -> str:
        found = await _in_time(self._persons.of(who))
        if found is None:
            raise NotTaken(await _in_time(self._persons.unknown(who)) or NOT_NOW)
        return found


async def _in_time(looking: Awaitable[str | None]) -> str | None:
    """Look an account up; raises NotTaken when that isn't possible now."""
    try:
        async with asyncio.timeout(FOUND_WITHIN.total_seconds()):
            return await looking
    except Exception as error:  # the edge: whatever it is, the person hears of it
        _log.warning("could not look up a Slack account", exc_info=True)
        raise NotTaken(NOT_NOW) from error


def _not_taken(problem: Problem) -> NotTaken:
    if not problem.errors:
        return NotTaken(problem.detail)
    first = problem.errors[0]
    return NotTaken(first.message, DELEGATE if first.path.endswith("delegate") else UNTIL)
