"""Lifecycle, people and model files, read and checked together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import available_timezones

from pydantic import BaseModel, ValidationError

from integrations.documents import Document, DocumentError, KeyPath, located, parse_documents
from integrations.extending import OVERLAY, extended, extends_others, name_of
from integrations.working_time import calendar_problems
from lifecycle.definition import Lifecycle
from lifecycle.lint import Finding, lint, lint_model
from lifecycle.lint_people import lint_group, lint_person, lint_rotation
from lifecycle.lint_reach import named_targets
from lifecycle.ownership import GROUP, MANAGER_OF, PERSON, ROTATION
from lifecycle.records import people_of_rotation
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile
from lifecycle.values import Name, Strict

M = TypeVar("M", bound=BaseModel)

_KINDS = (
    "`lifecycle:` with `stages:` or `extends:`, `people:`, `groups:`, `rotations:`, or `model:`"
)
_PEOPLE = {"people", "groups", "rotations"}


class PeopleFile(Strict):
    """A document that says who is who, in which groups, and on call when."""

    people: dict[Name, PersonFile] = {}
    groups: dict[Name, GroupFile] = {}
    rotations: dict[Name, RotationFile] = {}


@dataclass(frozen=True)
class Remark:
    """One thing to say about a file, at `file:line:column`."""

    severity: Literal["error", "warning"]
    where: str
    message: str

    def __str__(self) -> str:
        kind = "" if self.severity == "error" else "warning: "
        return f"{self.where}: {kind}{self.message}"


@dataclass
class Documents:
    """What a set of files says, by name, each with the document it came from."""

    lifecycles: dict[str, tuple[Document, Lifecycle]] = field(default_factory=dict)
    people: dict[str, tuple[Document, PersonFile]] = field(default_factory=dict)
    groups: dict[str, tuple[Document, GroupFile]] = field(default_factory=dict)
    rotations: dict[str, tuple[Document, RotationFile]] = field(default_factory=dict)
    models: dict[str, tuple[Document, ModelFile]] = field(default_factory=dict)
    overlays: dict[str, Document] = field(default_factory=dict)
    bases: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """For each lifecycle that extends others: their names and digests."""
    remarks: list[Remark] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether there is an error."""
        return any(one.severity == "error" for one in self.remarks)


def read_documents(files: Iterable[Path], *, are_all: bool) -> Documents:
    """Read and check files together; every problem found is a remark.

    `are_all` says that whoever isn't in the files doesn't exist; otherwise a server may know them.
    """
    found = Documents()
    documents: list[Document] = []
    for file in files:
        try:
            documents += parse_documents(file.read_bytes(), name=str(file))
        except DocumentError as error:
            found.remarks += _remarks(error)
        except OSError as error:
            found.remarks.append(Remark("error", str(file), f"can't be read: {error.strerror}"))
    broken: set[str] = set()
    for document in documents:
        if document.name in broken:
            continue  # a file is told of its first wrong document
        try:
            _take(document, found, documents)
        except DocumentError as error:
            broken.add(document.name)
            found.remarks += _remarks(error)
    found.remarks += _linted(found, are_all=are_all)
    return found


def _take(document: Document, found: Documents, others: list[Document]) -> None:
    data = document.data
    keys = data.keys() if isinstance(data, dict) else ()
    if OVERLAY in keys:
        _take_overlay(document, found)
    elif "stages" in keys or ("lifecycle" in keys and "model" not in keys):
        bases: tuple[tuple[str, str], ...] = ()
        if extends_others(document):
            document, bases = extended(document, others)
        lifecycle = _valid(document, Lifecycle)
        _put(found.lifecycles, lifecycle.lifecycle, document, lifecycle, ("lifecycle",))
        if bases:
            found.bases[lifecycle.lifecycle] = bases
    elif _PEOPLE.intersection(keys):
        file = _valid(document, PeopleFile)
        for name, person in file.people.items():
            _put(found.people, name, document, person, ("people", name))
        for name, group in file.groups.items():
            _put(found.groups, name, document, group, ("groups", name))
        for name, rotation in file.rotations.items():
            _put(found.rotations, name, document, rotation, ("rotations", name))
    elif "model" in keys:
        model = _valid(document, ModelFile)
        _put(found.models, model.model, document, model, ("model",))
    else:
        problem = document.problem(
            (), f"this is none of the files that are known; start with {_KINDS}"
        )
        raise DocumentError([problem], name=document.name)


def _take_overlay(document: Document, found: Documents) -> None:
    """Keep an overlay, which is checked where a lifecycle extends it."""
    name = name_of(document)
    if name is None or extends_others(document):
        message = (
            "an overlay has a name, as `overlay: our-rules`"
            if name is None
            else "an overlay extends nothing itself; let the lifecycle list both under `extends`"
        )
        raise DocumentError([document.problem((OVERLAY,), message)], name=document.name)
    if name in found.overlays:
        first = found.overlays[name].name
        problem = document.problem(
            (OVERLAY,), f"`{name}` is defined twice, the first time in {first}"
        )
        raise DocumentError([problem], name=document.name)
    found.overlays[name] = document


def _valid(document: Document, kind: type[M]) -> M:
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        raise located(document, error, model=kind) from error


def _put(
    known: dict[str, tuple[Document, M]], name: str, document: Document, value: M, path: KeyPath
) -> None:
    """Keep a definition; a second one of the same name is an error, not a silent winner."""
    if name in known:
        first = known[name][0].name
        problem = document.problem(path, f"`{name}` is defined twice, the first time in {first}")
        raise DocumentError([problem], name=document.name)
    known[name] = (document, value)


def _linted(found: Documents, *, are_all: bool) -> Iterator[Remark]:
    zones = available_timezones()
    for document, lifecycle in found.lifecycles.values():
        for finding in lint(lifecycle, knows_zone=zones.__contains__):
            yield _remark(document, finding)
    for document, finding in _people_findings(found, are_all=are_all):
        yield _remark(document, finding)
    for document, model in found.models.values():
        for finding in _model_findings(found, model, are_all=are_all):
            yield _remark(document, finding)


def _people_findings(found: Documents, *, are_all: bool) -> Iterator[tuple[Document, Finding]]:
    """Check people, groups and rotations; whom the files don't describe a server may know."""
    people = {name: person for name, (_, person) in found.people.items()}
    checked: list[tuple[Document, Iterable[Finding], Iterable[str]]] = [
        (document, (*_calendar(one, ("people", name)),
                    *lint_person(name, people, path=("people", name))), _delegates(one))
        for name, (document, one) in found.people.items()
    ]  # fmt: skip
    checked += [
        (document, lint_group(one, people, path=("groups", name)), one.members)
        for name, (document, one) in found.groups.items()
    ]
    checked += [
        (document, (*_calendar(one, ("rotations", name)),
                    *lint_rotation(one, people, path=("rotations", name))),
         people_of_rotation(one))
        for name, (document, one) in found.rotations.items()
    ]  # fmt: skip
    for document, findings, named in checked:
        strangers = set() if are_all else set(named) - people.keys()
        for finding in findings:
            if not any(finding.message.startswith(f"{one} is nobody known") for one in strangers):
                yield document, finding


def _delegates(person: PersonFile) -> tuple[str, ...]:
    return tuple(one.delegate for one in person.away if one.delegate)


def _calendar(file: PersonFile | RotationFile, path: KeyPath) -> Iterator[Finding]:
    for key, problem in calendar_problems(file):
        yield Finding("error", (*path, key), problem)


def _model_findings(found: Documents, model: ModelFile, *, are_all: bool) -> Iterable[Finding]:
    """Check a model as far as these files tell; the server checks the rest."""
    if model.lifecycle not in found.lifecycles:
        message = f"`{model.lifecycle}` is not among these files, so its roles aren't checked"
        return (Finding("warning", ("lifecycle",), message),)
    people = {name: person for name, (_, person) in found.people.items()}
    groups = {name: group for name, (_, group) in found.groups.items()}
    rotations = {name: rotation for name, (_, rotation) in found.rotations.items()}
    named = {owner for held in model.owners.values() for owner in held
             if not owner.startswith(MANAGER_OF)}  # fmt: skip
    lifecycle = found.lifecycles[model.lifecycle][1]
    named |= {target.removeprefix(PERSON) for target in named_targets(lifecycle)}
    known = {*people, *(GROUP + name for name in groups), *(ROTATION + name for name in rotations)}
    if named and (not people or not (are_all or named <= known)):
        message = "not all owners are among these files, so they aren't checked"
        return (Finding("warning", ("owners",), message),)
    bases = {name: one.built_on for name, (_, one) in found.models.items()}
    return lint_model(
        lifecycle,
        model,
        people,
        groups=groups,
        rotations=rotations,
        bases=bases if are_all else None,
    )


def _remark(document: Document, finding: Finding) -> Remark:
    problem = document.problem(finding.path, finding.message)
    is_placed = problem.line is not None
    where = f"{document.name}:{problem.line}:{problem.column}" if is_placed else document.name
    return Remark(finding.severity, where, problem.message)


def _remarks(error: DocumentError) -> Iterator[Remark]:
    for problem in error.problems:
        where = ":".join(
            str(part) for part in (error.name, problem.line, problem.column) if part is not None
        )
        yield Remark("error", where, problem.message)
