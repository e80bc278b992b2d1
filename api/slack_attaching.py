"""What happens when somebody attaches a message: as evidence, or as the answer to a question."""

import asyncio
import logging
import re
from datetime import timedelta

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_interactions import NO_WORDS
from api.slack_keeper import LOADED_WITHIN, Keeper, Wish, point_out
from api.slack_payload import Sender, entered, reply_to, sender, submission_id
from api.slack_persons import STRANGER, why_not
from integrations.database.participation import OpenVersion
from integrations.slack import attaching as modals
from integrations.slack.attaching import Attachment
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.lookups import Lookups
from integrations.slack.modals import message as told
from integrations.slack.moments import now
from integrations.slack.text import Json, shorten, unformatted
from lifecycle.slack_links import SlackUser
from lifecycle.view import VersionView

NAMED_WITHIN = timedelta(seconds=0.4)
RECOGNISED_WITHIN = timedelta(seconds=0.7)
LISTED_WITHIN = timedelta(seconds=0.6)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
NOT_KNOWN = "Who you are can't be looked up now; try again soon."
NO_VERSIONS = "There is no open version that you made or have a say in."
NOT_LISTED = "Your versions can't be listed now; try again soon."
NOT_THERE = "It can't be looked up now, or is not open any more; try again, or choose another."
NO_QUESTION = "No question about this version is open."
NO_SUCH_NAME = (
    "Begin with a small letter or digit; then letters, digits, dots, dashes, underscores."
)
ONE_NAME = "Choose a name or write one, not both."
NAME_IT = "Give it a name."

_log = logging.getLogger(__name__)


class Attaching:
    """Takes messages for the record; who may attach what is judged by the core."""

    def __init__(self, keeper: Keeper, client: SlackClient, lookups: Lookups) -> None:
        self._keeper = keeper
        self._client = client
        self._lookups = lookups

    async def open(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Ask which version a message is about."""
        (person, why), author, link = await asyncio.gather(
            self._person(sender(body)), self._author(body), self._link(body)
        )
        if not person:
            return await self._keeper.open(ack, body, told("Attach", why))
        listed = await self._listed(person)
        if not listed:
            why = NOT_LISTED if listed is None else NO_VERSIONS
            return await self._keeper.open(ack, body, told("Attach", why))
        message = body.get("message") or {}
        text = unformatted(str(message.get("text") or ""))
        ts = str(body.get("message_ts") or message.get("ts") or "")
        where = reply_to(body).model_copy(update={"thread_ts": message.get("thread_ts")})
        taken = modals.attachment(where, ts, author, text, link)
        return await self._keeper.open(ack, body, modals.choose(taken, listed))

    async def ask(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Ask what only the chosen version has: its evidence, or its questions."""
        message = _remembered(body)
        if message is None:
            return await self._keeper.refuse_form(ack, body)
        listed = await self._listed(await self._keeper.person(sender(body)))
        chosen = entered(body, modals.VERSION)
        found = next((one for one in listed or () if modals.place_of(one) == chosen), None)
        view = await self._version(found) if found else None
        if view is None:
            return await point_out(ack, **{modals.VERSION: NOT_THERE})
        about = message.model_copy(update={"model": view.model, "version": view.version})
        if entered(body, modals.PURPOSE) == "evidence":
            try:
                shown = modals.evidence(about, view)
            except ValueError as error:
                return await point_out(ack, **{modals.VERSION: str(error)})
        else:
            questions = modals.open_questions_of(view)
            if not questions:
                return await point_out(ack, **{modals.PURPOSE: NO_QUESTION})
            shown = modals.answer(about, questions)
        return await ack(response_action="update", view=shown)

    async def submit_evidence(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a message as evidence."""
        message = _remembered(body)
        if message is None:
            return await self._keeper.refuse_form(ack, body)
        chosen, typed = entered(body, modals.NAME), entered(body, modals.OTHER_NAME)
        trouble = _trouble_with(chosen, typed)
        if trouble:
            return await point_out(ack, **{modals.OTHER_NAME: trouble})
        name, verdict = chosen or typed, entered(body, modals.VERDICT)
        asked = {
            "kind": "Attach",
            "name": name,
            "subject": entered(body, modals.SUBJECT),
            "verdict": verdict,
            "digest": message.digest,
            "uri": message.link or None,
            "value": {"author": message.author, "text": message.text},
            "time": now(),
            "source": modals.SOURCE,
            "event_id": message.place,
        }
        done = (
            f"The message is attached to {message.model} {message.version} as {name} ({verdict})."
        )
        return await self._keep(ack, body, message, asked, done, modals.OTHER_NAME)

    async def submit_answer(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a message as the answer to a question."""
        message = _remembered(body)
        if message is None:
            return await self._keeper.refuse_form(ack, body)
        text = entered(body, modals.ANSWER)
        if not text:
            return await point_out(ack, **{modals.ANSWER: NO_WORDS})
        question = entered(body, modals.QUESTION)
        asked = {"kind": "AnswerQuestion", "question": question, "text": text}
        done = f"The message is recorded as the answer about {message.model} {message.version}."
        return await self._keep(ack, body, message, asked, done, modals.ANSWER)

    async def _keep(
        self, ack: AsyncAck, body: Json, message: Attachment, asked: Json, done: str, field: str
    ) -> BoltResponse:
        who = sender(body)
        wish = Wish(
            who=who,
            asked=asked,
            id=submission_id(body, who),
            reply_to=message.reply_to,
            done=shorten(done, 400),
            version=(message.model, message.version),
        )
        trouble = await self._keeper.keep(wish)
        return await (point_out(ack, **{field: trouble.sentence[:1000]}) if trouble else ack())

    async def _person(self, who: Sender) -> tuple[str, str]:
        """Name who attaches, also when they act here for the first time, or say why not."""
        person = await self._keeper.person(who)
        if person:
            return person, ""
        account = SlackUser(enterprise=who.enterprise, team=who.team, user=who.user)
        try:
            async with asyncio.timeout(RECOGNISED_WITHIN.total_seconds()):
                person = await self._lookups.recognise(who.user) or ""
                found = None if person else await self._lookups.link_of(account)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not recognise who attaches", exc_info=True)
            return "", NOT_KNOWN
        return person, why_not(*found) if found else STRANGER

    async def _listed(self, person: str) -> tuple[OpenVersion, ...] | None:
        """List a person's versions; None when they can't be listed in time."""
        try:
            async with asyncio.timeout(LISTED_WITHIN.total_seconds()):
                return await self._lookups.versions_of(person)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not list somebody's versions", exc_info=True)
            return None

    async def _version(self, found: OpenVersion) -> VersionView | None:
        try:
            async with asyncio.timeout(LOADED_WITHIN.total_seconds()):
                return await self._lookups.version(found.model, found.version)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not load %s %s", found.model, found.version, exc_info=True)
            return None

    async def _author(self, body: Json) -> str:
        """Name whoever wrote the message, by their account where Slack doesn't say in time."""
        message = body.get("message") or {}
        user = str(message.get("user") or "")
        profile = message.get("bot_profile") or {}
        known = str(message.get("username") or profile.get("name") or user or "somebody")
        if not user or known != user:
            return known
        try:
            async with asyncio.timeout(NAMED_WITHIN.total_seconds()):
                return await self._client.name_of(user) or known
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not learn an author's name: %s", trouble)
            return known

    async def _link(self, body: Json) -> str:
        try:
            async with asyncio.timeout(NAMED_WITHIN.total_seconds()):
                team = await self._client.identify()
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError):
            return ""  # the message's place is on record all the same
        channel = str((body.get("channel") or {}).get("id") or "")
        return team.link(channel, str(body.get("message_ts") or ""))


def _remembered(body: Json) -> Attachment | None:
    """Read what a modal remembers; None when it is none of ours."""
    try:
        return Attachment.model_validate_json(body["view"].get("private_metadata") or "")
    except ValidationError:
        return None


def _trouble_with(chosen: str, typed: str) -> str:
    """Say what is wrong with the name of some evidence; empty when nothing is."""
    if chosen and typed:
        return ONE_NAME
    if not chosen and not typed:
        return NAME_IT
    return NO_SUCH_NAME if typed and not _NAME.fullmatch(typed) else ""
