"""What people do in channels and direct messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from integrations.slack.sandbox import payloads
from integrations.slack.sandbox.api_views import view_json
from integrations.slack.sandbox.app import InstalledApp
from integrations.slack.sandbox.delivery import Courier, Delivery, Forgery, Kind
from integrations.slack.sandbox.errors import ApiError, NoSuchMessage, NoSuchPerson, NoSuchPlace
from integrations.slack.sandbox.events import Events
from integrations.slack.sandbox.records import Channel, Json, Message, Person, Version
from integrations.slack.sandbox.replies import say as say_reply
from integrations.slack.sandbox.state import Workspace

NEWEST = -1


class Acts:
    """Clicks, commands, shortcuts and words; each is brought to the app, signed."""

    _workspace: Workspace
    _courier: Courier
    _events: Events
    _app: InstalledApp
    _forgery: Forgery | None = None
    deliveries: list[Delivery]

    async def _deliver(self, kind: Kind, payload: Json) -> Delivery:
        delivery = Delivery(kind=kind, payload=payload)
        self.deliveries.append(delivery)
        await self._courier.carry(delivery, forgery=self._forgery)
        self._workspace.touch()
        return delivery

    @contextmanager
    def forging(self, forgery: Forgery) -> Iterator[None]:
        """Let all that is sent within the block be forged: bad secret, old time, other headers."""
        self._forgery = forgery
        try:
            yield
        finally:
            self._forgery = None

    @property
    def message_shortcuts(self) -> dict[str, str]:
        """The names of the shortcuts in the menu of every message, by callback id."""
        return self._app.shortcuts("message")

    def _actor(self, who: Person | str) -> Person:
        person = self._workspace.person(who)
        if person.deleted:
            raise NoSuchPerson(f"{person.handle} is deactivated and can't do anything")
        return person

    def _seen(self, person: Person, where: Channel | Person | str, ts: str) -> Message:
        """Find a message on a person's screen, deleted ones too: an old screen shows them."""
        channel = self._workspace.place(where)
        if person.id not in channel.members:
            raise NoSuchPlace(f"{person.handle} is not in {channel.name or channel.id}")
        for message in [*self._workspace.messages[channel.id], *self._workspace.ephemerals]:
            is_here = message.ts == ts and message.channel == channel.id
            if is_here and message.only_for in {None, person.id}:
                return message
        raise NoSuchMessage(f"{ts} in {channel.name or channel.id}")

    def version_of(self, who: Person | str, where: Channel | Person | str, ts: str) -> int:
        """Give the number of the version that a message shows now; 0 is the first."""
        return len(self._seen(self._actor(who), where, ts).versions) - 1

    async def click(
        self,
        who: Person | str,
        where: Channel | Person | str,
        ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        values: Json | None = None,
    ) -> Delivery:
        """Click a button of a message as it is now.

        `values` is what the person entered in the message: {block id: {action id: value}}.
        Raises `NoSuchButton` when the message doesn't show it (any more), `NoSuchMessage`.
        """
        message = self._seen(self._actor(who), where, ts)
        if message.is_deleted:
            raise NoSuchMessage(f"{ts} was deleted")
        return await self._act(who, message, NEWEST, action_id, block_id, None, values)

    async def click_stale(
        self,
        who: Person | str,
        where: Channel | Person | str,
        ts: str,
        action_id: str,
        *,
        version: int = 0,
        block_id: str | None = None,
    ) -> Delivery:
        """Click a button of a message as an old screen still shows it; version 0 is the first."""
        message = self._seen(self._actor(who), where, ts)
        return await self._act(who, message, version, action_id, block_id, None, None)

    async def choose(
        self,
        who: Person | str,
        where: Channel | Person | str,
        ts: str,
        action_id: str,
        value: Any,
        *,
        version: int = NEWEST,
        block_id: str | None = None,
    ) -> Delivery:
        """Choose from an overflow menu, a select menu or a picker of a message, by the value.

        `version` is what the screen still shows of the message; 0 is the first.
        """
        message = self._seen(self._actor(who), where, ts)
        if message.is_deleted and version == NEWEST:
            raise NoSuchMessage(f"{ts} was deleted")
        return await self._act(who, message, version, action_id, block_id, value, None)

    async def _act(
        self,
        who: Person | str,
        message: Message,
        version: int,
        action_id: str,
        block_id: str | None,
        value: Any,
        values: Json | None,
    ) -> Delivery:
        block, element = message.element(action_id, block_id, version)
        payload = payloads.message_action(
            self._workspace, self._actor(who), message, version, (block, element, value), values
        )
        return await self._deliver("interactive", payload)

    async def command(
        self,
        who: Person | str,
        command: str,
        text: str = "",
        *,
        where: Channel | Person | str | None = None,
    ) -> Delivery:
        """Use a slash command, by default in the direct messages with the bot; show the answer."""
        person = self._actor(who)
        channel = self._workspace.place(person if where is None else where)
        payload = payloads.slash_command(self._workspace, person, channel, command, text)
        delivery = await self._deliver("slash_commands", payload)
        if delivery.is_acknowledged and delivery.body.strip():
            answer = delivery.answer or {"text": delivery.body}
            try:
                say_reply(self._workspace, channel, person.id, answer)
            except ApiError as refusal:
                delivery.outcome, delivery.trouble = "refused", refusal.code
        return delivery

    async def shortcut(
        self, who: Person | str, callback_id: str, message: Message | None = None
    ) -> Delivery:
        """Use a global shortcut, or one in the menu of a message.

        Raises `NoSuchButton` for one that the app doesn't have there.
        """
        person = self._actor(who)
        self._app.check_shortcut(callback_id, "global" if message is None else "message")
        if message is None:
            payload = payloads.shortcut(self._workspace, person, callback_id)
        else:
            payload = payloads.message_shortcut(self._workspace, person, message, callback_id)
        return await self._deliver("interactive", payload)

    async def shortcut_at(
        self, who: Person | str, where: Channel | Person | str, ts: str, callback_id: str
    ) -> Delivery:
        """Use a shortcut in the menu of a message that a person sees."""
        message = self._seen(self._actor(who), where, ts)
        if message.is_deleted or message.only_for is not None:
            raise NoSuchMessage(f"{ts} has no menu")
        return await self.shortcut(who, callback_id, message)

    async def say(
        self,
        who: Person | str,
        where: Channel | Person | str,
        text: str,
        *,
        thread_ts: str | None = None,
    ) -> Message:
        """Write a message; the app gets a `message` event where the bot is a member."""
        person, channel = self._actor(who), self._workspace.place(where)
        if person.id not in channel.members:
            raise NoSuchPlace(f"{person.handle} is not in {channel.name or channel.id}")
        version = Version(text=text, blocks=[], at=self._workspace.clock.now())
        message = Message(
            channel=channel.id, ts=self._workspace.new_ts(), author=person, versions=[version]
        )
        message.thread_ts = thread_ts
        self._workspace.messages[channel.id].append(message)
        self._workspace.touch()
        if self._workspace.bot.id in channel.members:
            await self.event(payloads.said(self._workspace, message))
        return message

    async def open_home(self, who: Person | str) -> Delivery | None:
        """Look at the app's home tab; the app gets `app_home_opened`."""
        person = self._actor(who)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self._workspace.dm(person).id,
            "tab": "home",
            "event_ts": self._workspace.new_ts(),
        }
        if home := self._workspace.homes.get(person.id):
            event["view"] = view_json(self._workspace, home)
        return await self.event(event)

    async def event(self, event: Json) -> Delivery | None:
        """Send an event to the app, if one listens and hears it; answer its first attempt."""
        if not self._courier.is_connected or not self._app.hears(event):
            return None
        payload = payloads.event_callback(self._workspace, event)
        delivery = await self._events.send(payload, self._forgery)
        self._workspace.touch()
        return delivery

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the very same payload once more, as a network that doubles requests does."""
        return await self._deliver(delivery.kind, delivery.payload)
