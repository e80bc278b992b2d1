"""The size of a body, bounded before anything reads it whole."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TooLarge
from integrations.documents import MAX_BODY_BYTES


class BodyLimit:
    """Refuses bodies over 1 MiB with 413, whether or not they say their length."""

    def __init__(self, app: ASGIApp, *, most: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and stop reading it at the limit."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = dict(scope["headers"]).get(b"content-length", b"")
        if stated.isdigit() and (len(stated) > 18 or int(stated) > self._most):
            await self._refusal().response()(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self._most:
                raise self._refusal()
            return message

        return counted

    def _refusal(self) -> TooLarge:
        return TooLarge(
            f"A body has at most {self._most // 1024} KiB; send less, or in several requests.",
            headers={"connection": "close"},
        )
