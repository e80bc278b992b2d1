"""Whether what a model names as owners comes to somebody."""

from collections.abc import Iterator, Mapping

from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding, Path, error, listed, warning
from lifecycle.ownership import GROUP, MANAGER_OF, ROTATION, Crew, Known, Owners, circle_of
from lifecycle.records import people_of_rotation
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile


class Organisation:
    """The people, groups and rotations that owners may name."""

    def __init__(
        self,
        people: Mapping[str, PersonFile],
        groups: Mapping[str, GroupFile] | None = None,
        rotations: Mapping[str, RotationFile] | None = None,
    ) -> None:
        self.people = people
        self.groups = groups or {}
        self.rotations = rotations or {}

    def owners_of(self, model: ModelFile) -> Owners:
        """Give whom a model's owners come to."""
        known = Known(
            managers={id_: one.manager for id_, one in self.people.items() if one.manager},
            groups={name: Crew(people=one.members) for name, one in self.groups.items()},
            rotations={
                name: Crew(people=people_of_rotation(one)) for name, one in self.rotations.items()
            },
        )
        return Owners(model.owners, known)

    def able(self, people: tuple[str, ...]) -> tuple[str, ...]:
        """Keep those who can sign at all."""
        return tuple(
            p
            for p in people
            if p in self.people and not self.people[p].machine and not self.people[p].left
        )


def lint_owners(
    lifecycle: Lifecycle, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    """Check each thing that a model names as an owner."""
    for role, owners in model.owners.items():
        if role not in lifecycle.roles:
            yield error(
                ("owners", role),
                f"{lifecycle.lifecycle} has no role {role}; choose from {listed(lifecycle.roles)}.",
            )
        for index, owner in enumerate(owners):
            path = ("owners", role, index)
            yield from _owner(owner, path, organisation)
            if owner.startswith(MANAGER_OF):
                yield from _managers_of(role, owner, path, model, organisation)
            if owner in owners[:index]:
                yield warning(path, f"{owner} is named twice as {role} and counts once.")


def _owner(owner: str, path: Path, organisation: Organisation) -> Iterator[Finding]:
    if owner.startswith(GROUP):
        yield from _group(owner.removeprefix(GROUP), path, organisation)
    elif owner.startswith(ROTATION):
        yield from _rotation(owner.removeprefix(ROTATION), path, organisation)
    elif not owner.startswith(MANAGER_OF):
        yield from _person(owner, path, organisation)


def _person(owner: str, path: Path, organisation: Organisation) -> Iterator[Finding]:
    known = organisation.people.get(owner)
    if known is None:
        yield error(path, f"{owner} is nobody known; add {owner} to the people first.")
    elif known.machine:
        yield error(path, f"{owner} is a machine and can't sign; name a person.")
    elif known.left:
        yield warning(path, f"{owner} has left and signs nothing; name somebody else.")


def _group(name: str, path: Path, organisation: Organisation) -> Iterator[Finding]:
    group = organisation.groups.get(name)
    if group is None:
        yield error(path, f"There is no group {name}; describe it under `groups` first.")
    elif not organisation.able(group.members):
        yield warning(path, f"Nobody in the group {name} can sign; add a member.")


def _rotation(name: str, path: Path, organisation: Organisation) -> Iterator[Finding]:
    rotation = organisation.rotations.get(name)
    if rotation is None:
        yield error(path, f"There is no rotation {name}; describe it under `rotations` first.")
    elif not organisation.able(rotation.people):
        yield error(path, f"Nobody in the rotation {name} can sign; name somebody who answers.")


def _managers_of(
    role: str, owner: str, path: Path, model: ModelFile, organisation: Organisation
) -> Iterator[Finding]:
    below = owner.removeprefix(MANAGER_OF)
    circle = circle_of(role, model.owners)
    if circle:
        yield error(
            path, f"{' → '.join(circle)} name each other's managers; name a person in one of them."
        )
        return
    people = organisation.owners_of(model).everybody(below)
    if not people:
        yield error(path, f"{owner} is nobody: {below} has no owner; name one.")
    elif not any(p in organisation.people and organisation.people[p].manager for p in people):
        yield error(path, f"{owner} is nobody: no {below} has a manager; add one to the people.")


def lint_bases(model: ModelFile, bases: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Check the models that one is built on; `bases` are what each known model is built on."""
    for index, base in enumerate(model.built_on):
        path = ("built_on", index)
        if base == model.model:
            yield error(path, f"{base} can't be built on itself; take it out.")
        elif base not in bases:
            yield error(path, f"There is no model {base}; describe it first.")
        elif circle := _circle_of_bases(model, base, bases):
            yield error(
                path, f"{' → '.join(circle)} are built on each other; take one of them out."
            )


def _circle_of_bases(
    model: ModelFile, base: str, bases: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    waiting: list[tuple[str, ...]] = [(model.model, base)]
    seen = {base}
    while waiting:
        path = waiting.pop()
        for one in bases.get(path[-1], ()):
            if one == model.model:
                return (*path, one)
            if one not in seen:
                seen.add(one)
                waiting.append((*path, one))
    return ()
