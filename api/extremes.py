"""Values that are well formed and still no use: NUL characters, instants past the calendar."""

from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Invalid

_ADVICE = "Send text without NUL characters and lone surrogates, times from year 1 to 9999 in UTC."
_OUT_OF_RANGE = "22"
"""SQLSTATE class 22, data exception: out of range, not in the encoding, not a time."""


class NoNul:
    """Refuses NUL characters in paths and queries, which no name and no row can hold."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            sent = scope.get("raw_path", b"") + scope.get("query_string", b"")
            if b"\x00" in sent or b"%00" in sent:
                await Invalid(_ADVICE).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def handle_extremes(app: FastAPI) -> None:
    """Answer values that nothing can be made of as the caller's, not as ours."""
    for kind in (OverflowError, UnicodeEncodeError):
        app.add_exception_handler(kind, _on_extreme)
    app.add_exception_handler(DBAPIError, _on_database)


async def _on_extreme(_: Request, __: Exception) -> Response:
    return Invalid(f"A value can't be used. {_ADVICE}").response()


async def _on_database(_: Request, error: Exception) -> Response:
    state = str(getattr(getattr(error, "orig", None), "sqlstate", "") or "")
    if not state.startswith(_OUT_OF_RANGE):
        raise error
    return Invalid(f"A value can't be used. {_ADVICE}").response()
