"""People, models, and who holds which role for which model."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lifecycle.definition import HoursOfDay
from lifecycle.values import Kept, Label, Name, Strict

Identity = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}:[^\s]{1,200}$")]
Email = Annotated[
    str, StringConstraints(to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
]


class PersonFile(Strict):
    """A person, or a machine that produces models, as in a people file."""

    name: Label | None = None
    email: Email | None = None
    manager: Name | None = None
    zone: str | None = None
    hours: HoursOfDay | None = None
    holidays: str | None = None
    machine: bool = False
    identities: tuple[Identity, ...] = Field(default=(), max_length=50)


class Alias(Strict):
    """A name that another system knows a model by."""

    source: Label
    name: Label


class ModelFile(Strict):
    """A model and its owners, as in a model file."""

    model: Name
    lifecycle: Name
    layer: Literal["experience", "platform", "foundation"] | None = None
    risk: Literal["low", "medium", "high", "critical"] | None = None
    owners: dict[Name, tuple[Name, ...]] = {}
    known_as: tuple[Alias, ...] = ()
    slack_channel: Annotated[str, StringConstraints(pattern=r"^#?[^\s#]{1,80}$")] | None = None


class Member(Kept):
    """What a running version needs to know of a person."""

    id: str
    name: str = ""
    manager: str | None = None
    machine: bool = False
    identities: tuple[str, ...] = ()
    """E-mail (`email:…`), Git, registry and key identities: all one person."""

    @property
    def called(self) -> str:
        """The name to write in a sentence."""
        return self.name or self.id


class Roster(Kept):
    """Everybody who matters to one model version, as read at one moment."""

    number: int = 0
    """Which reading of people and model this is; a higher one is newer."""
    model: str
    layer: str | None = None
    risk: str | None = None
    slack_channel: str | None = None
    owners: dict[str, tuple[str, ...]] = {}
    given_by: dict[str, dict[str, str]] = {}
    """For each role and owner, who gave the role."""
    people: dict[str, Member] = {}

    def person(self, name: str) -> Member | None:
        """Find a person by id or by any of their identities."""
        if name in self.people:
            return self.people[name]
        for member in self.people.values():
            if name in member.identities:
                return member
        return None

    def called(self, name: str) -> str:
        """Give the name to write for a person in a sentence."""
        member = self.person(name)
        return member.called if member else name

    def owners_of(self, role: str) -> tuple[Member, ...]:
        """Give the known owners of a role, in the file's order, each once."""
        ids = dict.fromkeys(self.owners.get(role, ()))
        return tuple(self.people[one] for one in ids if one in self.people)

    def gave_themselves(self, role: str, person: str) -> bool:
        """Say whether a person holds a role by their own hand."""
        return self.given_by.get(role, {}).get(person) == person
