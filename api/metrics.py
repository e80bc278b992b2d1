"""What Prometheus reads at `/metrics`."""

from time import perf_counter
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter(
    "undersigned_requests_total", "Answered requests.", ["method", "route", "status"]
)
SECONDS = Histogram("undersigned_request_seconds", "Time to an answer.", ["method", "route"])
REFUSALS = Counter("undersigned_refusals_total", "What the rules refused, by code.", ["code"])
PROBLEMS = Counter("undersigned_problems_total", "Problem documents, by type.", ["type"])
EVENTS = Counter("undersigned_events_total", "Events taken in.", ["type", "status"])
TOKENS_LOST = Gauge(
    "undersigned_slack_tokens_lost", "Slack workspaces whose token is refused, so nothing is sent."
)
GATES = Counter("undersigned_gate_answers_total", "Answers of gates.", ["allowed", "certain"])

_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}


def exposition() -> Response:
    """Give all metrics of this process in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """Counts and times requests by route, and keeps answers out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = "500"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = _route(scope)
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(method, route).observe(perf_counter() - began)


def _route(scope: dict[str, Any] | Scope) -> str:
    """Give the template of the path: paths themselves would be labels without end."""
    return str(getattr(scope.get("route"), "path", "none"))
