"""How a Web API method is declared: its name, scopes, arguments and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from integrations.slack.sandbox.arguments import Arguments
from integrations.slack.sandbox.errors import ApiError
from integrations.slack.sandbox.oauth import Branch, Registration
from integrations.slack.sandbox.records import Channel, Json
from integrations.slack.sandbox.state import Workspace

Caller: TypeAlias = Literal["bot", "app"]


@dataclass(frozen=True)
class Ask:
    """One call, its token already accepted."""

    workspace: Workspace
    arguments: Arguments
    scopes: frozenset[str]
    branch: Branch
    registration: Registration

    def require(self, scope: str) -> None:
        """Refuse a token without this scope, naming what is needed, as Slack does."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    def require_for(self, channel: Channel, act: Literal["read", "history"]) -> None:
        """Refuse a token that may not look into this kind of channel."""
        kind = {"public": "channels", "private": "groups", "im": "im"}[channel.kind]
        self.require(f"{kind}:{act}")

    def channel(self, name: str = "channel") -> Channel:
        """Find the channel whose id an argument gives; a private one only from inside."""
        channel = self.workspace.channels.get(self.arguments.required(name))
        if channel is None or self._is_hidden(channel):
            raise ApiError("channel_not_found")
        return channel

    def _is_hidden(self, channel: Channel) -> bool:
        return channel.kind == "private" and self.workspace.bot.id not in channel.members


@dataclass(frozen=True)
class Method:
    """A Web API method; an argument that it doesn't know is refused."""

    run: Callable[[Ask], Json]
    arguments: frozenset[str]
    scopes: tuple[str, ...] = ()
    caller: Caller = "bot"


METHODS: dict[str, Method] = {}


def method(
    name: str, *arguments: str, scopes: tuple[str, ...] = (), caller: Caller = "bot"
) -> Callable[[Callable[[Ask], Json]], Callable[[Ask], Json]]:
    """Declare a Web API method under its name."""

    def declare(run: Callable[[Ask], Json]) -> Callable[[Ask], Json]:
        METHODS[name] = Method(run, frozenset({"token", "team_id", *arguments}), scopes, caller)
        return run

    return declare
