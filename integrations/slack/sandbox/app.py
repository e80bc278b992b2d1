"""The installed app as its manifest describes it: which events it hears, which shortcuts it has.

Source: https://docs.slack.dev/reference/events and
https://docs.slack.dev/reference/app-manifest
"""

from dataclasses import dataclass

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

    @property
    def message_shortcuts(self) -> dict[str, str]:
        """The names of the shortcuts in the menu of a message, by callback id."""
        features = self.manifest["features"] if self.manifest else {}
        return {
            each["callback_id"]: each["name"]
            for each in features.get("shortcuts", ())
            if each["type"] == "message"
        }
