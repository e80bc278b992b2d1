"""The HTTP API as the commands use it: plain JSON in and out, failures as sentences."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import quote
from uuid import uuid4

import httpx

from api.cli.failures import Declined, Failed, OutcomeUnknown, Unreachable
from api.cli.problems import sentence_of

Answer: TypeAlias = dict[str, Any]
Parameters: TypeAlias = Mapping[str, str | int | bool | None]

CONNECT_WITHIN = timedelta(seconds=5)
ANSWER_WITHIN = timedelta(seconds=30)
"""Longer than a decision waits for its worker, 10 s."""
TRIES = 4
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=8)
MOST_A_PAGE = 200


class Api:
    """One server, and the key it is asked with, which is never shown."""

    def __init__(self, url: str, key: str, *, through_proxy: bool = True) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
            timeout=httpx.Timeout(
                ANSWER_WITHIN.total_seconds(), connect=CONNECT_WITHIN.total_seconds()
            ),
            trust_env=through_proxy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        """Read something; raises Unreachable, Declined, Failed."""
        given = {k: v for k, v in (parameters or {}).items() if v is not None}
        return self._answer("GET", path, params=given)

    def pages(self, path: str, parameters: Parameters, limit: int) -> Answer:
        """Read a list of at most `limit` items over its pages, as the API writes one page."""
        items: list[Any] = []
        asked: dict[str, str | int | bool | None] = dict(parameters)
        while True:
            page = self.get(path, {**asked, "limit": min(MOST_A_PAGE, limit - len(items))})
            items += page.get("items", [])
            asked["cursor"] = page.get("next")
            if asked["cursor"] is None or len(items) >= limit:
                return {**page, "items": items}

    def write(
        self, method: str, path: str, body: object, *, idempotency_key: str | None = None
    ) -> Answer:
        """Write something once, however often it has to be sent.

        The same Idempotency-Key goes with every try, so that one that was done and whose answer
        got lost isn't done again. Raises Unreachable, Declined, OutcomeUnknown, Failed.
        """
        return self._persist(method, path, body, {"Idempotency-Key": idempotency_key or new_key()})

    def send_event(self, event: Answer) -> Answer:
        """Post a CloudEvent; its own id makes a repeat safe."""
        return self._persist(
            "POST", "/v1/events", event, {"Content-Type": "application/cloudevents+json"}
        )

    def _persist(self, method: str, path: str, body: object, headers: dict[str, str]) -> Answer:
        pause = FIRST_PAUSE
        for left in reversed(range(TRIES)):
            try:
                return self._answer(method, path, json=body, headers=headers)
            except (Declined, OutcomeUnknown) as failure:
                if left == 0 or not _is_worth_repeating(failure):
                    raise
                wanted = getattr(failure, "retry_after", None) or pause
            # No event tells when a server is well again.
            time.sleep(min(wanted, LONGEST_PAUSE).total_seconds())
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _answer(self, method: str, path: str, **request: Any) -> Answer:
        with self._said():
            response = self._client.request(method, path, **request)
        if not response.is_success:
            sentence = sentence_of(response.status_code, _json(response), self.url)
            if response.status_code == httpx.codes.GATEWAY_TIMEOUT:
                raise OutcomeUnknown(sentence)
            raise Declined(sentence, response.status_code, _retry_after(response))
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        body = _json(response)
        if not isinstance(body, dict):
            raise Failed(f"{self.url} doesn't answer as Undersigned does. Is the address right?")
        return body

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say what went wrong between here and the server."""
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(
                f"Nothing answers at {self.url}. Start it with `undersigned run`, or name the "
                f"server with --url or UNDERSIGNED_URL."
            ) from error
        except httpx.RequestError as error:
            raise OutcomeUnknown(f"{self.url} didn't answer ({type(error).__name__}).") from error


def path(*parts: str) -> str:
    """Write a path below `/v1` of which each part may hold any character."""
    return "/v1/" + "/".join(map(_encoded, parts))


def new_key() -> str:
    """Make a name for one write."""
    return str(uuid4())


def _encoded(part: str) -> str:
    if part in {".", ".."}:  # would be steps in the path
        return part.replace(".", "%2E")
    return quote(part, safe="")


def _is_worth_repeating(failure: Declined | OutcomeUnknown) -> bool:
    """Only a server that is away for a moment; 500 is a fault that comes again."""
    return isinstance(failure, OutcomeUnknown) or failure.status in {
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
    }


def _retry_after(response: httpx.Response) -> timedelta | None:
    """Read the header's seconds; its other form, a date, is not used by the API."""
    text = response.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() else None


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
