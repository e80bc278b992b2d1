"""Whether the open seats of a stage can be filled: a matching of people to seats.

The augmenting-path algorithm for bipartite matching, and Hall's theorem for naming who is missing:
a set of seats cannot be filled when it has fewer candidates than seats.
"""

from collections.abc import Mapping
from typing import NamedTuple


class RoleSeats(NamedTuple):
    """The open seats of one role and who could take one."""

    role: str
    seats: int
    candidates: tuple[str, ...]


class Shortage(NamedTuple):
    """Roles whose open seats their candidates cannot fill together."""

    roles: tuple[RoleSeats, ...]

    @property
    def wanted_twice(self) -> tuple[str, ...]:
        """The people whom more than one of the roles needs."""
        everyone = dict.fromkeys(p for role in self.roles for p in role.candidates)
        return tuple(p for p in everyone if sum(p in r.candidates for r in self.roles) > 1)

    def sentence(self, names: Mapping[str, str]) -> str:
        """Say who is missing."""
        twice = [names.get(p, p) for p in self.wanted_twice]
        if len(twice) == 1:
            roles = " and ".join(role.role for role in self.roles)
            return f"{twice[0]} is needed twice: for {roles}. Add an owner to one of them."
        parts = [_need(role, names) for role in self.roles]
        return f"The seats can't be filled: {'; '.join(parts)}. Add an owner."


def _need(role: RoleSeats, names: Mapping[str, str]) -> str:
    people = ", ".join(names.get(p, p) for p in role.candidates) or "nobody"
    only = "only " if role.candidates else ""
    return f"{role.role} needs {role.seats} more and {only}{people} may sign"


def shortage(roles: tuple[RoleSeats, ...], *, one_role_each: bool) -> Shortage | None:
    """Find roles that cannot be filled, or None when everybody finds a seat."""
    for role in roles:
        if role.seats > len(role.candidates):
            return Shortage(roles=(role,))
    if not one_role_each:
        return None
    return _unmatched(roles)


def _unmatched(roles: tuple[RoleSeats, ...]) -> Shortage | None:
    taken: dict[str, int] = {}
    for index, role in enumerate(roles):
        for _ in range(role.seats):
            reached = _seat(index, roles, taken)
            if reached is not None:
                return Shortage(roles=tuple(roles[one] for one in sorted(reached)))
    return None


def _seat(role: int, roles: tuple[RoleSeats, ...], taken: dict[str, int]) -> tuple[int, ...] | None:
    """Give a seat of a role to somebody, moving others along an augmenting path where one is free.

    The path goes over roles, not seats, so that its length is bounded by their number. Without a
    path the answer is every role it reached: together they have too few candidates.
    """
    moved_by: dict[int, tuple[int, str]] = {}
    reached = [role]
    for one in reached:
        for person in roles[one].candidates:
            holder = taken.get(person)
            if holder is None:
                _move(role, one, person, moved_by, taken)
                return None
            if holder not in reached:
                moved_by[holder] = (one, person)
                reached.append(holder)
    return tuple(reached)


def _move(
    start: int, role: int, person: str, moved_by: dict[int, tuple[int, str]], taken: dict[str, int]
) -> None:
    taken[person] = role
    while role != start:
        role, freed = moved_by[role]
        taken[freed] = role
