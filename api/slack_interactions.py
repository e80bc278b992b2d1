"""What happens on a click: kept before Slack is answered, or its maker is told that it is not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_people import People
from integrations.slack import modals
from integrations.slack.clicks import (
    APPROVE,
    Choice,
    Click,
    ClickNotRecorded,
    Clicks,
    Form,
    interaction_id,
)
from integrations.slack.client import SlackClient
from integrations.slack.failures import SlackAuthLost, SlackRefused, SlackUnavailable
from integrations.slack.text import Json, escape
from lifecycle.commands import Decide
from lifecycle.view import SignoffView

from api.slack_payload import Sender, reply_to, sender, shown_statement  # isort: skip

LoadSignoff = Callable[[str], Awaitable[SignoffView | None]]

KEPT_WITHIN = timedelta(seconds=1.7)
LOADED_WITHIN = timedelta(seconds=1)
SAID_WITHIN = timedelta(seconds=0.6)
"""Together below the three seconds after which Slack gives up."""

UNREADABLE = "This button can't be read any more. Use the newest card, or the API."
UNCERTAIN = (
    "It is not certain that your answer was recorded. Look at the card, or answer again: "
    "answering twice counts once."
)
FOREIGN = "Only members of the workspace that Undersigned is installed in can decide here."
UNKNOWN_ACTION = (
    "Undersigned doesn't know this button. It may be from another version; use the newest card."
)
NOT_LOADED = "This request can't be loaded now, or is not recorded yet; try again soon."
NO_COMMANDS = "Undersigned has no commands here; answer on the cards."

_log = logging.getLogger(__name__)


class Interactions:
    """Answers what people do on cards and in modals."""

    def __init__(
        self, client: SlackClient, clicks: Clicks, people: People, load_signoff: LoadSignoff
    ) -> None:
        self._client = client
        self._clicks = clicks
        self._people = people
        self._load_signoff = load_signoff

    async def approve(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep an approval that needs no confirmation."""
        choice = _choice(body)
        if choice is None:
            return await self._say(ack, body, UNREADABLE)
        who = sender(body)
        decision = {"decision": APPROVE, "signoff": choice.signoff, "revision": choice.revision}
        trouble = await self._keep(body, who, decision, _interaction(body, who))
        if trouble is None:
            return await ack()
        await self._whisper(body, trouble)
        # Slack shows its own warning on anything but 200, should the words above not arrive.
        return BoltResponse(status=503, body="not recorded")

    async def confirm(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show the statement again before it is signed."""
        choice = _choice(body)
        if choice is None:
            return await self._say(ack, body, UNREADABLE)
        statement = shown_statement(body)
        if not statement:
            return await self._say(ack, body, UNREADABLE)
        view = modals.confirm_approval(choice, statement, reply_to(body))
        return await self._open(ack, body, view)

    async def request_changes(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Ask for the reason."""
        choice = _choice(body)
        if choice is None:
            return await self._say(ack, body, UNREADABLE)
        if choice.is_cut:
            found = await self._load(choice.signoff)
            if found is None:
                return await self._say(ack, body, NOT_LOADED)
            read = {"send_back_to": found.send_back_to, "reasons": tuple(found.reasons)}
            choice = choice.model_copy(update=read)
        return await self._open(ack, body, modals.request_changes(choice, reply_to(body)))

    async def details(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show everything about a sign-off."""
        choice = _choice(body)
        if choice is None:
            return await self._say(ack, body, UNREADABLE)
        found = await self._load(choice.signoff)
        if found is None:
            return await self._say(ack, body, NOT_LOADED)
        return await self._open(ack, body, modals.details(found))

    async def submit_approval(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a confirmed approval with its comment."""
        return await self._submit(ack, body, modals.COMMENT, {"decision": APPROVE})

    async def submit_changes(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a request for changes with its reason."""
        chosen = _entered(body, modals.SEND_BACK_TO)
        decision: Json = {"decision": "request_changes"}
        if chosen:
            decision["send_back_to"] = chosen
        reason = _entered(body, modals.LISTED_REASON)
        if reason:
            decision["reasons"] = [reason]
        return await self._submit(ack, body, modals.REASON, decision)

    async def foreign(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Turn somebody of another workspace away."""
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=modals.message("Not here", FOREIGN))
        return await self._say(ack, body, FOREIGN)

    async def unknown_action(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a button that this version doesn't have."""
        return await self._say(ack, body, UNKNOWN_ACTION)

    async def unknown_view(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a modal that this version doesn't have."""
        _log.warning("unknown modal %s", str(body.get("view", {}).get("callback_id"))[:100])
        view = modals.message("Not recorded", UNKNOWN_ACTION)
        return await ack(response_action="update", view=view)

    async def unknown_command(self, ack: AsyncAck) -> BoltResponse:
        """Answer a slash command."""
        return await ack(NO_COMMANDS)

    async def ignore(self, ack: AsyncAck) -> BoltResponse:
        """Acknowledge what needs no answer."""
        return await ack()

    async def _submit(self, ack: AsyncAck, body: Json, field: str, decision: Json) -> BoltResponse:
        words = _entered(body, field).strip()
        if not words:
            return await ack(response_action="errors", errors={field: "Please write a few words."})
        view = body["view"]
        try:
            form = Form.model_validate_json(view.get("private_metadata") or "")
        except ValidationError:
            return await self.unknown_view(ack, body)
        who = sender(body)
        decided = {
            "send_back_to": form.send_back_to,
            **decision,
            "signoff": form.signoff,
            "revision": form.revision,
            "comment": words,
        }
        # One modal is one decision, however often it is sent.
        name = interaction_id(who.team, who.user, "view", str(view["id"]))
        trouble = await self._keep(body, who, decided, name, form)
        if trouble is None:
            return await ack()
        return await ack(response_action="errors", errors={field: trouble[:1000]})

    async def _keep(
        self, body: Json, who: Sender, decision: Json, name: str, form: Form | None = None
    ) -> str | None:
        """Make a click durable; answers what to tell its maker when that did not work."""
        person = await self._people.of(who.enterprise, who.team, who.user)
        told: dict[str, Any] = {"id": name, "person": person, "by": person or who.identity}
        try:
            command = Decide.model_validate({**told, "via": who.via(), **decision})
        except ValidationError:
            return UNREADABLE
        click = Click(command=command, reply_to=form.reply_to if form else reply_to(body))
        try:
            async with asyncio.timeout(KEPT_WITHIN.total_seconds()):
                await self._clicks.send(click)
        except ClickNotRecorded as refusal:
            _log.error("a click on %s was not recorded: %s", command.signoff, refusal)
            return f"Your answer was not recorded: {refusal}"
        except Exception:  # noqa: BLE001 - the edge: whatever went wrong, its maker must hear of it
            _log.exception("nobody knows whether a click on %s was recorded", command.signoff)
            return UNCERTAIN
        return None

    async def _load(self, signoff: str) -> SignoffView | None:
        try:
            async with asyncio.timeout(LOADED_WITHIN.total_seconds()):
                return await self._load_signoff(signoff)
        except Exception:  # noqa: BLE001 - the edge: whatever it is, the person hears of it
            _log.warning("could not load %s", signoff, exc_info=True)
            return None

    async def _open(self, ack: AsyncAck, body: Json, view: Json) -> BoltResponse:
        try:
            async with asyncio.timeout(LOADED_WITHIN.total_seconds()):
                await self._client.open_view(str(body.get("trigger_id", "")), view)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not open a modal: %s", trouble)
            return await self._say(ack, body, "Slack did not open the window; press again.")
        return await ack()

    async def _say(self, ack: AsyncAck, body: Json, sentence: str) -> BoltResponse:
        await self._whisper(body, sentence)
        return await ack()

    async def _whisper(self, body: Json, sentence: str) -> None:
        where = reply_to(body)
        try:
            async with asyncio.timeout(SAID_WITHIN.total_seconds()):
                if (body.get("view") or {}).get("type") == "home":  # which is in no channel
                    view = modals.message("Undersigned", sentence)
                    return await self._client.open_view(str(body.get("trigger_id", "")), view)
                channel = where.channel or await self._client.open_dm(where.user)
                await self._client.whisper(channel, where.user, escape(sentence), where.thread_ts)
        except (SlackUnavailable, SlackRefused, SlackAuthLost, TimeoutError) as trouble:
            _log.warning("could not answer a click in Slack: %s", trouble)


def _choice(body: Json) -> Choice | None:
    try:
        return Choice.parse(str(body["actions"][0].get("value", "")))
    except (KeyError, IndexError, ValueError):
        _log.warning("a button without a value that can be read")
        return None


def _interaction(body: Json, who: Sender) -> str:
    """Name a click: Slack makes a trigger for each, and repeats it when it delivers twice."""
    action = body["actions"][0]
    trigger = str(body.get("trigger_id") or action.get("action_ts", ""))
    return interaction_id(who.team, who.user, str(action.get("action_id")), trigger)


def _entered(body: Json, field: str) -> str:
    values = body.get("view", {}).get("state", {}).get("values", {})
    state = values.get(field, {}).get(field, {})
    chosen = state.get("selected_option") or {}
    return str(state.get("value") or chosen.get("value") or "")
