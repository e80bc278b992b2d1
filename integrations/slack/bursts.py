"""How many messages a conversation gets one by one before what follows is said together."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from integrations.slack.plan import is_channel

MOST_CONVERSATIONS = 10_000
"""So many are remembered before those that have all their turns again are forgotten."""


@dataclass(frozen=True)
class Allowance:
    """So many at once, and one more each `every`."""

    burst: int
    every: timedelta


TO_A_PERSON = Allowance(10, timedelta(seconds=6))
"""Nobody reads more than ten cards in a row."""
TO_A_CHANNEL = Allowance(30, timedelta(seconds=3))
"""At one message a second these are half a minute, well within an attempt to show a view."""


class Bursts:
    """Counts what conversations get singly, for one worker."""

    def __init__(self, person: Allowance = TO_A_PERSON, channel: Allowance = TO_A_CHANNEL) -> None:
        self._person = person
        self._channel = channel
        self._empty_at: dict[str, float] = {}

    def admits(self, conversation: str) -> bool:
        """Take a turn where there is one."""
        allowance = self._channel if is_channel(conversation) else self._person
        every, now = allowance.every.total_seconds(), asyncio.get_running_loop().time()
        if len(self._empty_at) > MOST_CONVERSATIONS:
            self._empty_at = {name: at for name, at in self._empty_at.items() if at > now}
        # The generic cell rate algorithm: the time at which the bucket would be empty again.
        empty_at = max(self._empty_at.get(conversation, now), now) + every
        if empty_at - now > every * allowance.burst:
            return False
        self._empty_at[conversation] = empty_at
        return True
