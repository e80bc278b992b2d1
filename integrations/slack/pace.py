"""One message a second a channel, as Slack asks."""

import asyncio
from datetime import timedelta

BETWEEN_POSTS = timedelta(seconds=1)
"""Source: https://docs.slack.dev/apis/web-api/rate-limits, `chat.postMessage`."""

MOST_CHANNELS = 2_000
"""So many channels are remembered before those that are free again are forgotten."""


class Pace:
    """Gives each channel its turns."""

    def __init__(self, between: timedelta = BETWEEN_POSTS) -> None:
        self._between = between.total_seconds()
        self._free_at: dict[str, float] = {}
        self._ids: dict[str, str] = {}

    def learn(self, place: str, channel: str) -> None:
        """Know a place, a channel's name or a person's id, as the channel that it is."""
        if place == channel or self._ids.get(place) == channel:
            return
        if len(self._ids) > MOST_CHANNELS:
            self._ids.clear()
        self._ids[place] = channel
        free = self._free_at.get
        self._free_at[channel] = max(free(place, 0.0), free(channel, 0.0))

    async def turn(self, place: str) -> None:
        """Return when the next message may go to a place."""
        channel = self._ids.get(place, place)
        now = asyncio.get_running_loop().time()
        if len(self._free_at) > MOST_CHANNELS:
            self._free_at = {name: at for name, at in self._free_at.items() if at > now}
        at = max(self._free_at.get(channel, now), now)
        self._free_at[channel] = at + self._between
        await asyncio.sleep(at - now)
