"""Who is who, who holds what and who is there, as an auditor reads a roster."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from lifecycle.roster import Member, Roster


class People(NamedTuple):
    """The people of a roster at one instant."""

    roster: Roster
    at: datetime

    def find(self, name: str) -> Member | None:
        """Find somebody by id or identity."""
        by_id = self.roster.people.get(name)
        others = (m for m in self.roster.people.values() if name in m.identities)
        return by_id or next(others, None)

    def ids(self, names: Iterable[str]) -> set[str]:
        """Give the people behind some identities."""
        return {member.id for name in names if (member := self.find(name))}

    def is_able(self, person: str) -> bool:
        """Say whether somebody signs anything at all."""
        member = self.roster.people.get(person)
        return member is not None and not member.machine and not member.left

    def on_call(self, rotation: str) -> str:
        """Give who has the shift."""
        shifts = [
            s for s in self.roster.rotations.get(rotation, ()) if s.starts <= self.at < s.until
        ]
        return max(shifts, key=lambda s: s.starts).person if shifts else ""

    def owners(self, roles: Iterable[str]) -> list[str]:
        """Give who holds one of some roles now, machines too."""
        names: dict[str, None] = {}
        for role in roles:
            names.update(dict.fromkeys(self.roster.owners.get(role, ())))
            names.update(dict.fromkeys(map(self.on_call, self.roster.on_call.get(role, ()))))
        people = self.roster.people
        return [name for name in names if name in people and not people[name].left]

    def takes_turns(self, roles: Iterable[str]) -> set[str]:
        """Give everybody who ever has a shift of a rotation that holds one of some roles."""
        rotations = [name for role in roles for name in self.roster.on_call.get(role, ())]
        return {s.person for name in rotations for s in self.roster.rotations.get(name, ())}

    def is_self_made(self, roles: tuple[str, ...], person: str) -> bool:
        """Say whether an owner holds each of their roles, among some, by their own hand."""
        held = [role for role in roles if person in self.owners((role,))]
        return bool(held) and all(self.gave_themselves(role, person) for role in held)

    def gave_themselves(self, role: str, person: str) -> bool:
        """Say whether a person gave themselves a role."""
        return self.roster.given_by.get(role, {}).get(person) == person

    def delegate(self, person: str) -> str | None:
        """Give who stands in for somebody away, empty when nobody does; None when they are here."""
        member = self.roster.people.get(person)
        for absence in member.away if member else ():
            if absence.starts <= self.at < absence.until:
                to = absence.delegate or ""
                return "" if to == absence.given_by else to
        return None

    def way(self, person: str, first: str) -> list[str]:
        """Follow from who was named to stand in for a person to who is there; else nobody."""
        way: list[str] = []
        one = first
        while one and one != person and one not in way:
            way.append(one)
            following = self.delegate(one)
            if following is None:
                return way
            one = following
        return []
