"""What one person is to be reminded of, gathered over versions before it is said."""

from collections.abc import Sequence
from typing import Literal, Protocol

from lifecycle.values import Frozen, Instant

REMINDER, CARD = "reminder", "card"


class Reminder(Frozen):
    """What one version has to say to one person, or channel, and that may be said with others.

    As far as the record has its words, they are read when it is sent.
    """

    request: str
    """Names its copy, as `notice:<model>/<version>:<notice id>`, so that it counts once."""
    model: str
    version: str
    signoffs: tuple[str, ...] = ()
    """The sign-offs that wait for the person."""
    at: Instant
    """When it was written."""
    kind: str = REMINDER
    """`reminder`, `card`, or the kind of the notice that it is."""
    copy_of: str = ""
    """Whose copy it is; empty: the person's."""
    place: str = ""
    """The model's channel, where it is for that."""
    text: str = ""
    """What a notice says."""
    was_left: bool = False
    """Whether it was left to a digest that did not say it."""


class Gathered(Frozen):
    """What is said at once to one person, or in a channel; a repeat has the same id."""

    id: str
    person: str
    """A person, or a channel with `#`."""
    reminders: tuple[Reminder, ...]


class Said(Frozen):
    """What of gathered things was left to the person's next digest."""

    left: tuple[str, ...] = ()
    """The names of the reminders."""
    again_at: Instant | None = None
    """When they are said by themselves, if they weren't by then."""


DigestKind = Literal["daily", "weekly"]


class DigestDue(Frozen):
    """A person's digest that is to be sent: one a day, or one a week for managers."""

    kind: DigestKind
    day: str
    """The local date on which it begins the day or the week, as `2026-03-02`."""
    at: Instant
    """When it was due."""

    def request(self, person: str) -> str:
        """Name its copy, so that it is sent once."""
        return f"{self.kind}:{self.day}:{person}"


class DigestOrder(Frozen):
    """A digest to send, and what the person is reminded of in it."""

    person: str
    due: DigestDue
    reminders: tuple[Reminder, ...] = ()


class Desk(Protocol):
    """Keeps what persons are to be reminded of, and has it said together."""

    async def take(self, person: str, reminders: Sequence[Reminder]) -> None:
        """Keep reminders, and return only once they are durable; a repeat counts once."""
