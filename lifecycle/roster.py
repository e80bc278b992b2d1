"""People, models, and who holds which role for which model."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    model_validator,
)

from lifecycle.calendars import WorkingTime
from lifecycle.definition import Freeze, HoursOfDay
from lifecycle.memory import remembered
from lifecycle.values import Instant, Kept, Label, Name, Strict, Whole, later

Identity = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}:[^\s]{1,200}$")]
Email = Annotated[
    str, StringConstraints(to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
]
OwnerRef = Annotated[
    str,
    StringConstraints(pattern=r"^((group|rotation):|manager of )?[a-z0-9][a-z0-9._-]{0,99}$"),
]
"""A person, `group:risk-team`, `rotation:ml-oncall`, or `manager of validator`."""


EARLIEST, LATEST = 1970, 2199
"""Years that every zone's rules can be applied to."""


def _in_order(start: datetime, until: datetime) -> None:
    _usable(start)
    _usable(until)
    if until <= start:
        raise ValueError("it ends before it starts; write the earlier time first")


def _usable(instant: datetime) -> datetime:
    if not EARLIEST <= instant.year <= LATEST:
        raise ValueError(f"the year is to be from {EARLIEST} to {LATEST}")
    return instant


class Away(Strict):
    """A time in which a person does not answer, and who stands in for them."""

    model_config = ConfigDict(serialize_by_alias=True)

    starts: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    delegate: Name | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Away":
        _in_order(self.starts, self.until)
        return self


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
    away: Annotated[tuple[Away, ...], Field(max_length=100)] = later(())
    left: bool = later(False)
    """Whether the person is gone: they sign nothing and are asked nothing."""


class GroupFile(Strict):
    """People who hold roles together."""

    members: tuple[Name, ...] = Field(max_length=500)


class Substitution(Strict):
    """Somebody who takes a rotation over for a time."""

    model_config = ConfigDict(serialize_by_alias=True)

    starts: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    person: Name

    @model_validator(mode="after")
    def _ordered(self) -> "Substitution":
        _in_order(self.starts, self.until)
        return self


class RotationFile(Strict):
    """An on-call rotation: people take weeks in order, handed over at a local time."""

    people: tuple[Name, ...] = Field(min_length=1, max_length=100)
    zone: str
    starts: Annotated[NaiveDatetime, AfterValidator(_usable)]
    """The first handover, in the zone's local time; the rest follow at the same local time."""
    weeks: Annotated[Whole, Field(ge=1, le=12)] = 1
    overrides: tuple[Substitution, ...] = Field(default=(), max_length=100)


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
    owners: dict[Name, tuple[OwnerRef, ...]] = {}
    known_as: tuple[Alias, ...] = ()
    slack_channel: Annotated[str, StringConstraints(pattern=r"^#?[^\s#]{1,80}$")] | None = None
    built_on: tuple[Name, ...] = later(())
    """The models that this one is built on."""
    freezes: tuple[Freeze, ...] = later(())
    slack_team: Annotated[str, StringConstraints(pattern=r"^[TE][A-Z0-9]{1,30}$")] | None = later(
        None
    )
    """The Slack workspace that its cards go to, where the app is in several."""


LEAST_AHEAD = timedelta(days=30)
"""How far ahead shifts and people's calendars are to be known."""


class Absence(Kept):
    """An away period, as instants."""

    starts: Instant
    until: Instant
    delegate: str | None = None
    given_by: str = later("")
    """Who named the delegate; nobody stands in for others by their own hand."""


class Shift(Kept):
    """Who is on call between two instants."""

    starts: Instant
    until: Instant
    person: str


class Account(Kept):
    """A person's Slack account, as a running version knows it."""

    enterprise: str | None = later(None)
    team: str
    user: str
    is_confirmed: bool = later(False)
    """Whether it is known to be theirs; else it only has their address, and decides nothing."""
    barred: str = later("")
    """Why it may not decide, a key of `BARRED`; empty where nothing is known against it."""


class Member(Kept):
    """What a running version needs to know of a person."""

    id: str
    name: str = ""
    manager: str | None = None
    machine: bool = False
    identities: tuple[str, ...] = ()
    """E-mail (`email:…`), Git, registry and key identities: all one person."""
    calendar: str = later("")
    """Which of the roster's calendars is theirs; empty: the lifecycle's."""
    away: tuple[Absence, ...] = later(())
    left: bool = later(False)
    manager_given_by: str = later("")
    """Who named the manager; nobody is asked as a manager by their own hand."""
    accounts: tuple[Account, ...] = later(())

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
    on_call: dict[str, tuple[str, ...]] = later({})
    """For each role, the rotations that hold it."""
    rotations: dict[str, tuple[Shift, ...]] = later({})
    groups: dict[str, tuple[str, ...]] = later({})
    """Members of groups that an escalation may name."""
    calendars: dict[str, WorkingTime] = later({})
    """Working times of people, by the digest of what they were resolved from."""
    load: dict[str, int] = later({})
    """For each person, how many sign-offs they were asked for and have not answered."""
    turns: dict[str, int] = later({})
    """For each role, how many of its requests this model saw, so that `rotate` goes on."""
    built_on: tuple[str, ...] = later(())
    freezes: tuple[Freeze, ...] = later(())
    on_duty: dict[str, str] = later({})
    """For each rotation, who is on call now; set by the core, as time passes."""
    until: Instant | None = later(None)
    """Until when shifts and people's calendars are known; None: there are none."""
    absent: dict[str, str] = later({})
    """For each person who is away now, their delegate or an empty text; set by the core."""

    def person(self, name: str) -> Member | None:
        """Find a person by id or by any of their identities."""
        if name in self.people:
            return self.people[name]
        return _by_identity(self).get(name)

    def called(self, name: str) -> str:
        """Give the name to write for a person in a sentence."""
        member = self.person(name)
        return member.called if member else name

    def owners_of(self, role: str) -> tuple[Member, ...]:
        """Give the known owners of a role who did not leave, in the file's order, each once."""
        return _owners_of(self, role)

    def owns(self, role: str, person: str) -> bool:
        """Say whether a person holds a role now."""
        return person in _owner_ids(self, role)

    def takes_turns(self, role: str, person: str) -> bool:
        """Say whether a person is ever on call in a rotation that holds a role."""
        return person in _in_turn(self, role)

    def named(self, target: str) -> tuple[Member, ...]:
        """Give whom `person:ana`, `group:risk`, `rotation:ml-oncall` or a role names now."""
        kind, colon, name = target.partition(":")
        if not colon:
            return self.owners_of(target)
        ids: tuple[str, ...] = (name,) if kind == "person" else self.groups.get(name, ())
        if kind == "rotation":
            ids = (self.on_duty[name],) if name in self.on_duty else ()
        return tuple(self.people[one] for one in dict.fromkeys(ids) if _is_there(self, one))

    def runs_out(self, now: datetime) -> bool:
        """Say whether shifts and calendars are to be read again, as they end too soon."""
        return self.until is not None and self.until - now <= LEAST_AHEAD

    def gave_themselves(self, role: str, person: str) -> bool:
        """Say whether a person holds a role by their own hand."""
        return self.given_by.get(role, {}).get(person) == person


def _is_there(roster: Roster, person: str) -> bool:
    return person in roster.people and not roster.people[person].left


@remembered
def _owners_of(roster: Roster, role: str) -> tuple[Member, ...]:
    rotations = roster.on_call.get(role, ())
    on_duty = [roster.on_duty[name] for name in rotations if name in roster.on_duty]
    ids = dict.fromkeys([*roster.owners.get(role, ()), *on_duty])
    return tuple(roster.people[one] for one in ids if _is_there(roster, one))


@remembered
def _owner_ids(roster: Roster, role: str) -> frozenset[str]:
    return frozenset(member.id for member in _owners_of(roster, role))


@remembered
def _in_turn(roster: Roster, role: str) -> frozenset[str]:
    shifts = (s for name in roster.on_call.get(role, ()) for s in roster.rotations.get(name, ()))
    return frozenset(shift.person for shift in shifts)


@remembered
def _by_identity(roster: Roster) -> dict[str, Member]:
    """Index the people of a roster, for which most versions ask often; the first named wins."""
    known: dict[str, Member] = {}
    for member in roster.people.values():
        for identity in member.identities:
            known.setdefault(identity, member)
    return known
