"""Files checked against the rules before they are taken."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncConnection

from api.problems import unreadable
from integrations.database.registry import get_lifecycle
from integrations.database.reporting_lines import people_upwards
from integrations.documents import Document, DocumentError, dotted
from integrations.extending import extended, extends_others
from integrations.places import Problem
from integrations.working_time import problem_of
from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding
from lifecycle.lint import lint, lint_model
from lifecycle.roster import ModelFile

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
    owners = [person for people in file.owners.values() for person in people]
    people = await people_upwards(connection, owners)
    return _judged(lint_model(lifecycle, file, people), document)


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
