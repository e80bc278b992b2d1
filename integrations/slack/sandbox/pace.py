"""Slack's rate limits: one message a second a channel, and so many calls a minute a method."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rate:
    """One call each `every`, after `burst` calls at once."""

    every: timedelta
    burst: int = 1


TIER_1 = Rate(timedelta(seconds=60), 1)
TIER_2 = Rate(timedelta(seconds=3), 20)
TIER_3 = Rate(timedelta(seconds=1.2), 50)
TIER_4 = Rate(timedelta(seconds=0.6), 100)

# https://docs.slack.dev/apis/web-api/rate-limits and the page of each method. Slack publishes calls
# a minute; that a minute's worth may come at once is how the limits are commonly observed.
TIERS = {
    "apps.connections.open": TIER_1,
    "chat.delete": TIER_3,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


@dataclass
class Pace:
    """The limits of a workspace; a limit of None is switched off.

    `posts` counts `chat.postMessage` for each channel. Slack tolerates "short bursts"; five is our
    reading of it. `methods` counts calls of each method: pass `TIERS` for Slack's own.
    """

    posts: Rate | None = Rate(timedelta(seconds=1), 5)
    methods: dict[str, Rate] = field(default_factory=dict)
    _empty_at: dict[tuple[str, str], datetime] = field(default_factory=dict, repr=False)

    def admit(self, method: str, channel: str, now: datetime) -> timedelta | None:
        """Count a call; answer how long to wait when it is too many."""
        if method == "chat.postMessage" and self.posts:
            return self._count((method, channel), self.posts, now)
        rate = self.methods.get(method)
        return self._count((method, ""), rate, now) if rate else None

    def _count(self, key: tuple[str, str], rate: Rate, now: datetime) -> timedelta | None:
        # The generic cell rate algorithm: the time at which the bucket would be empty again.
        empty_at = max(self._empty_at.get(key, now), now)
        wait = empty_at + rate.every - now - rate.every * rate.burst
        if wait > timedelta(0):
            return wait
        self._empty_at[key] = empty_at + rate.every
        return None
