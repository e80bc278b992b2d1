"""What happens when somebody decides on a card, and what those hear whom nobody else answers."""

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_keeper import UNKNOWN_ACTION, UNREADABLE, Keeper, point_out
from api.slack_payload import (
    choice_of,
    entered,
    entered_day,
    entered_several,
    form_of,
    reply_to,
    sender,
    shown_statement,
)
from api.slack_people import Zones
from integrations.slack import modals
from integrations.slack.clicks import APPROVE
from integrations.slack.day_times import end_of_day
from integrations.slack.moments import now
from integrations.slack.text import Json

FOREIGN = "Only members of the workspace that Undersigned is installed in can decide here."
NOT_LOADED = "This request can't be loaded now, or is not recorded yet; try again soon."
NO_COMMANDS = "Undersigned has no commands here; answer on the cards."
NO_WORDS = "Please write a few words."
PAST = "That is past; choose a later one."


class Interactions:
    """Answers decisions on cards and in modals, and whatever nobody else knows."""

    def __init__(self, keeper: Keeper, zones: Zones) -> None:
        self._keeper = keeper
        self._zones = zones

    async def approve(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep an approval that needs no confirmation."""
        choice = choice_of(body)
        if choice is None:
            return await self._keeper.say(ack, body, UNREADABLE)
        asked = {"signoff": choice.signoff, "revision": choice.revision}
        decision = {"kind": "Decide", "decision": APPROVE, **asked}
        return await self._keeper.keep_click(ack, body, decision)

    async def confirm(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show the statement again before it is signed with a comment."""
        return await self._confirm(ack, body, is_comment_optional=False)

    async def approve_with(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show the statement again where a comment or a condition goes with the approval."""
        return await self._confirm(ack, body, is_comment_optional=True)

    async def _confirm(
        self, ack: AsyncAck, body: Json, *, is_comment_optional: bool
    ) -> BoltResponse:
        choice = choice_of(body)
        statement = shown_statement(body)
        if choice is None or not statement:
            return await self._keeper.say(ack, body, UNREADABLE)
        zone = await self._zones.of(sender(body).user)
        view = modals.confirm_approval(
            choice, statement, reply_to(body), zone, is_comment_optional=is_comment_optional
        )
        return await self._keeper.open(ack, body, view)

    async def request_changes(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Ask for the reason."""
        choice = choice_of(body)
        if choice is None:
            return await self._keeper.say(ack, body, UNREADABLE)
        found = None
        if choice.is_cut or choice.reasons:
            found = await self._keeper.load(choice.signoff)
        if found is None and choice.is_cut:
            return await self._keeper.say(ack, body, NOT_LOADED)
        if found is not None and choice.is_cut:
            read = {"send_back_to": found.send_back_to, "reasons": tuple(found.reasons)}
            choice = choice.model_copy(update=read)
        meant = found.reasons if found else {}
        view = modals.request_changes(choice, reply_to(body), meant)
        return await self._keeper.open(ack, body, view)

    async def details(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Show everything about a sign-off."""
        choice = choice_of(body)
        if choice is None:
            return await self._keeper.say(ack, body, UNREADABLE)
        found = await self._keeper.load(choice.signoff)
        if found is None:
            return await self._keeper.say(ack, body, NOT_LOADED)
        return await self._keeper.open(ack, body, modals.details(found))

    async def submit_approval(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep an approval with its comment and condition."""
        form = form_of(body)
        if form is None:
            return await self._keeper.refuse_form(ack, body)
        comment = entered(body, modals.COMMENT)
        if not comment and not form.is_comment_optional:
            return await point_out(ack, **{modals.COMMENT: NO_WORDS})
        text, day = entered(body, modals.CONDITION), entered_day(body, modals.CONDITION_DUE)
        due = end_of_day(day, form.zone) if day else None
        if text and due is None:
            return await point_out(ack, **{modals.CONDITION_DUE: "By when must it be met?"})
        if due is not None and not text:
            return await point_out(ack, **{modals.CONDITION: "What must be met by that day?"})
        if due is not None and due <= now():
            return await point_out(ack, **{modals.CONDITION_DUE: PAST})
        decision = {
            "kind": "Decide",
            "decision": APPROVE,
            "revision": form.revision,
            "comment": comment,
            "conditions": [{"text": text, "due": due}] if due else [],
        }
        return await self._keeper.keep_form(ack, body, decision, form, modals.COMMENT)

    async def submit_changes(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a request for changes with its reasons."""
        form = form_of(body)
        if form is None:
            return await self._keeper.refuse_form(ack, body)
        comment = entered(body, modals.REASON)
        if not comment:
            return await point_out(ack, **{modals.REASON: NO_WORDS})
        decision = {
            "kind": "Decide",
            "decision": "request_changes",
            "revision": form.revision,
            "comment": comment,
            "send_back_to": entered(body, modals.SEND_BACK_TO) or form.send_back_to,
            "reasons": entered_several(body, modals.LISTED_REASON),
        }
        return await self._keeper.keep_form(ack, body, decision, form, modals.REASON)

    async def foreign(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Turn somebody of another workspace away."""
        if body.get("type") == "view_submission":
            return await ack(response_action="update", view=modals.message("Not here", FOREIGN))
        return await self._keeper.say(ack, body, FOREIGN)

    async def unknown_action(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a button that this version doesn't have."""
        return await self._keeper.say(ack, body, UNKNOWN_ACTION)

    async def unknown_view(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Answer a modal that this version doesn't have."""
        return await self._keeper.refuse_form(ack, body)

    async def unknown_command(self, ack: AsyncAck) -> BoltResponse:
        """Answer a slash command."""
        return await ack(NO_COMMANDS)

    async def ignore(self, ack: AsyncAck) -> BoltResponse:
        """Acknowledge what needs no answer."""
        return await ack()
