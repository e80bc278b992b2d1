"""What a story is played with: a lifecycle, its book, people, and what else may happen."""

from datetime import timedelta
from typing import Any, NamedTuple

from lifecycle.definition import Lifecycle
from lifecycle.fact_values import Previous
from lifecycle.roster import Absence, Roster
from tests.lifecycle.audit.ballots import Place
from tests.lifecycle.audit.book import Book
from tests.lifecycle.audit.standing import Before
from tests.lifecycle.definitions import MODEL, OWNERS, PEOPLE, member
from tests.lifecycle.world import START

SOURCES = {"datasheet": "training", "evaluation": "evaluation", "vuln_scan": "scanner"}


class Setting(NamedTuple):
    """Everything that one kind of story shares."""

    definition: Lifecycle
    books: dict[str, Book]
    owners: dict[str, tuple[str, ...]] = OWNERS
    surroundings: dict[str, Any] = {}
    """More of the roster: rotations, groups, models below, freezes."""
    another: Lifecycle | None = None
    """What the version may be moved to."""
    previous: Previous | None = None
    before: dict[Place, Before] = {}

    @property
    def book(self) -> Book:
        """What an auditor knows of the first definition."""
        return self.books[self.definition.digest]


class Crowd:
    """The people as a story changes them."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.owners = dict(setting.owners)
        self.risk = "low"
        self.given_by: dict[str, dict[str, str]] = {}
        self.gone: str | None = None
        self.left: str | None = None
        self.linked = "none"
        """Whom an identity belongs to that nobody had."""
        self.away: dict[str, tuple[int, int, str | None]] = {}
        """For each person from and until which hour they are away, and their delegate."""
        self.number = 0

    def roster(self) -> Roster:
        """Give the roster as it would be read now."""
        self.number += 1
        everybody = [*(member(p, manager="hal") for p in PEOPLE), member("trainer", machine=True)]
        people = {
            one.id: one.model_copy(update=self._changes(one.id, one.identities))
            for one in everybody
            if one.id != self.gone
        }
        return Roster.model_validate(
            {
                **self.setting.surroundings, "number": self.number, "model": MODEL,
                "layer": "platform", "risk": self.risk, "owners": self.owners,
                "given_by": self.given_by,
                "people": people,
            }
        )  # fmt: skip

    def _changes(self, name: str, identities: tuple[str, ...]) -> dict[str, Any]:
        changes: dict[str, Any] = {"left": name == self.left}
        if name == self.linked:
            changes["identities"] = (*identities, "git:nobody")
        if name in self.away:
            begin, end, to = self.away[name]
            hours = [START + timedelta(hours=hour) for hour in (begin, end)]
            changes["away"] = (
                Absence(starts=hours[0], until=hours[1], delegate=to, given_by="hal"),
            )
        return changes
