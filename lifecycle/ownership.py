"""Whom the owners of a model name: people, groups, rotations, and managers of a role's people."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lifecycle.values import Frozen

GROUP = "group:"
ROTATION = "rotation:"
MANAGER_OF = "manager of "
PERSON = "person:"


class Crew(Frozen):
    """The people of a group or a rotation, and who put each there."""

    people: tuple[str, ...]
    given_by: dict[str, str] = {}


class Known(Frozen):
    """What owners may name, as far as it is described."""

    managers: dict[str, str] = {}
    """For each person who has one, their manager."""
    named_by: dict[str, str] = {}
    """For each person, who named their manager, where that is known."""
    groups: dict[str, Crew] = {}
    rotations: dict[str, Crew] = {}


class Way(NamedTuple):
    """One way on which somebody comes to hold a role."""

    person: str
    ref: str
    """What the model's owners say, as `group:risk-team`."""
    givers: tuple[str, ...]
    """Everybody whose word it takes, the last one who put this very person there at the end."""

    @property
    def is_own_doing(self) -> bool:
        """Whether the person had a hand in it themselves."""
        return self.person in self.givers


class Owners:
    """The owners of one model, with whoever gave what."""

    def __init__(
        self,
        owners: Mapping[str, tuple[str, ...]],
        known: Known,
        given_by: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._owners = owners
        self._known = known
        self._given_by = given_by or {}

    def people(self, role: str) -> tuple[str, ...]:
        """Give who holds a role at all times, in the file's order, each once."""
        ways = (way for way in self.ways(role) if not way.ref.startswith(ROTATION))
        return tuple(dict.fromkeys(way.person for way in ways))

    def everybody(self, role: str) -> tuple[str, ...]:
        """Give who holds a role, also those who do so only while they are on call."""
        return tuple(dict.fromkeys(way.person for way in self.ways(role)))

    def rotations(self, role: str) -> tuple[str, ...]:
        """Name the rotations that hold a role."""
        refs = (ref for ref in self._owners.get(role, ()) if ref.startswith(ROTATION))
        return tuple(dict.fromkeys(ref.removeprefix(ROTATION) for ref in refs))

    def givers(self, role: str) -> dict[str, str]:
        """Say for each holder of a role who gave it; themselves when every way is their doing."""
        given: dict[str, str] = {}
        for way in self.ways(role):
            if way.person not in given or given[way.person] == way.person:
                given[way.person] = way.person if way.is_own_doing else _last(way.givers)
        return {person: giver for person, giver in given.items() if giver}

    def ways(self, role: str, above: tuple[str, ...] = ()) -> Iterator[Way]:
        """Give every way to a role; one that leads back to a role it came from ends there."""
        for ref in self._owners.get(role, ()):
            giver = self._given_by.get(role, {}).get(ref, "")
            if ref.startswith(MANAGER_OF):
                yield from self._managers(ref, giver, (*above, role))
            else:
                yield from self._named(ref, giver)

    def _named(self, ref: str, giver: str) -> Iterator[Way]:
        kind, _, name = ref.rpartition(":")
        if not kind:
            yield Way(ref, ref, (giver,))
            return
        crews = self._known.groups if kind == "group" else self._known.rotations
        if name in crews:
            for person in crews[name].people:
                yield Way(person, ref, (giver, crews[name].given_by.get(person, "")))

    def _managers(self, ref: str, giver: str, above: tuple[str, ...]) -> Iterator[Way]:
        role = ref.removeprefix(MANAGER_OF)
        if role in above:
            return
        for way in self.ways(role, above):
            manager = self._known.managers.get(way.person)
            if manager:
                named = self._known.named_by.get(way.person, "")
                yield Way(manager, ref, (giver, *way.givers, named))


def _last(givers: tuple[str, ...]) -> str:
    return next((one for one in reversed(givers) if one), "")


def circle_of(role: str, owners: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Give the roles of a circle of `manager of` that a role is in, or nothing."""
    waiting: list[tuple[str, ...]] = [(role,)]
    while waiting:
        path = waiting.pop()
        for ref in owners.get(path[-1], ()):
            if not ref.startswith(MANAGER_OF):
                continue
            name = ref.removeprefix(MANAGER_OF)
            if name == role:
                return (*path, role)
            if name not in path:
                waiting.append((*path, name))
    return ()
