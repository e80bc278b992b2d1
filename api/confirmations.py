"""Up to which fact the workflows said that they are, and when they said so to this process."""

from collections import OrderedDict
from datetime import datetime, timedelta

MOST_REMEMBERED = 10_000


class Confirmations:
    """Remembers the newest word of each version's workflow: its sequence, and the instant."""

    def __init__(self) -> None:
        self._heard: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def note(self, model: str, version: str, sequence: int, at: datetime) -> None:
        """Remember that the workflow was at `sequence` at an instant; an older word is no news."""
        known = self._heard.get((model, version))
        if known is None or known[0] <= sequence:
            self._heard[model, version] = (sequence, at)
            self._heard.move_to_end((model, version))
        while len(self._heard) > MOST_REMEMBERED:
            self._heard.popitem(last=False)

    def confirms(
        self, model: str, version: str, sequence: int, now: datetime, max_age: timedelta
    ) -> bool:
        """Say whether the workflow said within `max_age` that `sequence` is where it stands."""
        known = self._heard.get((model, version))
        return known is not None and known[0] == sequence and now - known[1] <= max_age
