"""What can't work or is hardly meant in people, groups and rotations."""

from collections.abc import Iterator, Mapping

from lifecycle.away import circle_of_delegates
from lifecycle.finding import Finding, Path, error, warning
from lifecycle.roster import GroupFile, PersonFile, RotationFile


def lint_person(
    person: str, people: Mapping[str, PersonFile], *, path: Path = ()
) -> tuple[Finding, ...]:
    """Check a person's hours and who stands in for them; `path` leads to their description."""
    file = people[person]
    found = [*_hours(file, path), *_delegates(person, people, path)]
    return tuple(dict.fromkeys(found))


def _hours(file: PersonFile, path: Path) -> Iterator[Finding]:
    opens, _, closes = (file.hours or "").partition("-")
    if file.hours and closes <= opens:
        yield error((*path, "hours"), f"{file.hours} ends before it starts; write as 09:00-17:00.")


def _delegates(person: str, people: Mapping[str, PersonFile], path: Path) -> Iterator[Finding]:
    for index, one in enumerate(people[person].away):
        if one.delegate is None:
            continue
        place = (*path, "away", index, "delegate")
        delegate = people.get(one.delegate)
        if one.delegate == person:
            yield error(place, f"{person} can't stand in for themselves; name somebody else.")
        elif delegate is None:
            yield warning(place, f"{one.delegate} is nobody known, so nobody stands in then.")
        elif delegate.machine:
            yield error(place, f"{one.delegate} is a machine and can't sign; name a person.")
        elif delegate.left:
            yield warning(place, f"{one.delegate} has left, so nobody stands in then.")
    circle = circle_of_delegates(person, people)
    if len(circle) > 2:
        yield error((*path, "away"), circle_sentence(circle))


def circle_sentence(circle: tuple[str, ...]) -> str:
    """Say that people stand in for each other at the same time."""
    return (
        f"{' → '.join(circle)} stand in for each other at the same time, so nobody would answer; "
        "name somebody else for one of them."
    )


def lint_group(
    file: GroupFile, people: Mapping[str, PersonFile], *, path: Path = ()
) -> tuple[Finding, ...]:
    """Check a group's members."""
    return tuple(dict.fromkeys(_crew(file.members, people, (*path, "members"))))


def lint_rotation(
    file: RotationFile, people: Mapping[str, PersonFile], *, path: Path = ()
) -> tuple[Finding, ...]:
    """Check a rotation's people, also those of its overrides."""
    found = [*_crew(file.people, people, (*path, "people"))]
    if all(p in people and people[p].left for p in file.people):
        message = "Everybody in this rotation has left; name somebody who answers."
        found.append(error((*path, "people"), message))
    for index, one in enumerate(file.overrides):
        found += _one(one.person, people, (*path, "overrides", index, "person"))
    return tuple(dict.fromkeys(found))


def _crew(
    members: tuple[str, ...], people: Mapping[str, PersonFile], path: Path
) -> Iterator[Finding]:
    for index, member in enumerate(members):
        yield from _one(member, people, (*path, index))
        if member in members[:index]:
            yield warning((*path, index), f"{member} is named twice.")


def _one(member: str, people: Mapping[str, PersonFile], path: Path) -> Iterator[Finding]:
    known = people.get(member)
    if known is None:
        yield error(path, f"{member} is nobody known; add {member} to the people first.")
    elif known.machine:
        yield error(path, f"{member} is a machine and can't sign; name a person.")
    elif known.left:
        yield warning(path, f"{member} has left and signs nothing; take them out.")
