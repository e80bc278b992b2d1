"""One part of a process for each workspace that the app is installed in, while it is."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from api.slack_installing import open_token
from integrations.database import slack_installations as store
from integrations.database.engine import is_unreachable
from integrations.settings import Settings
from integrations.slack.members import Team
from integrations.slack.sealing import SealBroken

LOOK_EVERY = timedelta(seconds=5)
"""One small query; an installation works everywhere, and its end counts, within this."""

Part = TypeVar("Part")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Installed:
    """A workspace that the app works in, with its token."""

    team: Team
    token: str = field(repr=False)
    revision: int


@dataclass
class _Running(Generic[Part]):
    revision: int
    task: "asyncio.Task[None]"
    over: asyncio.Event
    part: Part


class PerWorkspace(Generic[Part]):
    """Starts and ends the parts as the app is installed and taken out, without a restart."""

    def __init__(
        self,
        engine: AsyncEngine,
        settings: Settings,
        start: Callable[[Installed], AbstractAsyncContextManager[Part]],
        *,
        linger: timedelta = timedelta(0),
        every: timedelta = LOOK_EVERY,
    ) -> None:
        """Prepare; a part that is replaced goes on for `linger`, with what it has begun."""
        self._engine = engine
        self._settings = settings
        self._start = start
        self._linger = linger
        self._every = every
        self._parts: dict[str, _Running[Part]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._unusable: set[tuple[str, int]] = set()
        self._lock = asyncio.Lock()
        self._looked_at = float("-inf")

    def of(self, *workspaces: str | None) -> Part | None:
        """Give the part of the first of these workspaces that the app is installed in."""
        found = (self._parts[one] for one in workspaces if one in self._parts)
        return next((one.part for one in found), None)

    def __contains__(self, workspace: str) -> bool:
        return workspace in self._parts

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the edge: the next look may succeed
                if is_unreachable(error):
                    _log.warning("can't look which workspaces the app is installed in")
                else:
                    _log.exception("can't look which workspaces the app is installed in")
            await asyncio.sleep(self._every.total_seconds())

    async def look(self) -> None:
        """Bring the parts up to what is installed now; all who ask meanwhile share one look.

        Raises what the database raises.
        """
        clock = asyncio.get_running_loop().time
        asked_at = clock()
        async with self._lock:
            if self._looked_at > asked_at:
                return
            began_at = clock()
            async with self._engine.connect() as connection:
                live = await store.live_revisions(connection)
            self._looked_at = began_at
            self._drop(live)
            for workspace, revision in live.items():
                if workspace not in self._parts:
                    await self._begin(workspace, revision)

    async def close(self) -> None:
        """End all parts."""
        running = [one.task for one in self._parts.values()]
        self._parts.clear()
        for task in (*running, *self._ending):
            task.cancel()
        await asyncio.gather(*running, *self._ending, return_exceptions=True)

    def _drop(self, live: Mapping[str, int]) -> None:
        """Let go of what is not installed any more, installed anew, or ended by itself."""
        for workspace, running in list(self._parts.items()):
            if live.get(workspace) == running.revision and not running.task.done():
                continue
            del self._parts[workspace]
            running.over.set()
            self._ending.add(running.task)
            running.task.add_done_callback(self._ending.discard)

    async def _begin(self, workspace: str, revision: int) -> None:
        installed = await self._read(workspace, revision)
        if installed is None:
            return
        over, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._hold(installed, over, ready))
        # A task of its own for each, since what it opens must be closed where it was opened.
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            return  # it was logged; the next look tries again
        self._parts[workspace] = _Running(installed.revision, task, over, ready.result())

    async def _read(self, workspace: str, revision: int) -> Installed | None:
        async with self._engine.connect() as connection:
            known = await store.get_installation(connection, workspace)
            sealed = await store.sealed_token(connection, workspace)
        if known is None or not known.is_live or sealed is None:
            return None
        try:
            token = open_token(self._settings, workspace, sealed)
        except SealBroken as broken:
            if (workspace, revision) not in self._unusable:
                self._unusable.add((workspace, revision))
                _log.error("the token of %s can't be used: %s", workspace, broken)
            return None
        team = Team(
            id=known.id,
            enterprise=known.enterprise,
            bot_user=known.bot_user,
            scopes=frozenset(known.scopes),
            url=known.url,
        )
        return Installed(team, token, known.revision)

    async def _hold(
        self, installed: Installed, over: asyncio.Event, ready: "asyncio.Future[Part]"
    ) -> None:
        try:
            async with self._start(installed) as part:
                ready.set_result(part)
                await over.wait()
                await asyncio.sleep(self._linger.total_seconds())
        except Exception:  # noqa: BLE001 - the edge: one workspace must not take the others with it
            _log.exception("the part of %s ended; it is started again", installed.team.id)
