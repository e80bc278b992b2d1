"""Problem details (RFC 9457): one base, one shape, handlers for what the base does not reach."""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.metrics import PROBLEMS, REFUSALS
from integrations.places import DocumentError, dotted

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """One thing that is wrong in a request, and where."""

    path: str = ""
    line: int | None = None
    column: int | None = None
    message: str


class ProblemDocument(BaseModel):
    """Every error: what was wrong, and what to do next."""

    model_config = ConfigDict(extra="allow")

    type: str
    """Stable; `urn:undersigned:` and the kind."""
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FieldProblem] | None = None


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """The base of every error that the API answers."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong here"
    is_refusal: ClassVar[bool] = False
    """Whether the rules said no, and nothing was wrong with the request."""

    def __init__(
        self,
        detail: str,
        *,
        errors: Iterable[FieldProblem] = (),
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers
        self.more = more

    def document(self) -> dict[str, Any]:
        """Give the problem as JSON."""
        document = ProblemDocument(
            type=f"urn:undersigned:{self.kind}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors or None,
            **self.more,
        )
        return document.model_dump(mode="json", exclude_none=True)

    def response(self) -> Response:
        """Give the problem as a response, and count it."""
        PROBLEMS.labels(self.kind).inc()
        if self.is_refusal:
            REFUSALS.labels(self.kind).inc()
        return JSONResponse(self.document(), self.status, self.headers, MEDIA_TYPE)


class Unauthenticated(Problem):
    """The request carries no live API key."""

    status, kind, title = 401, "unauthenticated", "A live API key is needed"


class Forbidden(Problem):
    """The key may not do this."""

    status, kind, title = 403, "forbidden", "This key may not do that"


class NotFound(Problem):
    """What the request names does not exist."""

    status, kind, title = 404, "not-found", "There is no such thing"


class Conflict(Problem):
    """Something else is known under this name."""

    status, kind, title = 409, "conflict", "Something else is known under this name"


class TooLarge(Problem):
    """The body is over the limit."""

    status, kind, title = 413, "too-large", "The body is too large"


class UnsupportedMedia(Problem):
    """The content type is not one that the route reads."""

    status, kind, title = 415, "unsupported-media-type", "This content type is not read here"


class Invalid(Problem):
    """The request can't be used as it is."""

    status, kind, title = 422, "invalid-request", "The request can't be used as it is"


class KeyReused(Problem):
    """An Idempotency-Key came before with another body."""

    status, kind, title = 422, "idempotency-key-reused", "The Idempotency-Key was used before"


class DatabaseUnreachable(Problem):
    """PostgreSQL can't be used now."""

    status, kind, title = 503, "database-unreachable", "The database can't be reached"


class ProjectionBehind(Problem):
    """The rows are not yet as new as `at_least` wants."""

    status, kind, title = 503, "projection-behind", "The lists are not that far yet"


class Unsent(Problem):
    """Temporal can't be reached; nothing was sent."""

    status, kind, title = 503, "nothing-sent", "Nothing was sent"


class SlackNotSetUp(Problem):
    """Nobody can check what claims to come from Slack."""

    status, kind, title = 503, "slack-not-set-up", "Slack is not set up here"


class SlackAway(Problem):
    """Slack gives no answer; nothing was changed."""

    status, kind, title = 503, "slack-away", "Slack does not answer"


class Busy(Problem):
    """Too many messages wait already; nothing was taken."""

    status, kind, title = 429, "too-many-waiting", "Too many messages wait for this version"


class Unknown(Problem):
    """Nobody answered in time; it may still be applied."""

    status, kind, title = 504, "outcome-unknown", "The outcome is not known"


class Refusal(Problem):
    """The rules don't allow it: `status` and `type` follow the rule's code."""

    status, kind, title = 422, "refused", "The rules don't allow it"
    is_refusal = True

    def __init__(self, status: int, code: str, reason: str, **more: Any) -> None:
        super().__init__(reason, **more)
        self.status = status  # type: ignore[misc]  # the one problem whose status the rules choose
        self.kind = code  # type: ignore[misc]  # likewise


class OtherRevision(Problem):
    """What was decided on is not what stands now."""

    status, kind, title = 409, "other-revision", "Something else stands now"
    is_refusal = True


class HttpProblem(Problem):
    """What the framework refuses: an unknown path, a wrong method."""

    def __init__(self, error: HTTPException) -> None:
        phrase = HTTPStatus(error.status_code).phrase
        super().__init__(str(error.detail), headers=dict(error.headers or {}))
        self.status = error.status_code  # type: ignore[misc]  # the framework chooses it
        self.title = phrase  # type: ignore[misc]  # likewise
        self.kind = phrase.lower().replace(" ", "-")  # type: ignore[misc]  # likewise


def unreadable(error: DocumentError, detail: str | None = None) -> Invalid:
    """Turn what is wrong with a document into a problem with every place."""
    problems = [
        FieldProblem(path=dotted(one.path), line=one.line, column=one.column, message=one.message)
        for one in error.problems
    ]
    return Invalid(detail or f"The {error.name} can't be used; see `errors`.", errors=problems)


def described(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Describe, for OpenAPI, the problems that a route answers besides the ones of every route."""
    always: tuple[type[Problem], ...] = (Unauthenticated, Forbidden, Invalid, DatabaseUnreachable)
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in dict.fromkeys((*kinds, *always)):
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _described(status, group) for status, group in sorted(by_status.items())}


def _described(status: int, kinds: list[type[Problem]]) -> dict[str, Any]:
    example = {
        "type": f"urn:undersigned:{kinds[0].kind}",
        "title": kinds[0].title,
        "status": status,
        "detail": kinds[0].__doc__ or "",
    }
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        "description": "; ".join(f"`{kind.kind}`: {kind.title}" for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }


def handle_problems(app: FastAPI) -> None:
    """Answer every error of an application as a problem document, never with a traceback."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldProblem(path=".".join(str(step) for step in one["loc"]), message=str(one["msg"]))
        for one in error.errors()
    ]
    return Invalid(
        "A parameter of the request can't be used; see `errors`.", errors=errors
    ).response()


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = HttpProblem(error)
    if error.status_code == HTTPStatus.NOT_FOUND:
        problem.detail = f"There is no {request.url.path[:200]}; /openapi.json lists what there is."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "see /openapi.json")
        problem.detail = f"{request.method} is not possible here; possible: {allowed}."
    return problem.response()


async def _on_unexpected(request: Request, error: Exception) -> Response:
    instance = f"urn:uuid:{uuid4()}"
    _log.error("%s %s failed, %s", request.method, request.url.path, instance, exc_info=error)
    return Problem(
        "This is a fault of the server, and it is logged. Repeat the request; if it fails again,"
        " tell the operator the `instance`.",
        instance=instance,
    ).response()
