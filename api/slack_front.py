"""Brings what Slack sends to the ingress of the workspace that it is for."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from api.deps import Composition
from api.slack_installed import PerWorkspace
from api.slack_interactions import FOREIGN
from api.slack_uninstalling import note_end
from integrations.database.slack_installations import Ending
from integrations.slack import modals
from integrations.slack.text import Json

ENDINGS: dict[str, Ending] = {
    "app_uninstalled": "app_uninstalled",
    "tokens_revoked": "tokens_revoked",
}
JSON_TYPE: dict[str, str | Sequence[str]] = {"content-type": ["application/json"]}
FOUND_WITHIN = timedelta(seconds=0.7)
"""A click has three seconds in all."""

_log = logging.getLogger(__name__)


class Front:
    """One address, or one socket, for all workspaces that the app is installed in."""

    def __init__(
        self,
        composition: Composition,
        installed: PerWorkspace[AsyncApp],
        single: AsyncApp | None = None,
    ) -> None:
        """Take the ingress of each workspace, and that of the settings' token, if there is one."""
        self._composition = composition
        self._installed = installed
        self._single = single

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer a request; what is for no workspace of ours is answered as foreign."""
        try:
            if (ending := ENDINGS.get(_event(req.body).get("type", ""))) is not None:
                return await self._end(req, ending)
            app = await self._ingress_of(req)
        except Exception:  # noqa: BLE001 - the edge: while the database is away, nobody knows whose it is
            _log.warning("can't tell which workspace a request is for", exc_info=True)
            # Slack repeats events, and shows its own warning to whoever clicked.
            return BoltResponse(status=503, body="not now")
        return await app.async_dispatch(req) if app is not None else await _foreign(req.body)

    async def _ingress_of(self, req: AsyncBoltRequest) -> AsyncApp | None:
        places = _places(req)
        found = self._installed.of(*places)
        if found is None and any(places) and not await self._is_own(places):
            async with asyncio.timeout(FOUND_WITHIN.total_seconds()):
                await self._installed.look()
            found = self._installed.of(*places)
        return found or self._single  # which judges by itself whether somebody is foreign

    async def _is_own(self, places: tuple[str | None, ...]) -> bool:
        own = await self._composition.slack_home.id()
        return own is not None and own in places

    async def _end(self, req: AsyncBoltRequest, why: Ending) -> BoltResponse:
        """Write down that an installation ended; Slack doesn't say in which order it tells."""
        event, context = _event(req.body), req.context
        bots = event.get("tokens", {}).get("bot") or [] if why == "tokens_revoked" else None
        since = datetime.fromtimestamp(int(req.body.get("event_time") or 0), UTC)
        ended = await note_end(
            self._composition.engine,
            (context.team_id, context.enterprise_id),
            why,
            at=self._composition.clock(),
            since=since,
            bots=None if bots is None else tuple(str(each) for each in bots),
        )
        if ended is not None:
            _log.error("the Slack app no longer works in %s: %s", ended, why)
            await self._installed.look()
        return BoltResponse(status=200)


def _places(req: AsyncBoltRequest) -> tuple[str | None, ...]:
    """Name the workspaces that a request may be for.

    In a shared channel it names the team of who acts; the message is then of ours.
    """
    message = req.body.get("message")
    author = message.get("team") if isinstance(message, dict) else None
    known = (req.context.team_id, req.context.enterprise_id, author)
    return tuple(one if isinstance(one, str) else None for one in known)


def _event(body: Json) -> Json:
    event = body.get("event") if body.get("type") == "event_callback" else None
    return event if isinstance(event, dict) else {}


async def _foreign(body: Json) -> BoltResponse:
    """Tell somebody of a workspace without the app, as far as it can be told without a token."""
    if body.get("type") == "url_verification":
        return BoltResponse(status=200, body=str(body.get("challenge", ""))[:1_000])
    if body.get("type") == "view_submission":
        answer = {"response_action": "update", "view": modals.message("Not here", FOREIGN)}
        return BoltResponse(status=200, body=json.dumps(answer), headers=JSON_TYPE)
    if "command" in body:
        return BoltResponse(status=200, body=FOREIGN)
    if url := body.get("response_url"):
        await _say(str(url))
    return BoltResponse(status=200)


async def _say(url: str) -> None:
    try:
        webhook = AsyncWebhookClient(url, timeout=1, retry_handlers=[])
        await webhook.send(text=FOREIGN, response_type="ephemeral", replace_original=False)
    except Exception:  # noqa: BLE001 - the edge: nothing was decided, only the words are missing
        _log.warning("could not answer somebody of a foreign workspace", exc_info=True)
