"""The installed app as its manifest describes it: which events it hears, which shortcuts it has.

Source: https://docs.slack.dev/reference/events and
https://docs.slack.dev/reference/app-manifest
"""

from dataclasses import dataclass
from typing import Literal

from integrations.slack.sandbox.errors import NoSuchButton
from integrations.slack.sandbox.records import Json

_MESSAGES = {
    "channel": ("message.channels", "channels:history"),
    "group": ("message.groups", "groups:history"),
    "im": ("message.im", "im:history"),
}
"""By the kind of channel: what an app subscribes to, and the scope that it needs for that."""


@dataclass(frozen=True)
class InstalledApp:
    """What Slack knows of the app; without a manifest it hears everything and has no shortcuts."""

    manifest: Json | None
    scopes: frozenset[str]

    def hears(self, event: Json) -> bool:
        """Whether the app is subscribed to an event, and may have it."""
        name, scope = str(event["type"]), ""
        if name == "message":
            name, scope = _MESSAGES[event["channel_type"]]
        return (not scope or scope in self.scopes) and self._is_subscribed(name)

    def _is_subscribed(self, name: str) -> bool:
        if self.manifest is None:
            return True
        settings = self.manifest["settings"].get("event_subscriptions") or {}
        return name in settings.get("bot_events", ())

    def shortcuts(self, kind: Literal["global", "message"]) -> dict[str, str]:
        """Give the names of the shortcuts of a kind, by callback id."""
        features = self.manifest["features"] if self.manifest else {}
        found = (each for each in features.get("shortcuts", ()) if each["type"] == kind)
        return {each["callback_id"]: each["name"] for each in found}

    def check_shortcut(self, callback_id: str, kind: Literal["global", "message"]) -> None:
        """Raise `NoSuchButton` for a shortcut that the app doesn't have there."""
        if self.manifest is not None and callback_id not in self.shortcuts(kind):
            raise NoSuchButton(f"the app has no {kind} shortcut {callback_id}")
