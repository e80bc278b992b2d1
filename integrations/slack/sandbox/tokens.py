"""Who may call what: tokens and their scopes."""

import secrets
from typing import Literal

from integrations.slack.sandbox.errors import ApiError

BOT_SCOPES = frozenset(
    {
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "users:read",
        "users:read.email",
    }
)
BOT_PREFIX = "xoxb-sandbox-"
"""A token that begins so is a sandbox's, and good for nothing in Slack."""
APP_SCOPES = frozenset({"connections:write"})


class Tokens:
    """The tokens of one installation; a revoked one stays known as such."""

    def __init__(
        self, scopes: frozenset[str], bot: str | None = None, *, app: str | None = None
    ) -> None:
        self.bot_scopes = scopes
        self.bot = bot or self._new(BOT_PREFIX)
        self.app = app or self._new("xapp-sandbox-")
        self._revoked: set[str] = set()

    def _new(self, prefix: str) -> str:
        return f"{prefix}{secrets.token_hex(12)}"

    @property
    def is_revoked(self) -> bool:
        """Whether the newest bot token was taken back."""
        return self.bot in self._revoked

    def knows(self, token: str) -> bool:
        """Whether a token is or was one of this installation."""
        return token in {self.bot, self.app, *self._revoked}

    def revoke(self) -> None:
        """Take the bot token back."""
        self._revoked.add(self.bot)

    def restore(self) -> None:
        """Let the bot token be good again."""
        self._revoked.discard(self.bot)

    def renew(self) -> str:
        """Take the bot token back and give another, as a new installation does."""
        self.revoke()
        self.bot = self._new(BOT_PREFIX)
        return self.bot

    def scopes(self, token: str, caller: Literal["bot", "app"]) -> frozenset[str]:
        """Answer what a token may do; raises `ApiError` when it may not call this method."""
        if not token:
            raise ApiError("not_authed")
        if token in self._revoked:
            raise ApiError("token_revoked")
        if token not in {self.bot, self.app}:
            raise ApiError("invalid_auth")
        if (token == self.bot) != (caller == "bot"):
            raise ApiError("not_allowed_token_type")
        return self.bot_scopes if token == self.bot else APP_SCOPES
