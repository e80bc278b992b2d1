"""Files checked against the rules before they are taken."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import unreadable
from integrations.database.crews import crews_named
from integrations.database.registry import get_lifecycle
from integrations.database.reporting_lines import (
    bases_upwards,
    people_named,
    people_standing_in,
    people_upwards,
)
from integrations.documents import Document, DocumentError, dotted
from integrations.extending import extended, extends_others
from integrations.places import Problem
from integrations.working_time import calendar_problems, problem_of
from lifecycle.commands import Refused
from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding
from lifecycle.handover import Offer
from lifecycle.lint import lint, lint_model
from lifecycle.lint_people import lint_group, lint_person, lint_rotation
from lifecycle.lint_reach import named_targets
from lifecycle.ownership import PERSON
from lifecycle.records import ModelRecord, people_of_rotation
from lifecycle.roster import GroupFile, ModelFile, PersonFile, RotationFile

_zones = cache(available_timezones)


def resolved(document: Document) -> Document:
    """Merge a definition with the templates that it extends; raises Invalid."""
    if not extends_others(document):
        return document
    try:
        return extended(document).document
    except DocumentError as error:
        raise unreadable(error) from error


def checked_lifecycle(lifecycle: Lifecycle, document: Document) -> list[dict[str, Any]]:
    """Give a definition's warnings; raises Invalid when it can't finish."""
    if lifecycle.calendar is not None and (problem := problem_of(lifecycle.calendar)):
        raise unreadable(
            DocumentError([document.problem(("calendar",), problem)], name=document.name)
        )
    return _judged(lint(lifecycle, knows_zone=_zones().__contains__), document)


async def checked_model(
    connection: AsyncConnection, file: ModelFile, document: Document
) -> list[dict[str, Any]]:
    """Give a model's warnings; raises Invalid when its lifecycle is unknown or can't finish."""
    lifecycle = await get_lifecycle(connection, file.lifecycle)
    if lifecycle is None:
        message = f"There is no lifecycle {file.lifecycle}; apply it first."
        problem = document.problem(("lifecycle",), message)
        raise unreadable(DocumentError([problem], name=document.name))
    return _judged(await _model_findings(connection, lifecycle, file), document)


async def _model_findings(
    connection: AsyncConnection, lifecycle: Lifecycle, file: ModelFile
) -> tuple[Finding, ...]:
    named = [ref for refs in file.owners.values() for ref in refs]
    named += [target.removeprefix(PERSON) for target in named_targets(lifecycle)]
    groups, rotations = await crews_named(connection, named)
    for group in groups.values():
        named += group.members
    for rotation in rotations.values():
        named += people_of_rotation(rotation)
    people = await people_upwards(connection, named)
    bases = await bases_upwards(connection, file.built_on)
    return lint_model(lifecycle, file, people, groups=groups, rotations=rotations, bases=bases)


async def checked_handover(connection: AsyncConnection, record: ModelRecord, offer: Offer) -> None:
    """Raise Refused when the model could no longer finish once the receiver holds the role.

    What was wrong before is nobody's reason to keep a role.
    """
    lifecycle = await get_lifecycle(connection, record.file.lifecycle)
    if lifecycle is None:
        return
    owners = record.file.owners
    taken = tuple(offer.receiver if one == offer.giver else one for one in owners[offer.role])
    after = record.file.model_copy(update={"owners": {**owners, offer.role: taken}})
    known = await _model_findings(connection, lifecycle, record.file)
    wrong_before = {finding.path for finding in known if finding.severity == "error"}
    for finding in await _model_findings(connection, lifecycle, after):
        if finding.severity == "error" and finding.path not in wrong_before:
            raise Refused("would-not-finish", f"With {offer.receiver}: {finding.message}")


async def checked_away(
    connection: AsyncConnection, person: str, file: PersonFile, document: Document, now: datetime
) -> list[dict[str, Any]]:
    """Give warnings; raises Invalid for somebody who can't stand in in a period yet to end."""
    people = await people_standing_in(connection, file)
    findings = lint_person(person, {**people, person: file})
    ended = {index for index, one in enumerate(file.away) if one.until <= now}
    return _judged(
        (
            one if ended.intersection(one.path) else one._replace(severity="error")
            for one in findings
            if one.path[0] == "away"
        ),
        document,
    )


async def checked_person(
    connection: AsyncConnection, person: str, file: PersonFile, document: Document
) -> list[dict[str, Any]]:
    """Give a person's warnings; raises Invalid for a calendar or a stand-in that can't work."""
    _check_calendar(file, document)
    people = await people_standing_in(connection, file)
    return _judged(lint_person(person, {**people, person: file}), document)


async def checked_group(
    connection: AsyncConnection, file: GroupFile, document: Document
) -> list[dict[str, Any]]:
    """Give a group's warnings; raises Invalid for members who aren't people."""
    people = await people_named(connection, file.members)
    return _judged(lint_group(file, people), document)


async def checked_rotation(
    connection: AsyncConnection, file: RotationFile, document: Document
) -> list[dict[str, Any]]:
    """Give a rotation's warnings; raises Invalid for an unknown zone and who isn't a person."""
    _check_calendar(file, document)
    people = await people_named(connection, people_of_rotation(file))
    return _judged(lint_rotation(file, people), document)


def _check_calendar(file: PersonFile | RotationFile, document: Document) -> None:
    wrong = [document.problem((key,), problem) for key, problem in calendar_problems(file)]
    if wrong:
        raise unreadable(DocumentError(wrong, name=document.name))


def _judged(findings: Iterable[Finding], document: Document) -> list[dict[str, Any]]:
    found = list(findings)
    errors = [document.problem(one.path, one.message) for one in found if one.severity == "error"]
    if errors:
        raise unreadable(DocumentError(errors, name=document.name))
    return [_warned(document.problem(one.path, one.message)) for one in found]


def _warned(problem: Problem) -> dict[str, Any]:
    return {
        "path": dotted(problem.path),
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
