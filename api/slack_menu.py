"""What happens when somebody chooses from a card's menu: delegate, snooze, on it, ask, details."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from api.slack_interactions import NO_WORDS, PAST
from api.slack_keeper import UNKNOWN_ACTION, UNREADABLE, Keeper, point_out
from api.slack_payload import (
    choice_of,
    entered,
    entered_day,
    form_of,
    menu_choice,
    reply_to,
    sender,
)
from api.slack_people import Colleagues, Zones
from integrations.slack import asking_modals as modals
from integrations.slack import clicks
from integrations.slack.clicks import Choice
from integrations.slack.day_times import end_of_day, snooze_choices
from integrations.slack.moments import now
from integrations.slack.text import Json

NOBODY_NAMED = "Choose somebody."
ONESELF = "You can't delegate to yourself; choose somebody else."
UNKNOWN_COLLEAGUE = (
    "Undersigned knows nobody by this Slack account. Choose somebody else, or have an "
    "administrator add them with the e-mail address that they have in Slack."
)
NOT_LOOKED_UP = "They can't be looked up now; try again in a minute."

Answerer = Callable[[AsyncAck, Json], Awaitable[BoltResponse]]


class Menu:
    """Answers the menu of a card, and the modals that it opens."""

    def __init__(
        self, keeper: Keeper, colleagues: Colleagues, zones: Zones, details: Answerer
    ) -> None:
        self._keeper = keeper
        self._colleagues = colleagues
        self._zones = zones
        self._details = details

    async def choose(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Do what was chosen for the sign-off of the card."""
        choice = choice_of(body)
        if choice is None:
            return await self._keeper.say(ack, body, UNREADABLE)
        match menu_choice(body):
            case clicks.DELEGATE:
                return await self._delegate(ack, body, choice)
            case clicks.SNOOZE:
                return await self._snooze(ack, body, choice)
            case clicks.ON_IT:
                asked = {"kind": "Acknowledge", "signoff": choice.signoff}
                return await self._keeper.keep_click(ack, body, asked)
            case clicks.ASK:
                return await self._keeper.open(ack, body, modals.ask(choice, reply_to(body)))
            case clicks.DETAILS:
                return await self._details(ack, body)
        return await self._keeper.say(ack, body, UNKNOWN_ACTION)

    async def _delegate(self, ack: AsyncAck, body: Json, choice: Choice) -> BoltResponse:
        who = sender(body)
        person, zone, found = await asyncio.gather(
            self._keeper.person(who), self._zones.of(who.user), self._keeper.load(choice.signoff)
        )
        given = {each.person for each in found.delegations} if found else set()
        can_take_back = person in given
        view = modals.delegate(choice, reply_to(body), zone, can_take_back=can_take_back)
        return await self._keeper.open(ack, body, view)

    async def _snooze(self, ack: AsyncAck, body: Json, choice: Choice) -> BoltResponse:
        instants = snooze_choices(now(), await self._zones.of(sender(body).user))
        return await self._keeper.open(ack, body, modals.snooze(choice, reply_to(body), instants))

    async def submit_delegation(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a delegation, or its end where nobody is named."""
        form = form_of(body)
        if form is None:
            return await self._keeper.refuse_form(ack, body)
        user, day = entered(body, modals.TO), entered_day(body, modals.UNTIL)
        if not user and not form.can_take_back:
            return await point_out(ack, **{modals.TO: NOBODY_NAMED})
        until = end_of_day(day, form.zone) if day else None
        if until is not None and until <= now():
            return await point_out(ack, **{modals.UNTIL: PAST})
        person, trouble = await self._picked(body, user) if user else (None, None)
        if trouble:
            return await point_out(ack, **{modals.TO: trouble})
        asked = {
            "kind": "Delegate",
            "to": person,
            "until": until if user else None,
            "reason": entered(body, modals.WHY),
        }
        return await self._keeper.keep_form(ack, body, asked, form, modals.TO)

    async def _picked(self, body: Json, user: str) -> tuple[str | None, str | None]:
        """Name who was picked, or say what keeps them from being it."""
        who = sender(body)
        if user == who.user:
            return None, ONESELF
        person, own = await asyncio.gather(
            self._colleagues.of(who.enterprise, who.team, user), self._keeper.person(who)
        )
        if person is None:
            return None, NOT_LOOKED_UP
        if not person:
            return None, UNKNOWN_COLLEAGUE
        return (None, ONESELF) if person == own else (person, None)

    async def submit_snooze(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep when somebody wants to be reminded."""
        form = form_of(body)
        if form is None:
            return await self._keeper.refuse_form(ack, body)
        until = _instant(entered(body, modals.REMIND_AT))
        if until is None or until <= now():
            return await point_out(ack, **{modals.REMIND_AT: PAST})
        asked = {"kind": "Snooze", "until": until}
        return await self._keeper.keep_form(ack, body, asked, form, modals.REMIND_AT)

    async def submit_question(self, ack: AsyncAck, body: Json) -> BoltResponse:
        """Keep a question to the producers."""
        form = form_of(body)
        if form is None:
            return await self._keeper.refuse_form(ack, body)
        text = entered(body, modals.QUESTION)
        if not text:
            return await point_out(ack, **{modals.QUESTION: NO_WORDS})
        asked = {"kind": "AskQuestion", "text": text}
        return await self._keeper.keep_form(ack, body, asked, form, modals.QUESTION)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
