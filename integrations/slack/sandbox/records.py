"""The things in a workspace: people, channels, messages and their versions, views."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from integrations.slack.sandbox.blocks import elements_of, texts_of
from integrations.slack.sandbox.errors import NoSuchButton, NoSuchMessage

Json: TypeAlias = dict[str, Any]

_PING = re.compile(r"<(!channel|!here|!everyone|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>")


@dataclass(eq=False, kw_only=True)
class Person:
    """Somebody, or some bot, with an account."""

    id: str
    name: str
    handle: str
    email: str
    team_id: str
    tz: str = "Etc/UTC"
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    updated: int = 0
    bot_id: str | None = None

    def to_json(self, now: datetime, *, with_email: bool) -> Json:
        """Show the account as `users.info` does; the address needs its own scope."""
        profile: Json = {
            "real_name": self.name,
            "real_name_normalized": self.name,
            "display_name": self.handle,
            "display_name_normalized": self.handle,
            "team": self.team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        if self.bot_id:
            profile["bot_id"] = self.bot_id
        offset = now.astimezone(ZoneInfo(self.tz)).utcoffset() or timedelta(0)
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "real_name": self.name,
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()),
            "profile": profile,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_stranger": self.is_stranger,
            "updated": self.updated,
        }


@dataclass(eq=False, kw_only=True)
class Channel:
    """A channel, or the direct messages between one person and the bot."""

    id: str
    name: str
    kind: Literal["public", "private", "im"]
    created: int
    creator: str
    members: list[str] = field(default_factory=list)
    is_archived: bool = False

    def other(self, bot: str) -> str:
        """Name the person of a direct conversation."""
        return next(each for each in self.members if each != bot)

    def to_json(self, bot: str) -> Json:
        """Show the channel as `conversations.info` does."""
        shared: Json = {"id": self.id, "created": self.created, "is_archived": self.is_archived}
        if self.kind == "im":
            return {
                **shared,
                "is_im": True,
                "is_org_shared": False,
                "user": self.other(bot),
                "is_user_deleted": False,
            }
        return {
            **shared,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "is_general": False,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_member": bot in self.members,
            "creator": self.creator,
            "num_members": len(self.members),
        }


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a message showed from one moment on."""

    text: str
    blocks: list[Json]
    at: datetime


@dataclass(eq=False, kw_only=True)
class Message:
    """A message with all that it ever showed; `only_for` names the one who sees an ephemeral."""

    channel: str
    ts: str
    author: Person
    versions: list[Version]
    thread_ts: str | None = None
    metadata: Json | None = None
    options: Json = field(default_factory=dict)
    only_for: str | None = None
    edited: Json | None = None
    is_deleted: bool = False

    @property
    def text(self) -> str:
        """The text it shows now."""
        return self.versions[-1].text

    @property
    def blocks(self) -> list[Json]:
        """The blocks it shows now."""
        return self.versions[-1].blocks

    @property
    def shown(self) -> str:
        """All words that it shows now, the fallback text left out when there are blocks."""
        return "\n".join(text for _, text in texts_of(self.blocks)) if self.blocks else self.text

    @property
    def pings(self) -> set[str]:
        """Whom it notifies now: `!channel`, `!here`, `@U…`."""
        formatted = [text for kind, text in texts_of(self.blocks) if kind == "mrkdwn"]
        return {ping for text in [self.text, *formatted] for ping in _PING.findall(text)}

    @property
    def actions(self) -> list[str]:
        """The action ids that can be clicked now."""
        return [element["action_id"] for _, element in self.elements()]

    def version(self, number: int) -> Version:
        """Look a version up; 0 is the first, -1 the newest."""
        try:
            return self.versions[number]
        except IndexError:
            raise NoSuchMessage(f"{self.ts} has {len(self.versions)} versions") from None

    def elements(self, number: int = -1) -> Iterator[tuple[str, Json]]:
        """Yield (block id, interactive element) of a version."""
        for block in self.version(number).blocks:
            for element in elements_of(block):
                yield block["block_id"], element

    def element(self, action_id: str, block_id: str | None, number: int = -1) -> tuple[str, Json]:
        """Find what is clicked.

        Raises `NoSuchButton` when the version does not show it, or shows it more than once.
        """
        return find_element(list(self.elements(number)), action_id, block_id)


@dataclass(eq=False, kw_only=True)
class View:
    """A modal on somebody's screen, or their home tab."""

    id: str
    user: str
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    is_open: bool = True
    errors: dict[str, str] = field(default_factory=dict)
    opened_by: str = ""

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.content["type"])

    @property
    def blocks(self) -> list[Json]:
        """What it shows."""
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The app's name for it."""
        return str(self.content.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The words above a modal."""
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def shown(self) -> str:
        """All words that it shows."""
        return "\n".join(text for _, text in texts_of(self.blocks))

    def elements(self) -> Iterator[tuple[str, Json]]:
        """Yield (block id, interactive element)."""
        for block in self.blocks:
            for element in elements_of(block):
                yield block["block_id"], element


def find_element(
    elements: list[tuple[str, Json]], action_id: str, block_id: str | None
) -> tuple[str, Json]:
    """Find the one element with this action id.

    Raises `NoSuchButton` when there is none, or several and no block id.
    """
    found = [
        (block, element)
        for block, element in elements
        if element["action_id"] == action_id and block_id in {None, block}
    ]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(f"{block}/{element['action_id']}" for block, element in elements)
    raise NoSuchButton(f"{len(found)} elements {action_id!r} among [{shown}]")
