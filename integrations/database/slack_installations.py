import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals
from integrations.database.ledger import append_registry, lock_registry
from integrations.database.rows import table_of
from integrations.database.slack_tokens import note_good, note_lost
from lifecycle.registry import SlackInstalled, SlackUninstalled, subject_of
from lifecycle.values import Frozen, Instant

INSTALLED = "installed"
Ending = Literal["asked", "app_uninstalled", "tokens_revoked"]

_row = table_of(journals.SlackInstallation)
_link = table_of(journals.SlackInstallLink)
_shown = [one for one in _row.columns if one.name != "sealed_token"]


class Installation(Frozen):
    """A workspace that the app was installed in; its token is asked for apart."""

    id: str
    enterprise: str | None = None
    name: str = ""
    url: str = ""
    app: str = ""
    bot_user: str = ""
    scopes: tuple[str, ...] = ()
    state: str = INSTALLED
    revision: int = 1
    first_installed_at: Instant
    installed_at: Instant
    installed_by: str
    ended_at: Instant | None = None

    @property
    def is_live(self) -> bool:
        """Whether the app works in it."""
        return self.state == INSTALLED

    @property
    def is_org_wide(self) -> bool:
        """Whether it stands for all workspaces of an organisation."""
        return self.id == self.enterprise


async def save_installation(
    connection: AsyncConnection, fact: SlackInstalled, *, url: str, sealed_token: str
) -> None:
    """Write down an installation, or that it was done again, and put the fact on record."""
    await lock_registry(connection)
    new = {
        "enterprise": fact.enterprise,
        "name": fact.name,
        "url": url,
        "app": fact.app,
        "bot_user": fact.bot_user,
        "scopes": list(fact.scopes),
        "sealed_token": sealed_token,
        "state": INSTALLED,
        "installed_at": fact.at,
        "installed_by": fact.by,
        "ended_at": None,
    }
    await connection.execute(
        insert(_row)
        .values(id=fact.workspace, first_installed_at=fact.at, revision=1, **new)
        .on_conflict_do_update(index_elements=["id"], set_={**new, "revision": _row.c.revision + 1})
    )
    await note_good(connection, fact.workspace)
    await append_registry(connection, subject_of("workspace", fact.workspace), fact)


async def end_installation(
    connection: AsyncConnection,
    workspace: str,
    why: Ending,
    *,
    by: str,
    at: datetime,
    since: datetime | None = None,
) -> bool:
    """Forget a workspace's token; False when it has none, or was installed again after `since`.

    `since` is in whole seconds, as Slack's events are. An end that Slack told of first may still be
    asked for, and is then nobody's worry.
    """
    await lock_registry(connection)
    known = await get_installation(connection, workspace)
    if known is None or not (known.is_live or (why == "asked" and known.state != "asked")):
        return False
    if since is not None and since < known.installed_at.replace(microsecond=0):
        return False
    await connection.execute(
        update(_row)
        .where(_row.c.id == workspace)
        .values(state=why, sealed_token=None, ended_at=at, revision=_row.c.revision + 1)
    )
    if why == "asked":
        await note_good(connection, workspace)
    else:  # nobody here wanted it, so it is one loud state until the app is installed again
        await note_lost(connection, workspace, why, at)
    fact = SlackUninstalled(at=at, by=by, workspace=workspace, why=why)
    await append_registry(connection, subject_of("workspace", workspace), fact)
    return True


async def get_installation(connection: AsyncConnection, workspace: str) -> Installation | None:
    """Find a workspace by id, installed or not any more."""
    rows = await connection.execute(select(*_shown).where(_row.c.id == workspace))
    row = rows.first()
    return _read(row) if row else None


async def list_installations(connection: AsyncConnection) -> tuple[Installation, ...]:
    """List all workspaces, those first that were installed first."""
    rows = await connection.execute(select(*_shown).order_by(_row.c.first_installed_at, _row.c.id))
    return tuple(_read(row) for row in rows)


async def live_revisions(connection: AsyncConnection) -> dict[str, int]:
    """Give the workspaces that the app works in, each with its revision."""
    rows = await connection.execute(
        select(_row.c.id, _row.c.revision).where(_row.c.state == INSTALLED)
    )
    return {row.id: row.revision for row in rows}


async def sealed_token(connection: AsyncConnection, workspace: str) -> str | None:
    """Give a workspace's token as it is sealed; None when it is forgotten."""
    found: str | None = await connection.scalar(
        select(_row.c.sealed_token).where(_row.c.id == workspace)
    )
    return found


async def reseal_tokens(
    connection: AsyncConnection, reseal: Callable[[str, str], str | None]
) -> int:
    """Replace sealed tokens by what `reseal(workspace, sealed)` gives; give how many it did."""
    await lock_registry(connection)
    rows = await connection.execute(
        select(_row.c.id, _row.c.sealed_token).where(_row.c.sealed_token.is_not(None))
    )
    changed = 0
    for row in rows.all():
        sealed = reseal(row.id, row.sealed_token)
        if sealed is not None:
            await connection.execute(
                update(_row).where(_row.c.id == row.id).values(sealed_token=sealed)
            )
            changed += 1
    return changed


async def add_link(
    connection: AsyncConnection, ticket: str, *, by: str, at: datetime, expires_at: datetime
) -> None:
    """Keep an administrator's leave to install the app; those that are over are dropped."""
    await connection.execute(delete(_link).where(_link.c.expires_at <= at))
    values = {"ticket_hash": _hash(ticket), "by": by, "expires_at": expires_at}
    await connection.execute(insert(_link).values(**values))


async def open_link(connection: AsyncConnection, ticket: str, state: str, *, at: datetime) -> bool:
    """Bind a link to the state of the browser that opened it last; False when it is over."""
    found = await connection.execute(
        update(_link)
        .where(_link.c.ticket_hash == _hash(ticket), _link.c.expires_at > at)
        .values(state_hash=_hash(state))
    )
    return found.rowcount == 1


async def use_link(connection: AsyncConnection, state: str, *, at: datetime) -> str | None:
    """Use a link up by its state; give who made it, None when there is none of this state."""
    found: str | None = await connection.scalar(
        delete(_link)
        .where(_link.c.state_hash == _hash(state), _link.c.expires_at > at)
        .returning(_link.c.by)
    )
    return found


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(row: Any) -> Installation:
    return Installation.model_validate(dict(row._mapping))
