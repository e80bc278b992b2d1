"""Keeps clicks before Slack is answered, or tells their maker that they are not kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_payload import Sender, click_id, reply_to, sender, submission_id
from api.slack_people import People
from integrations.slack import modals
from integrations.slack.clicks import (
    Click,
    ClickNotRecorded,
    Clicks,
    ClickTooLate,
    Form,
    ReplyTo,
    clicked_command,
)
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.text import Json, escape
from lifecycle.view import SignoffView

LoadSignoff = Callable[[str], Awaitable[SignoffView | None]]
AfterKept = Callable[[Click], None]
"""Begins what follows on a durable click and nothing depends on."""

KEPT_WITHIN = timedelta(seconds=1.7)
LOADED_WITHIN = timedelta(seconds=1)
SAID_WITHIN = timedelta(seconds=0.6)
"""Together below the three seconds after which Slack gives up."""

UNREADABLE = "This button can't be read any more. Use the newest card, or the API."
UNCERTAIN = (
    "It is not certain that your answer was recorded. Look at the card, or answer again: "
    "answering twice counts once."
)
UNKNOWN_ACTION = (
    "Undersigned doesn't know this button. It may be from another version; use the newest card."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What somebody asks for in Slack, and where they hear of it."""

    who: Sender
    asked: Json
    id: str
    """The same for the same delivery again."""
    reply_to: ReplyTo
    about: str = ""
    """The sign-off that it is about, where the command names none."""
    done: str = ""
    """What they are told once it is on record."""
    version: tuple[str, str] | None = None
    """The model and version that it is about, where it is about no sign-off."""


@dataclass(frozen=True)
class NotKept:
    """Why a wish is not durable, as a sentence for its maker."""

    sentence: str
    is_final: bool = False
    """Whether it would be no other the next time."""


class Keeper:
    """Brings what people ask for to where it is durable, and answers them in Slack."""

    def __init__(
        self,
        client: SlackClient,
        clicks: Clicks,
        people: People,
        load_signoff: LoadSignoff,
        after_kept: AfterKept | None = None,
    ) -> None:
        self._client = client
        self._clicks = clicks
        self._people = people
        self._load_signoff = load_signoff
        self._after_kept = after_kept

    async def keep_click(self, ack: AsyncAck, body: Json, asked: Json) -> BoltResponse:
        """Keep what a click on a card asks for, without another question."""
        who = sender(body)
        wish = Wish(who=who, asked=asked, id=click_id(body, who), reply_to=reply_to(body))
        trouble = await self.keep(wish)
        if trouble is None:
            return await ack()
        await self.whisper(body, trouble.sentence)
        # Slack shows its own warning on anything but 200, should the words above not arrive.
        return BoltResponse(status=503, body="not recorded")

    async def keep_form(
        self, ack: AsyncAck, body: Json, asked: Json, form: Form, field: str, *, done: str = ""
    ) -> BoltResponse:
        """Keep what a modal asks for; what goes wrong is said at a field of it."""
        who = sender(body)
        wish = Wish(
            who=who,
            asked={"signoff": form.signoff, **asked},
            id=submission_id(body, who),
            reply_to=form.reply_to,
            about=form.signoff,
            done=done,
        )
        trouble = await self.keep(wish)
        if trouble is None:
            return await ack()
        return await ack(response_action="errors", errors={field: trouble.sentence[:1000]})

    async def keep(self, wish: Wish) -> NotKept | None:
        """Make a wish durable; answers what to tell its maker when that did not work."""
        click = await self._click(wish)
        if click is None:
            return NotKept(UNREADABLE, is_final=True)
        try:
            async with asyncio.timeout(KEPT_WITHIN.total_seconds()):
                await self._clicks.send(click)
        except ClickNotRecorded as refusal:
            _log.error("a click on %s was not recorded: %s", _about(click), refusal)
            sentence = f"Your answer was not recorded: {refusal}"
            return NotKept(sentence, is_final=isinstance(refusal, ClickTooLate))
        except Exception:  # noqa: BLE001 - the edge: whatever went wrong, its maker must hear of it
            _log.exception(
                "nobody knows whether a click on %s was recorded", click.signoff or click.version
            )
            return NotKept(UNCERTAIN)
        if self._after_kept is not None:
            self._after_kept(click)
        return None

    async def _click(self, wish: Wish) -> Click | None:
        who = wish.who
        person = await self.person(who)
        told = {"id": wish.id, "person": person, "by": person or who.identity, "via": who.via()}
        try:
            command = clicked_command({**told, **wish.asked})
        except ValidationError:
            _log.warning("a click that makes no command", exc_info=True)
            return None
        return Click(
            command=command,
            reply_to=wish.reply_to,
            about=wish.about,
            done=wish.done,
            version=wish.version,
        )

    async def person(self, who: Sender) -> str:
        """Name the person behind an account; empty when nobody knows, or not in time."""
        return await self._people.of(who.enterprise, who.team, who.user)

    async def load(self, signoff: str) -> SignoffView | None:
        """Load a sign-off as it was last recorded; None when there is none, or not in time."""
        try:
            async with asyncio.timeout(LOADED_WITHIN.total_seconds()):
                return await self._load_signoff(signoff)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not load %s", signoff, exc_info=True)
            return None

    async def open(self, ack: AsyncAck, body: Json, view: Json) -> BoltResponse:
        """Open a modal, or say that Slack did not."""
        try:
            async with asyncio.timeout(LOADED_WITHIN.total_seconds()):
                await self._client.open_view(str(body.get("trigger_id", "")), view)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not open a modal: %s", trouble)
            return await self.say(ack, body, "Slack did not open the window; press again.")
        return await ack()

    async def say(self, ack: AsyncAck, body: Json, sentence: str) -> BoltResponse:
        """Answer a click with a sentence for whoever clicked alone."""
        await self.whisper(body, sentence)
        return await ack()

    async def whisper(self, body: Json, sentence: str) -> None:
        """Say a sentence where the click was made, seen by its maker alone."""
        if (body.get("view") or {}).get("type") != "home":
            return await self.tell(reply_to(body), sentence)
        view = modals.message("Undersigned", sentence)  # a home tab is in no channel
        return await self._try(self._client.open_view(str(body.get("trigger_id", "")), view))

    async def tell(self, where: ReplyTo, sentence: str) -> None:
        """Say a sentence to one person, where they were or else directly."""
        await self._try(self._say_to(where, sentence))

    async def _say_to(self, where: ReplyTo, sentence: str) -> None:
        channel = where.channel or await self._client.open_dm(where.user)
        await self._client.whisper(channel, where.user, escape(sentence), where.thread_ts)

    async def _try(self, saying: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(SAID_WITHIN.total_seconds()):
                await saying
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not answer a click in Slack: %s", trouble)

    async def refuse_form(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a modal that this version doesn't have, or can't read."""
        _log.warning("unknown modal %s", str(body.get("view", {}).get("callback_id"))[:100])
        view = modals.message("Not recorded", UNKNOWN_ACTION)
        return await ack(response_action="update", view=view)


def _about(click: Click) -> str:
    return click.signoff or " ".join(click.version or ())


async def point_out(ack: AsyncAck, **errors: str) -> BoltResponse:
    """Answer a modal at its fields; it stays open with what was entered."""
    return await ack(response_action="errors", errors=errors)
