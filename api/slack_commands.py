"""`/undersigned`: answered within three seconds, for the one who typed it alone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.deps import Composition
from api.problems import Problem
from api.rosters import tell_of_model
from api.slack_absences import NOT_NOW, Absences, NotTaken, Taken
from api.slack_home import NOBODY
from api.slack_linking import Linking
from api.slack_payload import Sender, command_sender
from api.slack_persons import Persons
from api.slack_telling import Telling
from api.taking_over import take_over
from api.visibility import seen_by
from integrations.database.handovers import open_handovers
from integrations.database.ledger import lock_registry
from integrations.database.person_overview import person_overview
from integrations.database.registry import get_model
from integrations.database.versions import get_version, list_versions
from integrations.database.visibility import sees
from integrations.slack.away_form import Entered
from integrations.slack.command_answers import (
    away_answer,
    linked_answer,
    owned_answer,
    pending_answer,
    usage,
    version_answer,
    versions_answer,
)
from integrations.slack.command_text import (
    BadUsage,
    Delegate,
    Typed,
    delegate_of,
    exactly,
    moment_of,
    typed,
)
from integrations.slack.text import Json, inline, section
from lifecycle.commands import Refused
from lifecycle.view import VersionView

ANSWERED_WITHIN = timedelta(seconds=2.6)
MOST_PENDING = 20
MOST_VERSIONS = 10

UNSEEN = (
    "You don't see {model}: in Slack, people see the models they own and those where they may "
    "decide. A manager reads every one over the API and at the command line."
)
NOT_OFFERED = (
    "{role} of {model} is not offered to you, and nobody gives a role to themselves: its owner or "
    "a manager offers it (undersigned handover offer {model} {role} --to {person}), then this "
    "command takes it over."
)
UNCERTAIN = "It is not certain that this was done in time; look before you repeat it."
UNTOLD = "It is stored, but not every open version could be told; they read it later."

_log = logging.getLogger(__name__)


class Commands:
    """Answers each verb; authorisation is what an owner's key has over the API."""

    def __init__(
        self,
        composition: Composition,
        persons: Persons,
        absences: Absences,
        linking: Linking,
        telling: Telling,
    ) -> None:
        self._composition = composition
        self._persons = persons
        self._absences = absences
        self._linking = linking
        self._telling = telling

    async def run(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a command."""
        answer = await self._answer_in_time(body)
        return await ack(text=answer, blocks=[section(answer)])

    async def _answer_in_time(self, body: Json) -> str:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN.total_seconds()):
                return await self._answer(body)
        except BadUsage as wrong:
            return usage(str(wrong))
        except (NotTaken, Problem, Refused) as refusal:
            return inline(_sentence(refusal), 1_000)
        except TimeoutError:
            return UNCERTAIN if _writes(body) else NOT_NOW
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not answer a command", exc_info=True)
            return NOT_NOW

    async def _answer(self, body: Json) -> str:
        words, who = typed(str(body.get("text") or "")), command_sender(body)
        if words.verb == "help":
            return usage()
        verbs: dict[str, Callable[[Sender, Typed, Json], Awaitable[str]]] = {
            "pending": self._pending,
            "status": self._status,
            "own": self._own,
            "away": self._away,
            "link": self._link,
        }
        verb = verbs.get(words.verb)
        if verb is None:
            raise BadUsage(f"There is no command {words.verb[:40]!r}.")
        return await verb(who, words, body)

    async def _pending(self, who: Sender, words: Typed, body: Json) -> str:
        exactly(words, 0, 0)
        person, now = await self._person(who), self._composition.clock()
        async with self._composition.database.transaction() as connection:
            found = await person_overview(connection, person, now, limit=MOST_PENDING)
        if found is None:
            raise NotTaken(NOBODY.format(person=person))
        return pending_answer(found, now, _home(body))

    async def _status(self, who: Sender, words: Typed, _: Json) -> str:
        model, *version = exactly(words, 1, 2)
        person = await self._person(who)
        async with self._composition.database.transaction() as connection:
            if not sees(await seen_by(connection, person), model):
                raise NotTaken(UNSEEN.format(model=model[:100]))
            if not version:
                page = await list_versions(connection, model, limit=MOST_VERSIONS)
                return versions_answer(model, page.items)
            found = await get_version(connection, model, version[0])
        if found is None:
            raise NotTaken(f"{model} has no version {version[0][:100]}.")
        return version_answer(VersionView.model_validate(found))

    async def _own(self, who: Sender, words: Typed, _: Json) -> str:
        model, role = exactly(words, 2, 2)
        person, composition = await self._person(who), self._composition
        async with composition.database.transaction() as connection:
            await lock_registry(connection)
            record = await get_model(connection, model)
            if record is not None and person in record.file.owners.get(role, ()):
                raise NotTaken(f"You are {role} of {model} already.")
            offers = await open_handovers(connection, model)
            mine = [one for one in offers if (one.role, one.receiver) == (role, person)]
            if record is None or not mine:
                named = {"model": model[:100], "role": role[:100], "person": person}
                raise NotTaken(NOT_OFFERED.format(**named))
            await take_over(
                connection, composition, record, mine[0], person=person, by=who.identity
            )
        is_told = await self._telling.all(tell_of_model(composition, model))
        return owned_answer(model, role) + ("" if is_told else f" {UNTOLD}")

    async def _link(self, who: Sender, words: Typed, _: Json) -> str:
        (code,) = exactly(words, 1, 1)
        person, is_told = await self._linking.link(who, code)
        return linked_answer(person) + ("" if is_told else f" {UNTOLD}")

    async def _away(self, who: Sender, words: Typed, _: Json) -> str:
        rest = exactly(words, 0, 3)
        if rest == ("off",):
            taken = await self._absences.clear(who)
        elif not rest:
            taken = await self._absences.known(who)
        elif len(rest) == 1:
            raise BadUsage("Say from when and until when you are away.")
        else:
            taken = await self._set_away(who, *rest)
        return away_answer(taken.away, taken.names)

    async def _set_away(self, who: Sender, since: str, until: str, delegate: str = "") -> Taken:
        zone = ZoneInfo((await self._absences.known(who)).zone or "UTC")
        named = delegate_of(delegate) if delegate else Delegate()
        said = Entered(moment_of(since, zone), moment_of(until, zone), named.account)
        return await self._absences.add(who, said, named.person or None)

    async def _person(self, who: Sender) -> str:
        found = await self._persons.of(who)
        if found is None:
            raise NotTaken(await self._persons.unknown(who))
        return found


def _writes(body: Json) -> bool:
    return str(body.get("text") or "").lower().startswith(("own", "away", "link"))


def _home(body: Json) -> str:
    """Link the app's home tab."""
    team, app = str(body.get("team_id", "")), str(body.get("api_app_id", ""))
    return f"<slack://app?team={team}&id={app}&tab=home|your Home tab>"


def _sentence(refusal: NotTaken | Problem | Refused) -> str:
    if isinstance(refusal, Problem):
        return refusal.errors[0].message if refusal.errors else refusal.detail
    return refusal.reason if isinstance(refusal, Refused) else str(refusal)
