"""Whether Slack accepts the app's token, as all workers know it: lost once, probed by one."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.database import journals
from integrations.database.rows import table_of
from lifecycle.values import Frozen, Instant

_token = table_of(journals.SlackToken)


class LostToken(Frozen):
    """A workspace whose token Slack does not accept."""

    team: str
    lost_since: Instant
    code: str
    """Slack's: `token_revoked`, `invalid_auth`, …"""


async def lost_tokens(connection: AsyncConnection, team: str | None = None) -> list[LostToken]:
    """Give the workspaces whose token is lost, or the one asked for when it is."""
    wanted = select(_token.c.team, _token.c.lost_since, _token.c.code).order_by(_token.c.team)
    wanted = wanted.where(_token.c.lost_since.is_not(None))
    if team is not None:
        wanted = wanted.where(_token.c.team == team)
    rows = await connection.execute(wanted)
    return [LostToken(**row._mapping) for row in rows]


async def note_lost(connection: AsyncConnection, team: str, code: str, at: datetime) -> bool:
    """Write down that a token is lost; False when that was known."""
    values = {"lost_since": at, "code": code, "probed_at": at}
    new = insert(_token).values(team=team, of_settings=False, **values)
    result = await connection.execute(
        new.on_conflict_do_update(
            index_elements=[_token.c.team], set_=values, where=_token.c.lost_since.is_(None)
        )
    )
    return bool(result.rowcount)


async def note_good(connection: AsyncConnection, team: str) -> bool:
    """Write down that a token works; False when nothing else was known."""
    result = await connection.execute(
        update(_token)
        .where(_token.c.team == team, _token.c.lost_since.is_not(None))
        .values(lost_since=None, code="")
    )
    return bool(result.rowcount)


async def claim_probe(
    connection: AsyncConnection, team: str, at: datetime, every: timedelta
) -> bool:
    """Say whether the caller is the one who tries a lost token now; the others leave it."""
    is_due = or_(_token.c.probed_at.is_(None), _token.c.probed_at <= at - every)
    result = await connection.execute(
        update(_token)
        .where(_token.c.team == team, _token.c.lost_since.is_not(None), is_due)
        .values(probed_at=at)
    )
    return bool(result.rowcount)


async def note_own(connection: AsyncConnection, team: str) -> None:
    """Write down which workspace the settings' token is for."""
    others = update(_token).where(_token.c.team != team, _token.c.of_settings)
    await connection.execute(others.values(of_settings=False))
    new = insert(_token).values(team=team, code="", of_settings=True)
    await connection.execute(
        new.on_conflict_do_update(index_elements=[_token.c.team], set_={"of_settings": True})
    )


async def own_team(connection: AsyncConnection) -> str | None:
    """Give the workspace that the settings' token was for when Slack last accepted it."""
    found: str | None = await connection.scalar(select(_token.c.team).where(_token.c.of_settings))
    return found
